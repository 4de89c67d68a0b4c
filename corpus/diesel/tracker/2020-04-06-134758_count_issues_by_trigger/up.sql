create function count_issues() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        update projects set open_issues = open_issues + 1 where id = new.project_id;
    elsif tg_op = 'DELETE' and not old.closed then
        update projects set open_issues = open_issues - 1 where id = old.project_id;
    end if;
    return null;
end $$;

create trigger issues_counted after insert or delete on issues
    for each row execute function count_issues();
