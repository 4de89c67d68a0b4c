-- One row a user and issue was not enough: a watch has a reason.
ALTER TABLE watchers ADD COLUMN reason TEXT NOT NULL DEFAULT 'manual';
ALTER TABLE watchers DROP CONSTRAINT watchers_pkey;
ALTER TABLE watchers ADD PRIMARY KEY (user_id, issue_id, reason);
