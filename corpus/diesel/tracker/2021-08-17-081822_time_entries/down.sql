DROP TABLE time_entries;
DROP EXTENSION btree_gist;
