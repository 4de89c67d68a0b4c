//! psql's own commands.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "psql_command",
    summary: "A line that begins with a backslash is psql's, not SQL",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.symbol_at(0, b'\\') {
        return;
    }
    let guards = subject.word_at(1, "restrict") || subject.word_at(1, "unrestrict");
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        // No server ever sees such a line.
        refusal: None,
        fix: if guards {
            Fix::Drop("psql's own command is left out: it only guards psql".to_owned())
        } else {
            Fix::Refuse("this is a command of psql, not SQL: take the line out".to_owned())
        },
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT 1"), @"accepted");
    }

    #[test]
    fn passed_on_since_no_server_sees_it() {
        assert_snapshot!(checked("\\d pet"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("\\restrict abc\nSELECT 1;\n\\i more.sql"), @"
        -- error: this is a command of psql, not SQL: take the line out [psql_command]
        -- note: psql's own command is left out: it only guards psql [psql_command]

        SELECT 1;
        ");
    }
}
