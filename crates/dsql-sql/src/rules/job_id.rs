//! Malformed job ids.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "job_id",
    summary: "A job is named by the id that started it",
    since: GA,
    page: page::DDL,
    forms: &[],
    matches: Match::Elsewhere,
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::Refusal;

    #[test]
    fn refused() {
        let refusal = Refusal::malformed_job_id();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"Unable to convert text to UUID (SQLSTATE 22P02, rule job_id)");
    }
}
