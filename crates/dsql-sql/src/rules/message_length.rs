//! Length of a protocol message.

use super::prelude::*;

/// Raised by a transaction's state or by the server, not by a statement.
pub(super) static RULE: Rule = Rule {
    id: "message_length",
    summary: "A protocol message holds at most 10 MiB",
    since: GA,
    page: page::QUOTAS,
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
        let refusal = Refusal::invalid_message_length();
        assert_eq!(refusal.rule(), RULE.id());
        assert_snapshot!(refusal, @"invalid message length (SQLSTATE 08P01, rule message_length)");
    }
}
