//! DROP TYPE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "drop_type",
    summary: "There are no user-defined types to drop",
    since: GA,
    page: page::TYPES,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["drop", "type"]],
        message: Some("unsupported object in DROP statement"),
        advice: "there are no user-defined types, and it is not known whether the service drops \
                 the domain that stands for an enum (DROP DOMAIN): take the statement out; a \
                 domain that no column uses does no harm",
    },
};

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
    fn planned_as_an_error() {
        assert_snapshot!(planned("DROP TYPE IF EXISTS mood"), @"-- error: there are no user-defined types, and it is not known whether the service drops the domain that stands for an enum (DROP DOMAIN): take the statement out; a domain that no column uses does no harm [drop_type]; the service answers 0A000: unsupported object in DROP statement");
    }
}
