create table issues (
    id serial primary key,
    project_id int not null references projects (id) on delete cascade,
    number int not null,
    author_id int references users (id) on delete set null,
    title varchar(200) not null,
    body text not null default '',
    closed boolean not null default false,
    created_at timestamp not null default now(),
    updated_at timestamp not null default now(),
    unique (project_id, number)
);

create index idx_issues_author on issues (author_id);
create index idx_issues_created on issues (created_at desc);
