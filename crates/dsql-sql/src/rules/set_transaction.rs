//! SET TRANSACTION.

use super::prelude::*;
use crate::Verb;

pub(super) static RULE: Rule = Rule {
    id: "set_transaction",
    summary: "A transaction's modes stand on BEGIN",
    since: GA,
    page: page::CONCURRENCY,
    forms: &[Form::Session],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Kind::Transaction(Verb::SetTransaction) = subject.kind else {
        return;
    };
    if super::isolation_level::refused_level(subject).is_some() {
        return;
    }
    let last = subject.tokens.len().saturating_sub(5);
    let level_only = subject.words_at(
        last,
        &["transaction", "isolation", "level", "repeatable", "read"],
    );
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "setting configuration parameter \"TRANSACTION\" not supported",
        )),
        fix: if level_only {
            Fix::Drop("every transaction is REPEATABLE READ without asking".to_owned())
        } else {
            Fix::Refuse(
                "SET TRANSACTION is not supported: write the modes on BEGIN, such as BEGIN READ ONLY"
                    .to_owned(),
            )
        },
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn refused_whatever_it_says() {
        assert_snapshot!(checked("SET TRANSACTION ISOLATION LEVEL LEVEL SERIALIZABLE"), @r#"0A000 setting configuration parameter "TRANSACTION" not supported"#);
    }

    #[test]
    fn accepted() {
        assert_snapshot!(checked("BEGIN READ ONLY"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SET TRANSACTION READ ONLY"), @r#"0A000 setting configuration parameter "TRANSACTION" not supported"#);
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("BEGIN; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1; COMMIT"), @"
        -- note: every transaction is REPEATABLE READ without asking [set_transaction]

        BEGIN;
        SELECT 1;
        COMMIT;
        ");
    }
}
