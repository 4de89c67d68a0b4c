//! Isolation levels.

use super::prelude::*;
use crate::Verb;

pub(super) static RULE: Rule = Rule {
    id: "isolation_level",
    summary: "The isolation level is fixed: REPEATABLE READ, which is snapshot isolation",
    since: GA,
    page: page::CONCURRENCY,
    forms: &[Form::Transaction, Form::Session],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !matches!(
        subject.kind,
        Kind::Transaction(Verb::Begin | Verb::SetTransaction)
    ) {
        return;
    }
    let Some((at, level)) = refused_level(subject) else {
        return;
    };
    let words = if level == "SERIALIZABLE" { 1 } else { 2 };
    let (start, end) = (
        subject.tokens[at + 2].start,
        subject.tokens[at + 1 + words].end,
    );
    let begins = subject.kind == Kind::Transaction(Verb::Begin);
    let fix = if level == "SERIALIZABLE" {
        Fix::Refuse(
            "SERIALIZABLE cannot be had: use REPEATABLE READ, which is snapshot isolation, and \
             read with FOR UPDATE the rows that a decision rests on"
                .to_owned(),
        )
    } else if begins {
        Fix::Edits(
            vec![Edit::replace(start, end, "REPEATABLE READ")],
            format!(
                "{level} becomes REPEATABLE READ: all statements see one snapshot, and a conflict \
                 fails with 40001"
            ),
        )
    } else if at + 4 < subject.tokens.len() {
        Fix::Refuse(
            "SET TRANSACTION is not supported: write the modes on BEGIN, such as BEGIN READ ONLY"
                .to_owned(),
        )
    } else {
        Fix::Drop(
            "the level is REPEATABLE READ without asking: all statements see one snapshot, and a \
             conflict fails with 40001"
                .to_owned(),
        )
    };
    findings.push(Finding {
        rule: RULE.id,
        at: start,
        refusal: Some(Refusal::unsupported(
            RULE.id,
            format!("Unsupported isolation level: {level}"),
        )),
        fix,
    });
}

/// The level a statement asks for and cannot have, and where its clause is
/// among the tokens.
pub(super) fn refused_level(subject: &Subject<'_>) -> Option<(usize, &'static str)> {
    (0..subject.tokens.len()).find_map(|at| {
        let asks = |level: &[&str]| {
            subject.words_at(at, &["isolation", "level"]) && subject.words_at(at + 2, level)
        };
        if asks(&["serializable"]) {
            Some((at, "SERIALIZABLE"))
        } else if asks(&["read", "committed"]) {
            // Not recorded, this and the next; presumed from SERIALIZABLE.
            Some((at, "READ COMMITTED"))
        } else if asks(&["read", "uncommitted"]) {
            Some((at, "READ UNCOMMITTED"))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("BEGIN ISOLATION LEVEL SERIALIZABLE"), @"0A000 Unsupported isolation level: SERIALIZABLE");
    }

    #[test]
    fn refused_by_set_transaction() {
        assert_snapshot!(checked("set local transaction isolation level serializable"), @"0A000 Unsupported isolation level: SERIALIZABLE");
    }

    #[test]
    fn refused_read_committed() {
        assert_snapshot!(checked("BEGIN ISOLATION LEVEL READ COMMITTED"), @"0A000 Unsupported isolation level: READ COMMITTED");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("BEGIN ISOLATION LEVEL read committed; SELECT 1; COMMIT"), @"
        -- note: READ COMMITTED becomes REPEATABLE READ: all statements see one snapshot, and a conflict fails with 40001 [isolation_level]

        BEGIN ISOLATION LEVEL REPEATABLE READ;
        SELECT 1;
        COMMIT;
        ");
    }

    #[test]
    fn fixed_never_to_something_weaker() {
        assert_snapshot!(planned("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT"), @"
        -- error: SERIALIZABLE cannot be had: use REPEATABLE READ, which is snapshot isolation, and read with FOR UPDATE the rows that a decision rests on [isolation_level]; the service answers 0A000: Unsupported isolation level: SERIALIZABLE

        BEGIN ISOLATION LEVEL SERIALIZABLE;
        SELECT 1;
        COMMIT;
        ");
    }
}
