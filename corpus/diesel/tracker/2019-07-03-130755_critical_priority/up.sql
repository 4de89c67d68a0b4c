ALTER TYPE issue_priority ADD VALUE IF NOT EXISTS 'critical' AFTER 'high';
