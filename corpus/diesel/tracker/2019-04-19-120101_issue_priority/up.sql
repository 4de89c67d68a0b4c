CREATE TYPE issue_priority AS ENUM ('low', 'normal', 'high');
ALTER TABLE issues ADD COLUMN priority issue_priority NOT NULL DEFAULT 'normal';
