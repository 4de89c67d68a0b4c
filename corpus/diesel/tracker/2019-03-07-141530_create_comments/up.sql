create table comments (
    id serial primary key,
    issue_id int not null references issues on update cascade on delete cascade,
    author_id int not null references users on update cascade on delete cascade,
    body text not null,
    created_at timestamp not null default now(),
    updated_at timestamp
);
create index idx_comments_issue on comments (issue_id);
