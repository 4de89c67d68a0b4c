//! set_config.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "set_config",
    summary: "Only some parameters can be set, through set_config too",
    since: "2026-08-28",
    page: page::SESSIONS,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for at in subject.places("set_config") {
        if !subject.symbol_at(at + 1, b'(') {
            continue;
        }
        let Some(parameter) = super::literal(subject.text_at(at + 2)) else {
            continue;
        };
        let parameter = parameter.to_ascii_lowercase();
        if super::set_parameter::is_settable(&parameter) {
            continue;
        }
        let refusal = super::set_parameter::refusal(RULE.id, &parameter);
        findings.push(Finding {
            rule: RULE.id,
            at: subject.tokens[at].start,
            refusal: Some(refusal),
            fix: Fix::Refuse(format!("{parameter} cannot be set: take the call out")),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT pg_catalog.set_config('search_path', '', false)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SELECT set_config('app.tenant', '1', true)"), @r#"0A000 setting configuration parameter "app.tenant" not supported"#);
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT set_config('app.tenant', '1', true)"), @r#"-- error: app.tenant cannot be set: take the call out [set_config]; the service answers 0A000: setting configuration parameter "app.tenant" not supported"#);
    }
}
