//! Actions of ALTER TABLE that are refused in words not recorded.

use super::alter_table::AlterTable;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "alter_table_action",
    summary: "Replica identity, rules, inheritance, partitions, storage parameters and tablespaces are not supported",
    since: GA,
    page: page::ALTER_TABLE,
    forms: &[Form::AlterTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(table) = AlterTable::of(subject) else {
        return;
    };
    for action in &table.actions {
        let option = tree::child(action, K::SET_COMPRESSION);
        let advice = match option.as_ref().unwrap_or(action).kind() {
            K::SET_COMPRESSION => {
                "compression is the service's own: use SET STORAGE PLAIN to turn it off"
            }
            K::REPLICA_IDENTITY => "there is no replica identity: take the action out",
            K::ENABLE_RULE | K::DISABLE_RULE | K::ENABLE_ALWAYS_RULE | K::ENABLE_REPLICA_RULE => {
                "rules are not supported: take the action out"
            }
            K::INHERIT_TABLE | K::NO_INHERIT_TABLE => "inheritance is not supported",
            K::ATTACH_PARTITION | K::DETACH_PARTITION => "partitions are not supported",
            K::SET_OPTIONS | K::RESET_OPTIONS => "a table has no storage parameters",
            K::SET_TABLESPACE => "there are no tablespaces: take the action out",
            _ => continue,
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(action),
            refusal: None,
            fix: Fix::Refuse(advice.to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ALTER TABLE pet SET SCHEMA clinic"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("ALTER TABLE pet REPLICA IDENTITY FULL"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE pet SET (fillfactor = 70)"), @"-- error: a table has no storage parameters [alter_table_action]");
    }
}
