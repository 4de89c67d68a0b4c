//! CREATE TYPE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "create_type",
    summary: "There are no user-defined types but domains",
    since: GA,
    page: page::TYPES,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.begins(&["create", "type"]) {
        return;
    }
    let is = |what: &[&str]| {
        (2..subject.tokens.len())
            .find(|&at| subject.word_at(at, "as"))
            .is_some_and(|at| subject.words_at(at + 1, what))
    };
    let composite = (2..subject.tokens.len())
        .any(|at| subject.word_at(at, "as") && subject.symbol_at(at + 1, b'('));
    let (message, fix) = if is(&["enum"]) {
        (Some("CREATE TYPE not supported"), domain(subject))
    } else if is(&["range"]) {
        (
            Some("unsupported statement: CreateRange"),
            refuse("range types are not supported: keep the two bounds in columns of their own"),
        )
    } else if composite {
        (
            Some("unsupported statement: CompositeType"),
            refuse("composite types are not supported: use columns, or jsonb"),
        )
    } else {
        (
            None,
            refuse("base types are not supported: use a built-in type, or a domain"),
        )
    };
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: message.map(|message| Refusal::unsupported(RULE.id, message)),
        fix,
    });
}

fn refuse(advice: &str) -> Fix {
    Fix::Refuse(advice.to_owned())
}

/// A domain over text that takes the enum's values.
fn domain(subject: &Subject<'_>) -> Fix {
    let Some(labels) = Labels::of(subject) else {
        return refuse(
            "this list of values could not be read: create a domain over text with CHECK (VALUE IN \
             (…))",
        );
    };
    if labels.values.is_empty() {
        return refuse("an enum without a value cannot become a domain: name its values");
    }
    let (kind, word) = (subject.tokens[1], subject.tokens[labels.word]);
    Fix::Edits(
        vec![
            Edit::replace(kind.start, kind.end, "DOMAIN"),
            Edit::replace(word.start, word.end, "text CHECK (VALUE IN"),
            Edit::insert(labels.end, ")"),
        ],
        "the enum becomes a domain over text that takes the same values: it sorts as text, not in \
         the order listed, and drivers read it as text"
            .to_owned(),
    )
}

/// The list of values of CREATE TYPE … AS ENUM.
pub(crate) struct Labels {
    /// Each value as written, quotes included.
    pub(crate) values: Vec<Token>,
    /// The place after its opening bracket.
    pub(crate) start: usize,
    /// The place after its closing bracket.
    end: usize,
    /// Which token is ENUM.
    word: usize,
}

impl Labels {
    /// `None` where the statement is anything else, or has more to it.
    pub(crate) fn of(subject: &Subject<'_>) -> Option<Self> {
        if !subject.begins(&["create", "type"]) {
            return None;
        }
        let word =
            1 + (2..subject.tokens.len()).find(|&at| subject.words_at(at, &["as", "enum"]))?;
        let open = word + 1;
        if !subject.symbol_at(open, b'(') {
            return None;
        }
        let mut values = Vec::new();
        let mut at = open + 1;
        if !subject.symbol_at(at, b')') {
            loop {
                let value = subject.tokens.get(at)?;
                if value.kind != TokenKind::String {
                    return None;
                }
                values.push(*value);
                at += 2;
                if !subject.symbol_at(at - 1, b',') {
                    at -= 1;
                    break;
                }
            }
        }
        let closed = subject.symbol_at(at, b')') && at + 1 == subject.tokens.len();
        closed.then(|| Self {
            values,
            start: subject.tokens[open].end,
            end: subject.tokens[at].end,
            word,
        })
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE DOMAIN mood AS text CHECK (VALUE IN ('sad', 'happy'))"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TYPE mood AS ENUM ('sad', 'happy')"), @"0A000 CREATE TYPE not supported");
    }

    #[test]
    fn refused_composite() {
        assert_snapshot!(checked("CREATE TYPE point3 AS (x int, y int, z int)"), @"0A000 unsupported statement: CompositeType");
    }

    #[test]
    fn refused_range() {
        assert_snapshot!(checked("CREATE TYPE span AS RANGE (subtype = int)"), @"0A000 unsupported statement: CreateRange");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TYPE clinic.mood AS ENUM (\n  'sad', -- or worse\n  'it''s fine'\n)"), @"
        -- note: the enum becomes a domain over text that takes the same values: it sorts as text, not in the order listed, and drivers read it as text [create_type]

        CREATE DOMAIN clinic.mood AS text CHECK (VALUE IN (
          'sad', -- or worse
          'it''s fine'
        ));
        ");
    }

    #[test]
    fn fixed_with_a_column_of_it() {
        assert_snapshot!(planned("CREATE TYPE \"Mood\" AS enum('sad'); CREATE TABLE pet (m \"Mood\" DEFAULT 'sad'::\"Mood\")"), @r#"
        -- note: the enum becomes a domain over text that takes the same values: it sorts as text, not in the order listed, and drivers read it as text [create_type]

        CREATE DOMAIN "Mood" AS text CHECK (VALUE IN('sad'));

        CREATE TABLE pet (m "Mood" DEFAULT 'sad'::"Mood");
        "#);
    }

    #[test]
    fn fixed_unless_it_has_no_value() {
        assert_snapshot!(planned("CREATE TYPE mood AS ENUM ()"), @"-- error: an enum without a value cannot become a domain: name its values [create_type]; the service answers 0A000: CREATE TYPE not supported");
    }

    #[test]
    fn fixed_unless_it_cannot_be_read() {
        assert_snapshot!(planned("CREATE TYPE mood AS ENUM ('sad' 'happy')"), @"-- error: this list of values could not be read: create a domain over text with CHECK (VALUE IN (…)) [create_type]; the service answers 0A000: CREATE TYPE not supported");
    }
}
