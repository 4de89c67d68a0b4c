//! SET NOT NULL.

use super::alter_table::{AlterTable, Steps};
use super::name::quoted;
use super::prelude::*;

pub(crate) static RULE: Rule = Rule {
    id: "set_not_null",
    summary: "A column cannot become NOT NULL; a CHECK takes its place",
    since: "2026-08-03",
    page: page::ALTER_TABLE,
    forms: &[Form::AlterTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(table) = AlterTable::of(subject) else {
        return;
    };
    for action in &table.actions {
        let Some(option) = tree::child(action, K::SET_NOT_NULL) else {
            continue;
        };
        let Some(column) = tree::child(action, K::COLUMN_NAME_REF) else {
            continue;
        };
        let name =
            quoted(&subject.default_name(&table.folded, &subject.folded(&column), "not_null"));
        let mut steps = Steps::new(subject, &table);
        steps.constraint(
            &name,
            &format!("CHECK ({} IS NOT NULL)", subject.written(&column)),
            false,
        );
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&option),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "unsupported ALTER TABLE ALTER COLUMN ... SET NOT NULL statement",
            )),
            fix: steps.done(format!(
                "NOT NULL becomes the constraint {name}: to lift it, drop that constraint; the \
                 catalog does not show the column as NOT NULL"
            )),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ALTER TABLE pet ALTER COLUMN name DROP NOT NULL"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE pet ALTER name SET NOT NULL"), @"0A000 unsupported ALTER TABLE ALTER COLUMN ... SET NOT NULL statement");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE pet ALTER COLUMN \"Name\" SET NOT NULL"), @r#"
        -- note: NOT NULL becomes the constraint "pet_Name_not_null": to lift it, drop that constraint; the catalog does not show the column as NOT NULL [set_not_null]

        ALTER TABLE pet ADD CONSTRAINT "pet_Name_not_null" CHECK ("Name" IS NOT NULL) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT "pet_Name_not_null";
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        "#);
    }

    #[test]
    fn fixed_among_other_actions() {
        assert_snapshot!(planned("ALTER TABLE pet ALTER a SET NOT NULL, ALTER b SET DEFAULT 1, ALTER c SET NOT NULL"), @"
        -- note: NOT NULL becomes the constraint pet_a_not_null: to lift it, drop that constraint; the catalog does not show the column as NOT NULL [set_not_null]
        -- note: NOT NULL becomes the constraint pet_c_not_null: to lift it, drop that constraint; the catalog does not show the column as NOT NULL [set_not_null]

        ALTER TABLE pet ADD CONSTRAINT pet_a_not_null CHECK (a IS NOT NULL) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_a_not_null;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE pet ALTER b SET DEFAULT 1;

        ALTER TABLE pet ADD CONSTRAINT pet_c_not_null CHECK (c IS NOT NULL) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_c_not_null;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_where_the_script_creates_the_table() {
        assert_snapshot!(planned("CREATE TABLE pet (id int, name text DEFAULT 'Leo'); ALTER TABLE pet ALTER COLUMN name SET NOT NULL"), @"
        -- note: NOT NULL moves into the CREATE TABLE of this script [set_not_null]

        CREATE TABLE pet (id int, name text DEFAULT 'Leo' NOT NULL);
        ");
    }

    #[test]
    fn fixed_beside_a_key() {
        assert_snapshot!(planned("CREATE TABLE pet (id int, name text -- last\n); ALTER TABLE pet ADD PRIMARY KEY (id); ALTER TABLE pet ALTER name SET NOT NULL"), @"
        -- note: the primary key moves into the CREATE TABLE of this script, since none can be added later [add_primary_key]
        -- note: NOT NULL moves into the CREATE TABLE of this script [set_not_null]

        CREATE TABLE pet (id int, name text NOT NULL, -- last
            PRIMARY KEY (id)
        );
        ");
    }
}
