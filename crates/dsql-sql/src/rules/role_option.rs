//! Options of roles.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "role_option",
    summary: "A role has LOGIN and nothing more",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Other],
    matches: Match::Places(find),
};

const OPTIONS: &[&str] = &[
    "password",
    "superuser",
    "createdb",
    "replication",
    "createrole",
    "bypassrls",
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !(subject.begins(&["create", "role"]) || subject.begins(&["create", "user"])) {
        return;
    }
    for at in 3..subject.tokens.len() {
        if OPTIONS.iter().any(|option| subject.word_at(at, option)) {
            return findings.push(Finding {
                rule: RULE.id,
                at: subject.tokens[at].start,
                // Refused, but its words are not recorded.
                refusal: None,
                fix: Fix::Refuse(
                    "a role has LOGIN and nothing more: write CREATE ROLE … WITH LOGIN, then AWS \
                     IAM GRANT the role to an IAM identity, which signs in without a password"
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
        assert_snapshot!(checked("CREATE ROLE clerk WITH LOGIN"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE ROLE clerk WITH LOGIN PASSWORD 'x'"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE ROLE clerk WITH LOGIN PASSWORD 'x'"), @"-- error: a role has LOGIN and nothing more: write CREATE ROLE … WITH LOGIN, then AWS IAM GRANT the role to an IAM identity, which signs in without a password [role_option]");
    }
}
