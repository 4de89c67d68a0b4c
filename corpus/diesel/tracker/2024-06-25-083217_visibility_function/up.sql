CREATE FUNCTION is_visible(visibility text, member boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT visibility = 'public' OR member;
$$;
