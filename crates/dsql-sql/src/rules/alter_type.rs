//! ALTER TYPE.

use super::prelude::*;
use crate::domain_value::{DomainValue, ValueChange};
use crate::lookup::{self, Lookup};

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
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: message.map(|message| Refusal::unsupported(RULE.id, message)),
        fix: fix(subject).unwrap_or_else(|| {
            Fix::Refuse(
                "there are no user-defined types: change the CHECK of the domain or the column \
                 that stands for it"
                    .to_owned(),
            )
        }),
    });
}

/// The enum's values are those of a domain, which the catalog knows.
fn fix(subject: &Subject<'_>) -> Option<Fix> {
    let first = *subject.tokens.get(2).filter(|token| token.is_name())?;
    let end = crate::job::end_of_name(subject.text, first);
    let domain = subject.text[first.start..end].to_owned();
    let mut at = subject.tokens.partition_point(|token| token.start < end);
    if subject.words_at(at, &["rename", "to"]) || subject.words_at(at, &["owner", "to"]) {
        let word = subject.tokens[1];
        return Some(Fix::Edits(
            vec![Edit::replace(word.start, word.end, "DOMAIN")],
            "the type is taken for the domain that stands for an enum; whether the service takes \
             every form of ALTER DOMAIN is not known"
                .to_owned(),
        ));
    }
    let value = |at: usize| {
        let token = subject.tokens.get(at)?;
        let text = token.text(subject.text);
        (token.kind == TokenKind::String && text.starts_with('\'')).then(|| text.to_owned())
    };
    let change = if subject.words_at(at, &["add", "value"]) {
        at += 2;
        let if_not_exists = subject.words_at(at, &["if", "not", "exists"]);
        at += if if_not_exists { 3 } else { 0 };
        let added = value(at)?;
        at += 1;
        // The order of an enum's values is not kept.
        if subject.word_at(at, "before") || subject.word_at(at, "after") {
            value(at + 1)?;
            at += 2;
        }
        ValueChange::Add {
            value: added,
            if_not_exists,
        }
    } else if subject.words_at(at, &["rename", "value"]) && subject.word_at(at + 3, "to") {
        let change = ValueChange::Rename {
            from: value(at + 2)?,
            to: value(at + 4)?,
        };
        at += 5;
        change
    } else {
        return None;
    };
    if at != subject.tokens.len() {
        return None;
    }
    let note = format!(
        "the values of {domain} are looked up, and a CHECK with the changed list takes the place \
         of the old one; the order of the values is not kept, and whether the service takes ALTER \
         DOMAIN … ADD CONSTRAINT is not known: if it does not, the first step fails and nothing is \
         changed"
    );
    let lookup = Lookup {
        statement: subject.text.trim().to_owned(),
        kind: lookup::Kind::DomainValue(DomainValue {
            rule: RULE.id,
            domain,
            change,
            options: subject.options.clone(),
        }),
    };
    Some(Fix::Steps(vec![Part::Lookup(lookup)], note))
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
        assert_snapshot!(planned("ALTER TYPE mood ADD VALUE 'meh'"), @"
        -- note: the values of mood are looked up, and a CHECK with the changed list takes the place of the old one; the order of the values is not kept, and whether the service takes ALTER DOMAIN … ADD CONSTRAINT is not known: if it does not, the first step fails and nothing is changed [alter_type]

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TYPE mood ADD VALUE 'meh'
        ");
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
        -- note: the enum becomes a domain over text that takes the same values: it sorts as text, not in the order listed, and drivers read it as text [create_type]
        -- note: the values of mood are looked up, and a CHECK with the changed list takes the place of the old one; the order of the values is not kept, and whether the service takes ALTER DOMAIN … ADD CONSTRAINT is not known: if it does not, the first step fails and nothing is changed [alter_type]

        CREATE DOMAIN mood AS text CHECK (VALUE IN ('sad'));

        SET search_path = clinic;

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TYPE mood ADD VALUE 'ok'
        ");
    }

    #[test]
    fn refused_where_the_enum_is_not_created_after_all() {
        assert_snapshot!(planned("BEGIN; CREATE TYPE mood AS ENUM ('sad'); ROLLBACK; ALTER TYPE mood ADD VALUE 'ok'"), @"
        -- note: the script rolls this transaction back, so none of it is run [transaction_block]
        -- note: the values of mood are looked up, and a CHECK with the changed list takes the place of the old one; the order of the values is not kept, and whether the service takes ALTER DOMAIN … ADD CONSTRAINT is not known: if it does not, the first step fails and nothing is changed [alter_type]

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TYPE mood ADD VALUE 'ok'
        ");
    }
}
