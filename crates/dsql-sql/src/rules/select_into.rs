//! SELECT INTO.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "select_into",
    summary: "A query does not make a table",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.kind != Kind::Read {
        return;
    }
    let mut depth = 0usize;
    for at in 0..subject.tokens.len() {
        match subject.tokens[at].kind {
            TokenKind::Symbol(b'(') => depth += 1,
            TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
            TokenKind::Word if depth == 0 && subject.word_at(at, "into") => {
                if at > 0 && (subject.symbol_at(at - 1, b'.') || subject.word_at(at - 1, "as")) {
                    continue;
                }
                findings.push(Finding {
                    rule: RULE.id,
                    at: subject.tokens[at].start,
                    // Refused, but its words are not recorded.
                    refusal: None,
                    fix: Fix::Refuse(
                        "SELECT INTO is not supported: create the table with its columns, then \
                         fill it with INSERT … SELECT in batches of at most 3,000 rows"
                            .to_owned(),
                    ),
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT (SELECT 1 AS into)"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("SELECT id INTO copy FROM pet"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT id INTO copy FROM pet"), @"-- error: SELECT INTO is not supported: create the table with its columns, then fill it with INSERT … SELECT in batches of at most 3,000 rows [select_into]");
    }
}
