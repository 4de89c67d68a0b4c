//! `AWS IAM GRANT` and `AWS IAM REVOKE`, and whether a session may go on that came in by such a mapping.

use std::io;
use std::sync::atomic::Ordering;

use dsql_sql::quote_literal;

use super::Session;
use super::exchange::Trouble;
use super::form::{skip_comments, skip_word};
use crate::wire::backend::ServerError;

/// Answers a row when the role of the session has a mapping.
pub(crate) const IS_MAPPED: &str =
    "SELECT 1 FROM sys.iam_pg_role_mappings WHERE pg_role_name = session_user LIMIT 1";

/// What the service tells who has a good token for a role that is not granted to its identity: no more than this.
pub(crate) fn access_denied() -> ServerError {
    ServerError::new("28000", "unable to accept connection, access denied")
}

/// `AWS IAM GRANT role TO 'arn'`, or `AWS IAM REVOKE role FROM 'arn'`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    grants: bool,
    role: String,
    arn: String,
}

impl Mapping {
    /// None when `sql` is something else, or not well-formed.
    pub(super) fn of(sql: &str) -> Option<Self> {
        let rest = word(word(sql, "aws")?, "iam")?;
        let (grants, rest) = match word(rest, "grant") {
            Some(rest) => (true, rest),
            None => (false, word(rest, "revoke")?),
        };
        let (role, rest) = name(skip_comments(rest))?;
        let rest = word(rest, if grants { "to" } else { "from" })?;
        let (arn, rest) = quoted(skip_comments(rest), '\'')?;
        skip_comments(rest)
            .trim_start_matches(|next: char| next == ';' || next.is_whitespace())
            .is_empty()
            .then_some(Self { grants, role, arn })
    }

    /// The statement that PostgreSQL gets.
    pub(super) fn call(&self) -> String {
        let what = if self.grants { "grant" } else { "revoke" };
        let (role, arn) = (quote_literal(&self.role), quote_literal(&self.arn));
        format!("CALL pg_catalog.dsql_local_iam_{what}({role}, {arn})")
    }

    /// Not recorded: the statement's own words stand in.
    pub(super) fn tag(&self) -> &'static str {
        if self.grants {
            "AWS IAM GRANT"
        } else {
            "AWS IAM REVOKE"
        }
    }
}

impl Session {
    /// The service looks at the mapping again whenever a transaction begins. This does so when mappings have changed.
    pub(super) async fn look_at_mapping(&mut self) -> io::Result<()> {
        let Some(known) = self.mappings else {
            return Ok(());
        };
        let version = self.cluster.mappings.load(Ordering::Acquire);
        if known == version || self.transaction.is_some() || self.status != b'I' {
            return Ok(());
        }
        match self.hidden(IS_MAPPED).await {
            Err(Trouble::Closed(error)) => Err(error),
            Err(_) => Ok(()),
            Ok(mapped) => {
                self.mappings = Some(version);
                self.is_shut_out = mapped.is_none();
                Ok(())
            }
        }
    }

    /// Refuses to begin a transaction for a role that has lost its mapping.
    pub(super) async fn check_mapping(&mut self) -> Result<(), Trouble> {
        if !self.is_shut_out || self.transaction.is_some() {
            return Ok(());
        }
        self.settle_unsynced().await?;
        Err(Trouble::Ours(access_denied()))
    }
}

/// What follows `word`, behind spaces and comments.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    skip_word(skip_comments(text), word)
}

/// A name as PostgreSQL folds it, and what follows it.
fn name(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    let end = text
        .find(|next: char| !(next.is_alphanumeric() || matches!(next, '_' | '$')))
        .unwrap_or(text.len());
    let begins = text.starts_with(|first: char| first.is_alphabetic() || first == '_');
    begins.then(|| (text[..end].to_lowercase(), &text[end..]))
}

/// What stands between `quote`s, doubled ones made single, and what follows it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix(quote)?;
    let mut value = String::new();
    loop {
        let (part, after) = rest.split_once(quote)?;
        value.push_str(part);
        match after.strip_prefix(quote) {
            Some(more) => {
                value.push(quote);
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_read_however_it_is_written() {
        for (sql, call) in [
            (
                "AWS IAM GRANT Clerk TO 'arn:aws:iam::1:role/a';",
                "CALL pg_catalog.dsql_local_iam_grant('clerk', 'arn:aws:iam::1:role/a')",
            ),
            (
                "aws /* it */ iam revoke \"The \"\"Clerk\"FROM'o''clock' -- gone",
                "CALL pg_catalog.dsql_local_iam_revoke('The \"Clerk', 'o''clock')",
            ),
        ] {
            let mapping = Mapping::of(sql).unwrap();
            assert_eq!(mapping.call(), call);
        }
    }

    #[test]
    fn what_is_no_mapping_is_left_to_postgresql() {
        for sql in [
            "AWS IAM GRANT clerk",
            "AWS IAM GRANT clerk TO arn",
            "AWS IAM GRANT clerk FROM 'arn'",
            "AWS IAM GRANT clerk TO 'arn",
            "AWS IAM GRANT clerk TO 'arn' now",
            "AWS IAM GRANT clerk, vet TO 'arn'",
            "GRANT clerk TO vet",
        ] {
            assert_eq!(Mapping::of(sql), None, "{sql}");
        }
    }
}
