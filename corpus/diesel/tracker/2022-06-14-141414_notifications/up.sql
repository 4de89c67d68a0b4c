create table notifications (
    id bigserial primary key,
    user_id integer not null references users (id) on delete cascade,
    issue_id integer not null references issues (id) on delete cascade,
    comment_id bigint references comments (id) on delete cascade,
    reason text not null,
    read_at timestamptz,
    created_at timestamptz not null default now()
);

create index notifications_unread on notifications (user_id, created_at desc nulls last) where read_at is null;
