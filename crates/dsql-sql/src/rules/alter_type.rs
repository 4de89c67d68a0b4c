//! ALTER TYPE.

use super::prelude::*;

pub(crate) static RULE: Rule = Rule {
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

    #[test]
    fn fixed_where_the_script_creates_the_enum() {
        assert_snapshot!(planned("CREATE TYPE mood AS ENUM (\n  'sad', 'ok' -- fine\n);\nCREATE TABLE pet (m mood);\n-- since May\nALTER TYPE mood ADD VALUE IF NOT EXISTS 'meh' BEFORE 'ok';\nALTER TYPE mood ADD VALUE 'glad'; ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok'; ALTER TYPE mood OWNER TO clerk"), @"
        -- note: the enum becomes a domain over text that takes the same values: it sorts as text, not in the order listed, and drivers read it as text [create_type]
        -- note: 'meh' joins the values of the domain that the enum becomes, since a domain cannot get another CHECK later; the order of the values is not kept [alter_type]
        -- note: 'glad' joins the values of the domain that the enum becomes, since a domain cannot get another CHECK later; the order of the values is not kept [alter_type]
        -- note: 'ok' is among the values already: left out [alter_type]
        -- note: the enum has become a domain, which is what changes its owner [alter_type]

        CREATE DOMAIN mood AS text CHECK (VALUE IN (
          'sad', 'ok',
            -- since May
            'meh', 'glad' -- fine
        ));

        CREATE TABLE pet (m mood);

        ALTER DOMAIN mood OWNER TO clerk;
        ");
    }

    #[test]
    fn fixed_in_a_schema() {
        assert_snapshot!(planned("CREATE TYPE clinic.\"Mood\" AS ENUM (); ALTER TYPE clinic.\"Mood\" ADD VALUE 'sad'"), @r#"
        -- note: the enum becomes a domain over text that takes the same values: it sorts as text, not in the order listed, and drivers read it as text [create_type]
        -- note: 'sad' joins the values of the domain that the enum becomes, since a domain cannot get another CHECK later; the order of the values is not kept [alter_type]

        CREATE DOMAIN clinic."Mood" AS text CHECK (VALUE IN ('sad'));
        "#);
    }

    #[test]
    fn refused_a_second_time() {
        assert_snapshot!(planned("CREATE TYPE mood AS ENUM ('sad'); ALTER TYPE mood ADD VALUE 'sad'"), @"
        -- error: this value is among the enum's already: take the statement out [alter_type]; the service answers 0A000: ALTER TYPE not supported
        -- note: the enum becomes a domain over text that takes the same values: it sorts as text, not in the order listed, and drivers read it as text [create_type]

        CREATE DOMAIN mood AS text CHECK (VALUE IN ('sad'));
        ");
    }

    #[test]
    fn refused_where_the_enum_may_be_another() {
        assert_snapshot!(planned("CREATE TYPE mood AS ENUM ('sad'); SET search_path = clinic; ALTER TYPE mood ADD VALUE 'ok'"), @"
        -- error: the enum's other values are not in this script, and a domain, which takes an enum's place, can lose its CHECK but not get another: ALTER DOMAIN … DROP CONSTRAINT, then ALTER TABLE … ADD CHECK (column IN (…)) with all values on each table that uses it [alter_type]; the service answers 0A000: ALTER TYPE not supported
        -- note: the enum becomes a domain over text that takes the same values: it sorts as text, not in the order listed, and drivers read it as text [create_type]

        CREATE DOMAIN mood AS text CHECK (VALUE IN ('sad'));

        SET search_path = clinic;
        ");
    }

    #[test]
    fn refused_where_the_enum_is_not_created_after_all() {
        assert_snapshot!(planned("BEGIN; CREATE TYPE mood AS ENUM ('sad'); ROLLBACK; ALTER TYPE mood ADD VALUE 'ok'"), @"
        -- error: the enum's other values are not in this script, and a domain, which takes an enum's place, can lose its CHECK but not get another: ALTER DOMAIN … DROP CONSTRAINT, then ALTER TABLE … ADD CHECK (column IN (…)) with all values on each table that uses it [alter_type]; the service answers 0A000: ALTER TYPE not supported
        -- note: the script rolls this transaction back, so none of it is run [transaction_block]
        ");
    }
}
