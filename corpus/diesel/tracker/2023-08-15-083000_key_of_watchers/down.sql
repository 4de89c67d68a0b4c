ALTER TABLE watchers DROP CONSTRAINT watchers_pkey;
ALTER TABLE watchers DROP COLUMN reason;
ALTER TABLE watchers ADD PRIMARY KEY (user_id, issue_id);
