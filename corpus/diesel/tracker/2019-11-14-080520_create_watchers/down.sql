drop table watchers;
