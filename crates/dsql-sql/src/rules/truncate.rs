//! TRUNCATE.

use super::prelude::*;
use crate::batches::{Batches, Change};

pub(super) static RULE: Rule = Rule {
    id: "truncate",
    summary: "TRUNCATE is not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.begins(&["truncate"]) {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "unsupported statement: Truncate",
        )),
        fix: fix(subject),
    });
}

/// One delete a table, in the order written.
fn fix(subject: &Subject<'_>) -> Fix {
    let rows = subject.options.batch();
    let mut note = String::from(
        "deletes rows in batches, each in a transaction of its own; other sessions see the table \
         shrink",
    );
    let mut parts = Vec::new();
    let mut at = usize::from(subject.word_at(1, "table")) + 1;
    loop {
        let only = subject.word_at(at, "only");
        at += usize::from(only);
        let unread = || {
            Fix::Refuse(
                "this TRUNCATE could not be read: write DELETE FROM the table instead".to_owned(),
            )
        };
        let Some(name) = subject.tokens.get(at).filter(|token| token.is_name()) else {
            return unread();
        };
        let end = crate::job::end_of_name(subject.text, *name);
        let table = &subject.text[name.start..end];
        // A closing quote may be missing.
        if table.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
            return unread();
        }
        parts.push(Part::Batches(Batches {
            table: table.to_owned(),
            only,
            change: Change::Delete,
            rows,
        }));
        while subject
            .tokens
            .get(at)
            .is_some_and(|token| token.start < end)
        {
            at += 1;
        }
        at += usize::from(subject.symbol_at(at, b'*'));
        if !subject.symbol_at(at, b',') {
            break;
        }
        at += 1;
    }
    if parts.len() > 1 {
        note.push_str("; name a table before those its foreign keys point at");
    }
    if subject.words_at(at, &["restart", "identity"]) {
        note.push_str("; identity columns and sequences go on counting");
        at += 2;
    } else if subject.words_at(at, &["continue", "identity"]) {
        at += 2;
    }
    if subject.word_at(at, "cascade") {
        note.push_str(
            "; tables that refer to these are not emptied, and a delete fails on their rows: name \
             them too",
        );
        at += 1;
    } else if subject.word_at(at, "restrict") {
        at += 1;
    }
    if at < subject.tokens.len() {
        return Fix::Refuse(
            "this TRUNCATE could not be read: write DELETE FROM the table instead".to_owned(),
        );
    }
    Fix::Steps(parts, note)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("DELETE FROM pet"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("truncate pet"), @"0A000 unsupported statement: Truncate");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("TRUNCATE TABLE ONLY s.visit, \"Pet\" RESTART IDENTITY CASCADE"), @r#"
        -- note: deletes rows in batches, each in a transaction of its own; other sessions see the table shrink; name a table before those its foreign keys point at; identity columns and sequences go on counting; tables that refer to these are not emptied, and a delete fails on their rows: name them too [truncate]

        -- page by page, 1000 rows a transaction (key = the primary key of s.visit):
        DELETE FROM ONLY s.visit AS dsql_row WHERE dsql_row.key > '…' AND dsql_row.key <= '…';

        -- page by page, 1000 rows a transaction (key = the primary key of "Pet"):
        DELETE FROM "Pet" AS dsql_row WHERE dsql_row.key > '…' AND dsql_row.key <= '…';
        "#);
    }
}
