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
    let (message, advice) = if is(&["enum"]) {
        (
            Some("CREATE TYPE not supported"),
            "enum types are not supported: create a domain over text with CHECK (VALUE IN (…)), or \
             put the CHECK on the column; making that change for you is not there yet",
        )
    } else if is(&["range"]) {
        (
            Some("unsupported statement: CreateRange"),
            "range types are not supported: keep the two bounds in columns of their own",
        )
    } else if composite {
        (
            Some("unsupported statement: CompositeType"),
            "composite types are not supported: use columns, or jsonb",
        )
    } else {
        (
            None,
            "base types are not supported: use a built-in type, or a domain",
        )
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
        assert_snapshot!(planned("CREATE TYPE clinic.mood AS ENUM ('sad', 'happy')"), @"-- error: enum types are not supported: create a domain over text with CHECK (VALUE IN (…)), or put the CHECK on the column; making that change for you is not there yet [create_type]; the service answers 0A000: CREATE TYPE not supported");
    }
}
