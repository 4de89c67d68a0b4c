ALTER TABLE projects DROP COLUMN public_id;
DROP EXTENSION "uuid-ossp";
