//! GROUP BY ALL.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "group_by_all",
    summary: "GROUP BY ALL is not understood, although a page of the user guide lists it",
    since: "2026-09-18",
    page: page::COMPATIBILITY,
    forms: Form::QUERIES,
    matches: Match::Places(find),
};

/// What can follow a list that is missing. Anything else begins one: `GROUP
/// BY ALL a` is PostgreSQL's, and accepted.
const AFTER: &[&str] = &[
    "except",
    "fetch",
    "for",
    "having",
    "intersect",
    "limit",
    "offset",
    "on",
    "order",
    "returning",
    "union",
    "window",
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for at in subject.places("group") {
        if !subject.words_at(at + 1, &["by", "all"]) {
            continue;
        }
        let next = at + 3;
        let message = if next >= subject.tokens.len() {
            "syntax error at end of input".to_owned()
        } else if subject.symbol_at(next, b')')
            || subject.symbol_at(next, b';')
            || AFTER.iter().any(|word| subject.word_at(next, word))
        {
            format!("syntax error at or near \"{}\"", subject.text_at(next))
        } else {
            continue;
        };
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at + 2].start,
            refusal: Some(Refusal::new(RULE.id, "42601", message)),
            fix: Fix::Refuse("write the columns to group by".to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT kind, count(*) FROM pet GROUP BY ALL kind, ROLLUP (kind)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SELECT kind, count(*) FROM pet GROUP BY ALL"), @"42601 syntax error at end of input");
    }

    #[test]
    fn refused_before_another_clause() {
        assert_snapshot!(checked("CREATE VIEW kinds AS SELECT kind, count(*) FROM pet group by all Order by 2"), @r#"42601 syntax error at or near "Order""#);
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT kind, count(*) FROM pet GROUP BY ALL"), @"-- error: write the columns to group by [group_by_all]; the service answers 42601: syntax error at end of input");
    }
}
