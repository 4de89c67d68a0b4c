//! ADD PRIMARY KEY and ADD EXCLUDE.

use super::alter_table::AlterTable;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "add_primary_key",
    summary: "A primary key stands in CREATE TABLE or nowhere",
    since: GA,
    page: page::PRIMARY_KEYS,
    forms: &[Form::AlterTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(table) = AlterTable::of(subject) else {
        return;
    };
    for action in table
        .actions
        .iter()
        .filter(|action| action.kind() == K::ADD_CONSTRAINT)
    {
        let Some(constraint) = action.children().find(|child| {
            matches!(
                child.kind(),
                K::PRIMARY_KEY_CONSTRAINT | K::EXCLUDE_CONSTRAINT
            )
        }) else {
            continue;
        };
        let is_key = constraint.kind() == K::PRIMARY_KEY_CONSTRAINT;
        // How the service words its refusal of USING INDEX is not recorded.
        let by_index = tree::child(&constraint, K::USING_INDEX_NAME).is_some();
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&constraint),
            refusal: (!by_index).then(|| {
                Refusal::unsupported(RULE.id, "unsupported ALTER TABLE ADD CONSTRAINT statement")
            }),
            fix: Fix::Refuse(
                if is_key {
                    "a primary key cannot be added, dropped or changed later: write it in CREATE \
                     TABLE, or create a new table with it and copy the rows; making that plan for \
                     you is not there yet"
                } else {
                    "EXCLUDE is not supported: use UNIQUE where that will do"
                }
                .to_owned(),
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (id uuid, CONSTRAINT pk PRIMARY KEY (id))"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE pet ADD CONSTRAINT pk PRIMARY KEY (id)"), @"0A000 unsupported ALTER TABLE ADD CONSTRAINT statement");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE pet ADD PRIMARY KEY (id)"), @"-- error: a primary key cannot be added, dropped or changed later: write it in CREATE TABLE, or create a new table with it and copy the rows; making that plan for you is not there yet [add_primary_key]; the service answers 0A000: unsupported ALTER TABLE ADD CONSTRAINT statement");
    }

    #[test]
    fn fixed_using_index() {
        assert_snapshot!(planned("ALTER TABLE pet ADD CONSTRAINT pk PRIMARY KEY USING INDEX i"), @"-- error: a primary key cannot be added, dropped or changed later: write it in CREATE TABLE, or create a new table with it and copy the rows; making that plan for you is not there yet [add_primary_key]");
    }
}
