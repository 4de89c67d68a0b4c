alter table users rename constraint users_name_key to users_display_name_key;
alter table users rename column name to display_name;
