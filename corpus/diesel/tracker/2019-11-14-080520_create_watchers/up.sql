create table watchers (
    user_id int not null,
    issue_id int not null,
    since timestamptz not null default now()
);
alter table watchers add primary key (user_id, issue_id);
alter table watchers add constraint watchers_user_fk foreign key (user_id) references users (id) on delete cascade;
alter table watchers add constraint watchers_issue_fk foreign key (issue_id) references issues (id) on delete cascade;
