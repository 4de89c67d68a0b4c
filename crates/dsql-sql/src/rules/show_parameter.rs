//! SHOW of parameters that are not there.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "show_parameter",
    summary: "There is no parameter lc_collate: the only collation is C",
    since: "2026-09-15",
    page: page::SESSIONS,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let parameter = || super::name::folded(subject.text_at(1)).to_ascii_lowercase();
    if !subject.word_at(0, "show") || parameter() != "lc_collate" {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.tokens[1].start,
        refusal: Some(Refusal::new(
            RULE.id,
            "42704",
            "unrecognized configuration parameter \"lc_collate\"",
        )),
        fix: Fix::Refuse("there is no lc_collate: the only collation is C".to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SHOW transaction_isolation"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SHOW lc_collate"), @r#"42704 unrecognized configuration parameter "lc_collate""#);
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("show lc_collate"), @r#"-- error: there is no lc_collate: the only collation is C [show_parameter]; the service answers 42704: unrecognized configuration parameter "lc_collate""#);
    }
}
