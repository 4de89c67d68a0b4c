ALTER TABLE comments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_comments ON comments FOR UPDATE USING (author_id = current_setting('tracker.user')::int);
