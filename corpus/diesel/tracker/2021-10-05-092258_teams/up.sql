CREATE TABLE teams (
    id SERIAL PRIMARY KEY,
    slug VARCHAR(40) NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]+$'),
    name VARCHAR NOT NULL
);
CREATE TYPE team_role AS ENUM ('guest', 'member', 'maintainer', 'owner');
CREATE TABLE team_members (
    team_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role team_role NOT NULL DEFAULT 'member',
    joined_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, user_id)
);
ALTER TABLE projects ADD COLUMN team_id INTEGER NULL REFERENCES teams (id) ON DELETE RESTRICT;
