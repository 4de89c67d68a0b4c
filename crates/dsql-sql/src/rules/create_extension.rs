//! CREATE EXTENSION.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_extension",
    summary: "Extensions cannot be installed",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let is = |words: &[&str]| subject.begins(words);
    let (refusal, fix) = if is(&["create", "extension"]) {
        (
            Some(Refusal::unsupported(
                RULE.id,
                "unsupported statement: CreateExtension",
            )),
            Fix::Refuse(
                "extensions cannot be installed: take the statement out, and use what is built in \
                 (gen_random_uuid() needs no extension)"
                    .to_owned(),
            ),
        )
    } else if is(&["drop", "extension"]) || is(&["comment", "on", "extension"]) {
        // How the service words it is not recorded.
        (
            None,
            Fix::Drop("there are no extensions: left out".to_owned()),
        )
    } else {
        return;
    };
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal,
        fix,
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT gen_random_uuid()"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE EXTENSION IF NOT EXISTS pgcrypto"), @"0A000 unsupported statement: CreateExtension");
    }

    #[test]
    fn left_out_where_it_is_dropped_or_described() {
        assert_snapshot!(planned("DROP EXTENSION IF EXISTS pgcrypto; COMMENT ON EXTENSION pgcrypto IS 'keys'"), @"
        -- note: there are no extensions: left out [create_extension]
        -- note: there are no extensions: left out [create_extension]
        ");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("CREATE EXTENSION IF NOT EXISTS pgcrypto"), @"-- error: extensions cannot be installed: take the statement out, and use what is built in (gen_random_uuid() needs no extension) [create_extension]; the service answers 0A000: unsupported statement: CreateExtension");
    }
}
