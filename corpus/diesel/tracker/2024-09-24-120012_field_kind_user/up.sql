ALTER TYPE field_kind ADD VALUE 'user';
ALTER TYPE field_kind ADD VALUE 'url' BEFORE 'choice';
