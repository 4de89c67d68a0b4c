//! FOR SHARE and FOR NO KEY UPDATE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "locking_clause",
    summary: "Rows are locked with FOR UPDATE or FOR KEY SHARE only",
    since: "2026-08-25",
    page: page::CONCURRENCY,
    forms: Form::QUERIES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.has_word("for") {
        return;
    }
    // Of each open bracket: is it that of a function with FOR of its own?
    let mut calls = Vec::new();
    for at in 0..subject.tokens.len() {
        if subject.symbol_at(at, b'(') {
            let is_call = |name| at > 0 && subject.word_at(at - 1, name);
            calls.push(is_call("substring") || is_call("overlay"));
        } else if subject.symbol_at(at, b')') {
            calls.pop();
        }
        if !subject.word_at(at, "for") || calls.last() == Some(&true) {
            continue;
        }
        let words = if subject.word_at(at + 1, "share") {
            1
        } else if subject.words_at(at + 1, &["no", "key", "update"]) {
            3
        } else {
            continue;
        };
        let (start, end) = (subject.tokens[at + 1].start, subject.tokens[at + words].end);
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at].start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported",
            )),
            fix: Fix::Edits(
                vec![Edit::replace(start, end, "UPDATE")],
                format!(
                    "FOR {} becomes FOR UPDATE, the weakest clause that holds as much",
                    subject.text[start..end].to_ascii_uppercase()
                ),
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
        assert_snapshot!(checked("SELECT id FROM pet FOR UPDATE OF pet SKIP LOCKED"), @"accepted");
    }

    #[test]
    fn accepted_key_share() {
        assert_snapshot!(checked("SELECT id FROM pet FOR KEY SHARE"), @"accepted");
    }

    #[test]
    fn accepted_in_a_call() {
        assert_snapshot!(checked("SELECT substring(name FROM 1 FOR share) FROM pet"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SELECT id FROM pet FOR SHARE"), @"0A000 locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported");
    }

    #[test]
    fn refused_no_key_update() {
        assert_snapshot!(checked("SELECT id FROM pet FOR NO KEY UPDATE"), @"0A000 locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT id FROM pet WHERE id = 1 for no key update of pet NOWAIT; SELECT 1 FROM a FOR SHARE"), @"
        -- note: FOR NO KEY UPDATE becomes FOR UPDATE, the weakest clause that holds as much [locking_clause]
        -- note: FOR SHARE becomes FOR UPDATE, the weakest clause that holds as much [locking_clause]

        SELECT id FROM pet WHERE id = 1 for UPDATE of pet NOWAIT;

        SELECT 1 FROM a FOR UPDATE;
        ");
    }
}
