//! DROP TYPE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "drop_type",
    summary: "There are no user-defined types to drop",
    since: GA,
    page: page::TYPES,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.begins(&["drop", "type"]) {
        return;
    }
    let word = subject.tokens[1];
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "unsupported object in DROP statement",
        )),
        fix: Fix::Edits(
            vec![Edit::replace(word.start, word.end, "DOMAIN")],
            "the type is taken for the domain that stands for an enum; whether the service takes \
             DROP DOMAIN is not known, and one that no column uses does no harm"
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
        assert_snapshot!(checked("DROP TABLE IF EXISTS pet"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("DROP TYPE IF EXISTS mood"), @"0A000 unsupported object in DROP statement");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("DROP TYPE IF EXISTS mood"), @"
        -- note: the type is taken for the domain that stands for an enum; whether the service takes DROP DOMAIN is not known, and one that no column uses does no harm [drop_type]

        DROP DOMAIN IF EXISTS mood;
        ");
    }
}
