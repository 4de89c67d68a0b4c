//! PARTITION BY.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "partition_by",
    summary: "The service partitions tables by itself",
    since: "2026-08-19",
    page: page::CREATE_TABLE,
    forms: &[Form::CreateTable, Form::CreateSchema],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for clause in tree::descendants(tree, &[K::PARTITION_BY]) {
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&clause),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "PARTITION BY clause not supported",
            )),
            fix: Fix::Refuse(
                "the service spreads a table over storage by itself: take PARTITION BY and the \
                 partitions out"
                    .to_owned(),
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE visit (id uuid, day date, PRIMARY KEY (id, day))"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE visit (id uuid, day date) PARTITION BY RANGE (day)"), @"0A000 PARTITION BY clause not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE visit (id uuid, day date) PARTITION BY RANGE (day)"), @"-- error: the service spreads a table over storage by itself: take PARTITION BY and the partitions out [partition_by]; the service answers 0A000: PARTITION BY clause not supported");
    }
}
