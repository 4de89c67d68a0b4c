CREATE TYPE field_kind AS ENUM ('text', 'number', 'date', 'choice');
CREATE TABLE custom_fields (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name VARCHAR(60) NOT NULL,
    kind field_kind NOT NULL DEFAULT 'text',
    choices VARCHAR(60)[],
    position SMALLINT NOT NULL DEFAULT 0
);
CREATE TABLE custom_values (
    field_id UUID NOT NULL REFERENCES custom_fields (id) ON DELETE CASCADE,
    issue_id BIGINT NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    value JSONB NOT NULL,
    PRIMARY KEY (field_id, issue_id)
);
