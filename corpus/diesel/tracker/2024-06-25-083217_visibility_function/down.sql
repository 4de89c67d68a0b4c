DROP FUNCTION is_visible(text, boolean);
