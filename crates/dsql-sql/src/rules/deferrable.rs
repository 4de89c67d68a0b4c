//! DEFERRABLE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "deferrable",
    summary: "Only foreign keys can be deferred",
    since: "2026-08-19",
    page: page::FOREIGN_KEYS,
    forms: &[Form::CreateTable, Form::CreateSchema],
    matches: Match::Places(find),
};

const CONSTRAINTS: &[K] = &[
    K::PRIMARY_KEY_CONSTRAINT,
    K::UNIQUE_CONSTRAINT,
    K::CHECK_CONSTRAINT,
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for constraint in tree::descendants(tree, CONSTRAINTS) {
        let Some(option) = super::constraint::deferral(&constraint) else {
            continue;
        };
        let message = match constraint.kind() {
            // Of a column, PostgreSQL's grammar refuses it before the service
            // can; in which words the service passes that on is not recorded.
            K::CHECK_CONSTRAINT if is_of_column(&constraint) => None,
            K::CHECK_CONSTRAINT => Some("CHECK constraints cannot be marked DEFERRABLE"),
            _ => Some("DEFERRABLE constraint not supported"),
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&option),
            refusal: message.map(|message| Refusal::unsupported(RULE.id, message)),
            fix: Fix::Refuse(
                "only foreign keys can be deferred: take DEFERRABLE out, and order the changes so \
                 that each keeps the constraint"
                    .to_owned(),
            ),
        });
    }
}

fn is_of_column(constraint: &SyntaxNode) -> bool {
    constraint
        .parent()
        .is_some_and(|parent| matches!(parent.kind(), K::COLUMN | K::ADD_COLUMN))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE visit (pet bigint REFERENCES pet DEFERRABLE INITIALLY DEFERRED)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE pet (n int UNIQUE DEFERRABLE)"), @"0A000 DEFERRABLE constraint not supported");
    }

    #[test]
    fn refused_on_check() {
        assert_snapshot!(checked("CREATE TABLE pet (n int, CHECK (n > 0) INITIALLY DEFERRED)"), @"0A000 CHECK constraints cannot be marked DEFERRABLE");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE TABLE pet (n int CHECK (n > 0) DEFERRABLE)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (n int, UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)"), @"-- error: only foreign keys can be deferred: take DEFERRABLE out, and order the changes so that each keeps the constraint [deferrable]; the service answers 0A000: DEFERRABLE constraint not supported");
    }
}
