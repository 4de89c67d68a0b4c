//! Numeric columns without a precision.

use super::column::{canonical, columns};
use super::prelude::*;

/// Nothing is refused, so no statement is changed: the planner adds the note
/// to each statement that it passes on.
pub(super) static RULE: Rule = Rule {
    id: ID,
    summary: "A numeric column without a precision is numeric(18,6)",
    since: GA,
    page: page::TYPES,
    forms: &[],
    matches: Match::Elsewhere,
};

pub(crate) const ID: &str = "numeric_precision";

/// Where a statement defines such columns, and what to know about them.
pub(crate) fn advice(subject: &Subject<'_>) -> Vec<(usize, String)> {
    if !Form::TABLES.contains(&subject.form) {
        return Vec::new();
    }
    columns(subject)
        .iter()
        .filter_map(|column| {
            let kind = column.kind.as_ref()?;
            let is_bare = kind.kind() == K::PATH_TYPE
                && canonical(subject, kind) == "numeric"
                && tree::child(kind, K::ARG_LIST).is_none();
            is_bare.then(|| {
                let name = subject.written(&column.name);
                let note = format!(
                    "{name} has no precision, so on the service it is numeric(18,6): values are \
                     rounded to 6 decimal places and hold 12 digits before them; where that will \
                     not do, write the precision, up to 1000 digits"
                );
                (tree::start(kind), note)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};
    use crate::{Options, translate};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE pet (price numeric)"), @"accepted");
    }

    #[test]
    fn fixed_by_nothing_but_said() {
        let sql =
            "CREATE TABLE pet (price numeric, weight numeric(6, 3), \"Sum\" decimal NOT NULL)";
        assert!(translate(sql, &Options::default()).is_unchanged());
        assert_snapshot!(planned(sql), @r#"
        -- note: price has no precision, so on the service it is numeric(18,6): values are rounded to 6 decimal places and hold 12 digits before them; where that will not do, write the precision, up to 1000 digits [numeric_precision]
        -- note: "Sum" has no precision, so on the service it is numeric(18,6): values are rounded to 6 decimal places and hold 12 digits before them; where that will not do, write the precision, up to 1000 digits [numeric_precision]

        CREATE TABLE pet (price numeric, weight numeric(6, 3), "Sum" decimal NOT NULL);
        "#);
    }

    #[test]
    fn said_once_of_a_statement_that_is_changed() {
        assert_snapshot!(planned("ALTER TABLE pet ADD COLUMN price numeric DEFAULT 0"), @"
        -- note: the column is added bare; then it gets its default, and batches fill the rows that are there [add_column]
        -- note: price has no precision, so on the service it is numeric(18,6): values are rounded to 6 decimal places and hold 12 digits before them; where that will not do, write the precision, up to 1000 digits [numeric_precision]

        ALTER TABLE pet ADD COLUMN price numeric;

        ALTER TABLE pet ALTER COLUMN price SET DEFAULT 0;

        -- page by page, 1000 rows a transaction (key = the primary key of pet):
        UPDATE pet AS dsql_row SET price = 0 WHERE dsql_row.key > '…' AND dsql_row.key <= '…' AND dsql_row.price IS NULL;
        ");
    }

    #[test]
    fn not_said_of_a_domain_or_a_cast() {
        assert_snapshot!(planned("CREATE TABLE pet (a money_like DEFAULT 0::numeric, b numeric[])"), @"
        -- note: numeric[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it [array_column]

        CREATE TABLE pet (a money_like DEFAULT 0::numeric, b jsonb);
        ");
    }
}
