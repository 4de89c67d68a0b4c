alter table users rename column display_name to name;
alter table users rename constraint users_display_name_key to users_name_key;
