//! DO.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "do_block",
    summary: "DO is not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Words {
        words: &[&["do"]],
        // Refused, but how the service words it is not recorded.
        message: None,
        advice: "DO is not supported: write the statements out, or run them from the application",
    },
};

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("INSERT INTO pet VALUES (1) ON CONFLICT DO NOTHING"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("DO $$ BEGIN END $$"), @"accepted");
    }

    #[test]
    fn planned_as_an_error() {
        assert_snapshot!(planned("DO LANGUAGE plpgsql $$ BEGIN END $$"), @"-- error: DO is not supported: write the statements out, or run them from the application [do_block]");
    }
}
