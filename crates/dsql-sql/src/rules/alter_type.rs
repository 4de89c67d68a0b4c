//! ALTER TYPE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "alter_type",
    summary: "There are no user-defined types to change",
    since: GA,
    page: page::TYPES,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.begins(&["alter", "type"]) {
        return;
    }
    let has = |words: &[&str]| (3..subject.tokens.len()).any(|at| subject.words_at(at, words));
    let message = if has(&["add", "value"]) {
        Some("ALTER TYPE not supported")
    } else if has(&["rename", "to"]) {
        Some("unsupported object in RENAME statement")
    } else {
        None
    };
    let advice = if has(&["add", "value"]) {
        "the enum's other values are not in this script, and a domain, which takes an enum's \
         place, can lose its CHECK but not get another: ALTER DOMAIN … DROP CONSTRAINT, then \
         ALTER TABLE … ADD CHECK (column IN (…)) with all values on each table that uses it"
    } else {
        "there are no user-defined types: change the CHECK of the domain or the column that \
         stands for it"
    };
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: message.map(|message| Refusal::unsupported(RULE.id, message)),
        fix: Fix::Refuse(advice.to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ALTER DOMAIN mood DROP CONSTRAINT mood_check"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TYPE mood ADD VALUE 'meh'"), @"0A000 ALTER TYPE not supported");
    }

    #[test]
    fn refused_on_rename() {
        assert_snapshot!(checked("ALTER TYPE mood RENAME TO state"), @"0A000 unsupported object in RENAME statement");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TYPE mood ADD VALUE 'meh'"), @"-- error: the enum's other values are not in this script, and a domain, which takes an enum's place, can lose its CHECK but not get another: ALTER DOMAIN … DROP CONSTRAINT, then ALTER TABLE … ADD CHECK (column IN (…)) with all values on each table that uses it [alter_type]; the service answers 0A000: ALTER TYPE not supported");
    }
}
