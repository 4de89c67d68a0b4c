//! SELECT INTO.

use super::create_table_as::{Made, made};
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
    // EXPLAIN INSERT INTO reads, too.
    if subject.kind != Kind::Read || subject.word_at(0, "explain") || !subject.has_word("into") {
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
                    fix: fix(subject, at).unwrap_or_else(|| {
                        Fix::Refuse(
                            "SELECT INTO is not supported: create the table with its columns, \
                             then fill it with INSERT … SELECT in batches of at most 3,000 rows"
                                .to_owned(),
                        )
                    }),
                });
            }
            _ => {}
        }
    }
}

/// The query without INTO, and the table that it names.
fn fix(subject: &Subject<'_>, into: usize) -> Option<Fix> {
    let mut at = into + 1;
    at += usize::from(subject.word_at(at, "table"));
    let first = *subject.tokens.get(at).filter(|token| token.is_name())?;
    if ["temp", "temporary", "unlogged", "local", "global"]
        .iter()
        .any(|word| subject.word_at(at, word))
    {
        return None;
    }
    let end = crate::job::end_of_name(subject.text, first);
    let text = subject.text;
    let last = subject.tokens.last()?.end;
    let head = text[subject.start()..subject.tokens[into].start].trim_end();
    Some(made(
        subject,
        Made {
            rule: RULE.id,
            table: text[first.start..end].to_owned(),
            folded: super::last_name(subject, first.start, end),
            columns: String::new(),
            query: format!("{head}{}", &text[end..last]),
            before: &text[..subject.start()],
            if_not_exists: false,
            with_data: true,
        },
    ))
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
        assert_snapshot!(planned("SELECT id INTO copy FROM pet"), @"
        -- note: a view of the query tells the columns of copy, which is filled from it in batches and ordered by the text of a row: what the query reads must not change meanwhile, and each batch runs it anew [select_into]

        CREATE VIEW copy_dsql_query AS SELECT id FROM pet;

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- SELECT id INTO copy FROM pet
        ");
    }
}
