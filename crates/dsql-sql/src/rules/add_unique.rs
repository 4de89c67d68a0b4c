//! ADD UNIQUE.

use super::alter_table::{AlterTable, Steps};
use super::constraint::{column_names, constraint_name};
use super::name::quoted;
use super::prelude::*;

pub(crate) static RULE: Rule = Rule {
    id: "add_unique",
    summary: "UNIQUE is built as an index first",
    since: "2026-04-20",
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
        let Some(constraint) = tree::child(action, K::UNIQUE_CONSTRAINT) else {
            continue;
        };
        if super::constraint::deferral(&constraint).is_some() {
            findings.push(Finding {
                rule: RULE.id,
                at: tree::start(&constraint),
                refusal: Some(Refusal::unsupported(
                    RULE.id,
                    "ALTER TABLE / ADD CONSTRAINT UNIQUE / DEFERRED / INITIALLY DEFERRED not \
                     supported",
                )),
                fix: Fix::Refuse(
                    "only foreign keys can be deferred: take DEFERRABLE out, and order the changes \
                     so that each keeps the constraint"
                        .to_owned(),
                ),
            });
            continue;
        }
        let Some(list) = tree::child(&constraint, K::INDEX_PARAMETERS)
            .and_then(|parameters| tree::child(&parameters, K::CONSTRAINT_COLUMN_REF_LIST))
        else {
            // UNIQUE USING INDEX.
            continue;
        };
        let mut steps = Steps::new(subject, &table);
        let mut note =
            "UNIQUE is built as an index, and once its job has completed the index becomes the \
             constraint"
                .to_owned();
        let name = constraint_name(subject, &constraint).unwrap_or_else(|| {
            let columns = column_names(subject, &list).join("_");
            let name = quoted(&subject.default_name(&table.folded, &columns, "key"));
            note.push_str(&format!("; it is named {name}, as PostgreSQL would"));
            name
        });
        let columns = subject.written(&list).to_owned();
        let refused = steps.unique(subject, &constraint, &name, &columns, false);
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&constraint),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "unsupported ALTER TABLE ADD CONSTRAINT statement",
            )),
            fix: refused.unwrap_or_else(|| steps.done(note)),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ALTER TABLE pet ADD CONSTRAINT pet_name UNIQUE USING INDEX pet_name"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE pet ADD CONSTRAINT u UNIQUE (name)"), @"0A000 unsupported ALTER TABLE ADD CONSTRAINT statement");
    }

    #[test]
    fn refused_deferrable() {
        assert_snapshot!(checked("ALTER TABLE pet ADD CONSTRAINT u UNIQUE USING INDEX i DEFERRABLE"), @"0A000 ALTER TABLE / ADD CONSTRAINT UNIQUE / DEFERRED / INITIALLY DEFERRED not supported");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("ALTER TABLE clinic.pet ADD UNIQUE (name, \"Kind\") -- one each"), @r#"
        -- note: UNIQUE is built as an index, and once its job has completed the index becomes the constraint; it is named "pet_name_Kind_key", as PostgreSQL would [add_unique]

        CREATE UNIQUE INDEX ASYNC "pet_name_Kind_key" ON clinic.pet (name, "Kind");
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE clinic.pet ADD CONSTRAINT "pet_name_Kind_key" UNIQUE USING INDEX "pet_name_Kind_key" -- one each
        ;
        "#);
    }

    #[test]
    fn fixed_named() {
        assert_snapshot!(planned("ALTER TABLE pet ADD CONSTRAINT \"One\" UNIQUE NULLS NOT DISTINCT (name) INCLUDE (age)"), @r#"
        -- note: UNIQUE is built as an index, and once its job has completed the index becomes the constraint [add_unique]

        CREATE UNIQUE INDEX ASYNC "One" ON pet (name) INCLUDE (age) NULLS NOT DISTINCT;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE pet ADD CONSTRAINT "One" UNIQUE USING INDEX "One";
        "#);
    }

    #[test]
    fn fixed_where_the_script_creates_the_table() {
        assert_snapshot!(planned("CREATE TABLE pet (\n  id int PRIMARY KEY,\n  name text\n);\nALTER TABLE pet ADD CONSTRAINT one UNIQUE (name);\nALTER TABLE pet ADD UNIQUE NULLS NOT DISTINCT (name, id)"), @"
        -- note: UNIQUE moves into the CREATE TABLE of this script, where it needs no index of its own [add_unique]
        -- note: UNIQUE moves into the CREATE TABLE of this script, where it needs no index of its own [add_unique]

        CREATE TABLE pet (
          id int PRIMARY KEY,
          name text,
          CONSTRAINT one UNIQUE (name),
          UNIQUE NULLS NOT DISTINCT (name, id)
        );
        ");
    }

    #[test]
    fn kept_where_create_table_has_the_same() {
        assert_snapshot!(planned("CREATE TABLE pet (id int, name text UNIQUE); ALTER TABLE pet ADD CONSTRAINT one UNIQUE (name)"), @"
        -- note: UNIQUE is built as an index, and once its job has completed the index becomes the constraint [add_unique]

        CREATE TABLE pet (id int, name text UNIQUE);

        CREATE UNIQUE INDEX ASYNC one ON pet (name);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE pet ADD CONSTRAINT one UNIQUE USING INDEX one;
        ");
    }
}
