CREATE TABLE sprints (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    board_id UUID NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    during DATERANGE NOT NULL,
    goal TEXT
);
ALTER TABLE issues ADD COLUMN sprint_id UUID REFERENCES sprints (id) ON DELETE SET NULL;
