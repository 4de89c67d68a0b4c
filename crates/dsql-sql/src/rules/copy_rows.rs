//! Rows inside a script.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "copy_rows",
    summary: "Rows after COPY … FROM stdin are psql's, not SQL",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !(subject.word_at(0, "copy") && subject.text.trim_end().ends_with("\n\\.")) {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        // The rows are data, which psql takes out of the script.
        refusal: None,
        fix: Fix::Refuse(
            "rows inside a script are no statement: load them with psql's \\copy, or through the \
             driver, at most 3,000 a transaction"
                .to_owned(),
        ),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("COPY pet FROM STDIN"), @"accepted");
    }

    #[test]
    fn passed_on_since_no_server_sees_it() {
        assert_snapshot!(checked("COPY pet FROM stdin;\n1\n\\."), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("COPY pet FROM stdin;\n1\n\\.\nSELECT 1;"), @r"
        -- error: rows inside a script are no statement: load them with psql's \copy, or through the driver, at most 3,000 a transaction [copy_rows]

        SELECT 1;
        ");
    }
}
