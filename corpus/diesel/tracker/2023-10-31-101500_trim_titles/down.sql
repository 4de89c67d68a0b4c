ALTER TABLE issues DROP CONSTRAINT title_not_blank;
