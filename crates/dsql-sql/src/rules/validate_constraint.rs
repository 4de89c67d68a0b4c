//! VALIDATE CONSTRAINT without ASYNC.

use super::alter_table::AlterTable;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "validate_constraint",
    summary: "A constraint is validated by an asynchronous job",
    since: "2026-08-03",
    page: page::ALTER_TABLE,
    forms: &[Form::AlterTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.asynchronous.is_some() {
        return;
    }
    let Some(table) = AlterTable::of(subject) else {
        return;
    };
    for action in table
        .actions
        .iter()
        .filter(|action| action.kind() == K::VALIDATE_CONSTRAINT)
    {
        let note = "a job validates the constraint".to_owned();
        let fix = if table.actions.len() > 1 {
            Fix::Steps(Vec::new(), note)
        } else {
            let word = subject.tokens[1];
            let mut edits = vec![Edit::insert(word.end, " ASYNC")];
            if subject.words_at(2, &["if", "exists"]) {
                let (start, end) = (subject.tokens[2].start, subject.tokens[3].end);
                edits.push(Edit::remove(subject.text, start, end));
                edits.rotate_left(1);
            }
            Fix::Edits(edits, note)
        };
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(action),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "unsupported ALTER TABLE VALIDATE CONSTRAINT statement",
            )),
            fix,
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ALTER TABLE ASYNC pet VALIDATE CONSTRAINT c"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE pet VALIDATE CONSTRAINT c"), @"0A000 unsupported ALTER TABLE VALIDATE CONSTRAINT statement");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("alter table only pet validate constraint c"), @"
        -- note: a job validates the constraint [validate_constraint]

        alter table ASYNC only pet validate constraint c;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_among_other_actions() {
        assert_snapshot!(planned("ALTER TABLE pet VALIDATE CONSTRAINT c, DROP COLUMN d"), @"
        -- note: a job validates the constraint [validate_constraint]

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT c;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE pet DROP COLUMN d;
        ");
    }

    #[test]
    fn fixed_if_exists() {
        assert_snapshot!(planned("ALTER TABLE IF EXISTS pet VALIDATE CONSTRAINT c"), @"
        -- note: a job validates the constraint [validate_constraint]

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT c;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }
}
