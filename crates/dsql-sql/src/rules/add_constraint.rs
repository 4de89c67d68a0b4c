//! ADD CHECK and ADD FOREIGN KEY.

use super::alter_table::{AlterTable, Steps};
use super::constraint::{column_names, constraint_name, default_check_name, unnamed};
use super::name::quoted;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "add_constraint",
    summary: "A CHECK or a foreign key is added NOT VALID, and validated by a job",
    since: "2026-08-03",
    page: page::ALTER_TABLE,
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
                K::CHECK_CONSTRAINT | K::FOREIGN_KEY_CONSTRAINT
            )
        }) else {
            continue;
        };
        if tree::child(&constraint, K::NOT_VALID).is_some() {
            continue;
        }
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&constraint),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "unsupported ALTER TABLE ADD CONSTRAINT statement",
            )),
            fix: fix(subject, &table, &constraint),
        });
    }
}

fn fix(subject: &Subject<'_>, table: &AlterTable, constraint: &SyntaxNode) -> Fix {
    let mut steps = Steps::new(subject, table);
    let mut note =
        "the constraint holds for new rows at once (NOT VALID), and a job validates those that \
         are there"
            .to_owned();
    let name = constraint_name(subject, constraint).unwrap_or_else(|| {
        let name = quoted(&if constraint.kind() == K::CHECK_CONSTRAINT {
            default_check_name(subject, &table.folded, constraint)
        } else {
            let columns = tree::child(constraint, K::FOREIGN_KEY_COLUMN_LIST)
                .map(|list| column_names(subject, &list).join("_"))
                .unwrap_or_default();
            subject.default_name(&table.folded, &columns, "fkey")
        });
        note.push_str(&format!("; it is named {name}, as PostgreSQL would"));
        name
    });
    steps.constraint(&name, unnamed(subject, constraint), false);
    steps.done(note)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ALTER TABLE visit ADD CONSTRAINT v FOREIGN KEY (pet) REFERENCES pet (id) NOT VALID"), @"accepted");
    }

    #[test]
    fn accepted_check() {
        assert_snapshot!(checked("ALTER TABLE pet ADD CHECK (age > 0) NOT VALID"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE visit ADD FOREIGN KEY (pet) REFERENCES pet (id)"), @"0A000 unsupported ALTER TABLE ADD CONSTRAINT statement");
    }

    #[test]
    fn refused_check() {
        assert_snapshot!(checked("ALTER TABLE pet ADD CONSTRAINT c CHECK (age > 0)"), @"0A000 unsupported ALTER TABLE ADD CONSTRAINT statement");
    }

    #[test]
    fn fixed_with_a_number_where_the_name_is_taken() {
        assert_snapshot!(planned("ALTER TABLE pet ADD CHECK (age > 0), ADD CHECK (age < 99), ADD CONSTRAINT pet_age_check2 CHECK (age <> 7); ALTER TABLE pet ADD CHECK (age <> 8)"), @"
        -- note: the constraint holds for new rows at once (NOT VALID), and a job validates those that are there; it is named pet_age_check, as PostgreSQL would [add_constraint]
        -- note: the constraint holds for new rows at once (NOT VALID), and a job validates those that are there; it is named pet_age_check1, as PostgreSQL would [add_constraint]
        -- note: the constraint holds for new rows at once (NOT VALID), and a job validates those that are there [add_constraint]
        -- note: the constraint holds for new rows at once (NOT VALID), and a job validates those that are there; it is named pet_age_check3, as PostgreSQL would [add_constraint]

        ALTER TABLE pet ADD CONSTRAINT pet_age_check CHECK (age > 0) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_age_check;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE pet ADD CONSTRAINT pet_age_check1 CHECK (age < 99) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_age_check1;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE pet ADD CONSTRAINT pet_age_check2 CHECK (age <> 7) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_age_check2;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE pet ADD CONSTRAINT pet_age_check3 CHECK (age <> 8) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_age_check3;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE visit ADD CONSTRAINT v FOREIGN KEY (pet) REFERENCES pet (id) ON DELETE CASCADE DEFERRABLE"), @"
        -- note: the constraint holds for new rows at once (NOT VALID), and a job validates those that are there [add_constraint]

        ALTER TABLE visit ADD CONSTRAINT v FOREIGN KEY (pet) REFERENCES pet (id) ON DELETE CASCADE DEFERRABLE NOT VALID;

        ALTER TABLE ASYNC visit VALIDATE CONSTRAINT v;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_unnamed() {
        assert_snapshot!(planned("ALTER TABLE ONLY clinic.visit ADD FOREIGN KEY (pet, \"Vet\") REFERENCES pet"), @r#"
        -- note: the constraint holds for new rows at once (NOT VALID), and a job validates those that are there; it is named "visit_pet_Vet_fkey", as PostgreSQL would [add_constraint]

        ALTER TABLE ONLY clinic.visit ADD CONSTRAINT "visit_pet_Vet_fkey" FOREIGN KEY (pet, "Vet") REFERENCES pet NOT VALID;

        ALTER TABLE ASYNC ONLY clinic.visit VALIDATE CONSTRAINT "visit_pet_Vet_fkey";
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        "#);
    }

    #[test]
    fn fixed_unnamed_checks() {
        assert_snapshot!(planned("ALTER TABLE pet ADD CHECK (age > 0 OR age IS NULL), ADD CHECK (lower(name) <> kind)"), @"
        -- note: the constraint holds for new rows at once (NOT VALID), and a job validates those that are there; it is named pet_age_check, as PostgreSQL would [add_constraint]
        -- note: the constraint holds for new rows at once (NOT VALID), and a job validates those that are there; it is named pet_check, as PostgreSQL would [add_constraint]

        ALTER TABLE pet ADD CONSTRAINT pet_age_check CHECK (age > 0 OR age IS NULL) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_age_check;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE pet ADD CONSTRAINT pet_check CHECK (lower(name) <> kind) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_check;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }
}
