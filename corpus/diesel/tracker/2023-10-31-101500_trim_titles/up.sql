UPDATE issues SET title = trim(title) WHERE title <> trim(title);
ALTER TABLE issues ADD CONSTRAINT title_not_blank CHECK (length(title) > 0);
