//! A statement's text as it may be shown: short, on one line, without what may be a secret.

/// Longer texts are cut.
const CHARACTERS: usize = 300;

/// What follows one of these is not shown.
const SECRETS: [&str; 4] = ["password", "x-amz-", "secret", "token"];

/// The beginning of a statement.
pub(crate) fn excerpt(sql: &str) -> String {
    let mut text = String::new();
    let mut left = CHARACTERS;
    for word in sql.split_whitespace() {
        if left == 0 {
            if !text.ends_with('…') {
                text.push('…');
            }
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        let before = text.len();
        text.extend(word.chars().take(left));
        if word.chars().nth(left).is_some() {
            text.push('…');
            left = 0;
        } else {
            left = left.saturating_sub(text[before..].chars().count() + 1);
        }
    }
    match secret(&text) {
        Some(end) => {
            text.truncate(end);
            text.push_str(" …");
            text
        }
        None => text,
    }
}

/// Where the word ends that a secret may follow: a literal behind it, in the same text.
fn secret(text: &str) -> Option<usize> {
    // As many bytes as before: what is not ASCII stays.
    let lower = text.to_ascii_lowercase();
    (SECRETS.iter())
        .filter_map(|word| {
            let begin = lower.find(word)?;
            let end = begin + word.len();
            text[end..].contains(['\'', '$', '=']).then_some(end)
        })
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_and_stands_on_one_line() {
        assert_eq!(excerpt("SELECT\n  1,\t2 "), "SELECT 1, 2");
        let long = format!("SELECT '{}', 2", "ä".repeat(1000));
        let cut = excerpt(&long);
        assert!(!cut.ends_with("……"));
        assert!(cut.ends_with('…') && cut.chars().count() <= CHARACTERS + 1);
        let words = excerpt(&"word ".repeat(500));
        assert!(words.ends_with('…') && words.chars().count() <= CHARACTERS + 1);
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        for (sql, shown) in [
            ("CREATE ROLE a PASSWORD 'hush'", "CREATE ROLE a PASSWORD …"),
            (
                "ALTER USER ä WITH password = 'hush'",
                "ALTER USER ä WITH password …",
            ),
            (
                "SELECT 'host/?X-Amz-Signature=hush'",
                "SELECT 'host/?X-Amz- …",
            ),
            (
                "SELECT password FROM account",
                "SELECT password FROM account",
            ),
            ("UPDATE t SET secret = 'hush'", "UPDATE t SET secret …"),
        ] {
            assert_eq!(excerpt(sql), shown);
        }
    }
}
