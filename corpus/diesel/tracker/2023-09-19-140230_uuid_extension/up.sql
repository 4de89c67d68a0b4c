CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
ALTER TABLE projects ADD COLUMN public_id UUID NOT NULL DEFAULT uuid_generate_v4();
CREATE UNIQUE INDEX projects_public_id ON projects (public_id);
