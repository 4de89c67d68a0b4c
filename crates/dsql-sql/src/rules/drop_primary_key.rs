//! DROP CONSTRAINT of a primary key.

use super::alter_table::{AlterTable, rebuilt};
use super::default_name;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "drop_primary_key",
    summary: "A primary key cannot be dropped",
    since: GA,
    page: page::PRIMARY_KEYS,
    forms: &[Form::AlterTable],
    matches: Match::Places(find),
};

/// The text tells a key only by the name PostgreSQL gives it.
fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(table) = AlterTable::of(subject) else {
        return;
    };
    for action in &table.actions {
        if action.kind() != K::DROP_CONSTRAINT {
            continue;
        }
        let Some(name) = tree::child(action, K::CONSTRAINT_NAME_REF) else {
            continue;
        };
        if subject.folded(&name) != default_name(&table.folded, "", "pkey") {
            continue;
        }
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&name),
            // Refused, but its words are not recorded.
            refusal: None,
            fix: rebuilt(subject, &table, RULE.id, action).unwrap_or_else(|| {
                Fix::Refuse(
                    "a primary key is dropped by building the table anew, which does not go with \
                     CASCADE or with what else is in this statement: drop what needs the key \
                     first, and write each action as a statement of its own"
                        .to_owned(),
                )
            }),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ALTER TABLE pet DROP CONSTRAINT pet_name_key"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("ALTER TABLE pet DROP CONSTRAINT pet_pkey"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE pet DROP CONSTRAINT pet_pkey, ADD PRIMARY KEY (id, owner)"), @"
        -- note: pet is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [drop_primary_key]

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE pet DROP CONSTRAINT pet_pkey, ADD PRIMARY KEY (id, owner)
        ");
    }

    #[test]
    fn refused_with_cascade() {
        assert_snapshot!(planned("ALTER TABLE pet DROP CONSTRAINT pet_pkey CASCADE"), @"-- error: a primary key is dropped by building the table anew, which does not go with CASCADE or with what else is in this statement: drop what needs the key first, and write each action as a statement of its own [drop_primary_key]");
    }
}
