//! TABLESAMPLE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "tablesample",
    summary: "TABLESAMPLE is not supported",
    since: GA,
    page: page::COMPATIBILITY,
    forms: Form::QUERIES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    for at in subject.places("tablesample").filter(|&at| at > 0) {
        let is_clause = !subject.symbol_at(at - 1, b'.')
            && !subject.word_at(at - 1, "as")
            && subject.tokens.get(at + 1).is_some_and(Token::is_name);
        if is_clause {
            findings.push(Finding {
                rule: RULE.id,
                at: subject.tokens[at].start,
                refusal: Some(Refusal::unsupported(
                    RULE.id,
                    "TABLESAMPLE clause not supported",
                )),
                fix: Fix::Refuse(
                    "TABLESAMPLE is not supported: write WHERE random() < 0.01, or pick rows by a \
                     random key"
                        .to_owned(),
                ),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SELECT id FROM pet WHERE random() < 0.1"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SELECT id FROM pet TABLESAMPLE bernoulli (10)"), @"0A000 TABLESAMPLE clause not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SELECT id FROM pet TABLESAMPLE system (10)"), @"-- error: TABLESAMPLE is not supported: write WHERE random() < 0.01, or pick rows by a random key [tablesample]; the service answers 0A000: TABLESAMPLE clause not supported");
    }
}
