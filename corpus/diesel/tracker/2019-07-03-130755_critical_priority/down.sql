-- A value of an enum cannot be taken away; rows that have it are lowered.
UPDATE issues SET priority = 'high' WHERE priority = 'critical';
