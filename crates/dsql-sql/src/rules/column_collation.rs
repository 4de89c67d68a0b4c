//! COLLATE on a column.

use super::column::columns;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "column_collation",
    summary: "The only collation is C",
    since: GA,
    page: page::TYPES,
    forms: Form::TABLES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for column in columns(subject) {
        // After a DEFAULT the clause reads as part of its expression.
        let clause = tree::child(&column.node, K::COLLATE).or_else(|| {
            tree::child(
                &tree::child(&column.node, K::DEFAULT_CONSTRAINT)?,
                K::COLLATE,
            )
        });
        let Some(clause) = clause else { continue };
        let Some(word) = tree::token(&clause, K::COLLATE_KW) else {
            continue;
        };
        let (start, end) = (tree::token_span(&word).0, tree::end(&clause));
        let name = super::last_name(subject, start + 1, end);
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "COLLATE clause not supported",
            )),
            fix: if matches!(name.as_str(), "C" | "POSIX" | "ucs_basic" | "default") {
                Fix::Edits(
                    vec![Edit::remove(subject.text, start, end)],
                    format!("COLLATE \"{name}\" is left out: the only collation is C"),
                )
            } else {
                Fix::Refuse(
                    "the only collation is C, which orders by bytes: take COLLATE out, and order \
                     by lower(…) or in the application where that matters"
                        .to_owned(),
                )
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (name text)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE pet (name text COLLATE \"de_DE\" NOT NULL)"), @"0A000 COLLATE clause not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE pet (name text COLLATE pg_catalog.\"C\" NOT NULL)"), @r#"
        -- note: COLLATE "C" is left out: the only collation is C [column_collation]

        CREATE TABLE pet (name text NOT NULL);
        "#);
    }

    #[test]
    fn fixed_unless_it_orders_otherwise() {
        assert_snapshot!(planned("CREATE TABLE pet (name text COLLATE \"de_DE\")"), @"-- error: the only collation is C, which orders by bytes: take COLLATE out, and order by lower(…) or in the application where that matters [column_collation]; the service answers 0A000: COLLATE clause not supported");
    }
}
