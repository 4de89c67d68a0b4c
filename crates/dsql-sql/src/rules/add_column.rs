//! ADD COLUMN with more than a type.

use super::alter_table::{AlterTable, Steps, rebuilt};
use super::column::{Column, columns};
use super::constraint::{constraint_name, default_check_name, unnamed};
use super::name::quoted;
use super::prelude::*;
use crate::batches::{Batches, Change};

pub(super) static RULE: Rule = Rule {
    id: "add_column",
    summary: "A column is added bare: its default and its constraints follow",
    since: GA,
    page: page::ALTER_TABLE,
    forms: &[Form::AlterTable],
    matches: Match::Places(find),
};

/// What the service refuses after the type. A bare NULL is tolerated, and
/// GENERATED … STORED is not known to be refused.
const CONSTRAINTS: &[K] = &[
    K::CHECK_CONSTRAINT,
    K::DEFAULT_CONSTRAINT,
    K::NOT_NULL_CONSTRAINT,
    K::PRIMARY_KEY_CONSTRAINT,
    K::REFERENCES_CONSTRAINT,
    K::UNIQUE_CONSTRAINT,
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(table) = AlterTable::of(subject) else {
        return;
    };
    for column in columns(subject)
        .iter()
        .filter(|column| column.node.kind() == K::ADD_COLUMN)
    {
        let refused = column
            .node
            .children()
            .find(|child| CONSTRAINTS.contains(&child.kind()))
            .or_else(|| column.identity());
        if let Some(first) = refused {
            findings.push(Finding {
                rule: RULE.id,
                at: tree::start(&first),
                refusal: Some(Refusal::unsupported(
                    RULE.id,
                    "ALTER TABLE ADD COLUMN with constraint not supported",
                )),
                fix: fix(subject, &table, column),
            });
        }
    }
}

fn fix(subject: &Subject<'_>, table: &AlterTable, added: &Column) -> Fix {
    let node = &added.node;
    if let Some(refused) = contradiction(added) {
        return refused;
    }
    if tree::child(node, K::PRIMARY_KEY_CONSTRAINT).is_some() {
        return rebuilt(subject, table, RULE.id, node).unwrap_or_else(|| {
            Fix::Refuse(
                "a column of the primary key is added by building the table anew, which does not \
                 go with what else is in this statement: write each action as a statement of its own"
                    .to_owned(),
            )
        });
    }
    let column = subject.written(&added.name).to_owned();
    let folded = subject.folded(&added.name);
    let again = tree::child(node, K::IF_NOT_EXISTS).is_some();
    let mut steps = Steps::new(subject, table);
    let mut said = vec!["the column is added bare".to_owned()];
    steps.alter(&bare(subject, node));

    let mut value = None;
    let mut constant = true;
    if let Some(default) = added.default_value() {
        let expression = subject.written(&default).to_owned();
        if !expression.eq_ignore_ascii_case("null") {
            let may_be_null = !never_null(subject, &default);
            constant = tree::descendants(&default, &[K::CALL_EXPR, K::NAME_REF])
                .next()
                .is_none();
            value = Some((expression, may_be_null));
        }
    }
    if let Some(identity) = added.identity() {
        let (create, sequence) = match sequence(subject, table, &identity, &column, &folded, again)
        {
            Ok(sequence) => sequence,
            Err(fix) => return fix,
        };
        steps.sql(create);
        said.push(format!(
            "a sequence, {sequence}, counts for it in place of an identity"
        ));
        value = Some((
            format!("nextval({})", crate::quote_literal(&sequence)),
            false,
        ));
    }
    if let Some((value, may_be_null)) = value {
        steps.alter(&format!("ALTER COLUMN {column} SET DEFAULT {value}"));
        steps.batches(Batches {
            table: table.name.clone(),
            only: table.only,
            change: Change::Fill {
                column: column.clone(),
                value,
                may_be_null,
            },
            rows: subject.options.batch(),
        });
        said.push(format!(
            "then it gets its default, and batches fill the rows that are there{}",
            if constant {
                ""
            } else {
                ", computing the default anew for each batch"
            }
        ));
    }
    let not_null = tree::child(node, K::NOT_NULL_CONSTRAINT);
    if not_null.is_some() || added.identity().is_some() {
        let name = not_null
            .and_then(|constraint| constraint_name(subject, &constraint))
            .unwrap_or_else(|| quoted(&subject.default_name(&table.folded, &folded, "not_null")));
        steps.constraint(&name, &format!("CHECK ({column} IS NOT NULL)"), again);
        said.push(format!("NOT NULL becomes the constraint {name}"));
    }
    for check in tree::children(node, K::CHECK_CONSTRAINT) {
        let name = constraint_name(subject, &check)
            .unwrap_or_else(|| quoted(&default_check_name(subject, &table.folded, &check)));
        steps.constraint(&name, unnamed(subject, &check), again);
        said.push(format!("its CHECK is named {name}"));
    }
    for key in tree::children(node, K::REFERENCES_CONSTRAINT) {
        let name = constraint_name(subject, &key)
            .unwrap_or_else(|| quoted(&subject.default_name(&table.folded, &folded, "fkey")));
        let key = format!("FOREIGN KEY ({column}) {}", unnamed(subject, &key));
        steps.constraint(&name, &key, again);
        said.push(format!("its foreign key is named {name}"));
    }
    if let Some(unique) = tree::child(node, K::UNIQUE_CONSTRAINT) {
        let name = constraint_name(subject, &unique)
            .unwrap_or_else(|| quoted(&subject.default_name(&table.folded, &folded, "key")));
        if let Some(refused) = steps.unique(subject, &unique, &name, &format!("({column})"), again)
        {
            return refused;
        }
        said.push(format!("its UNIQUE is built as an index and named {name}"));
    }
    if again {
        said.push(
            "the steps after the first run also where the column was there before".to_owned(),
        );
    }
    steps.done(said.join("; "))
}

/// What PostgreSQL would refuse too, or what says the same thing twice.
fn contradiction(added: &Column) -> Option<Fix> {
    let count = |kind| tree::children(&added.node, kind).count();
    let defaults = count(K::DEFAULT_CONSTRAINT) + count(K::GENERATED_CONSTRAINT);
    let nulls = count(K::NULL_CONSTRAINT) + count(K::NOT_NULL_CONSTRAINT);
    let what = if defaults > 1 {
        "two values for the column: write one DEFAULT, identity or GENERATED"
    } else if nulls > 1 {
        "NULL and NOT NULL more than once: write one of them"
    } else if count(K::UNIQUE_CONSTRAINT) > 1 {
        "UNIQUE more than once: write it once"
    } else if count(K::EXCLUDE_CONSTRAINT) > 0 {
        "EXCLUDE, which is not supported: take it out"
    } else {
        return None;
    };
    Some(Fix::Refuse(format!("this ADD COLUMN has {what}")))
}

/// ADD COLUMN up to its type, and the expression it is generated from.
fn bare(subject: &Subject<'_>, node: &SyntaxNode) -> String {
    let constraints = [CONSTRAINTS, &[K::GENERATED_CONSTRAINT, K::NULL_CONSTRAINT]].concat();
    let first = node
        .children()
        .find(|child| constraints.contains(&child.kind()))
        .map_or(tree::end(node), |child| tree::start(&child));
    let start = tree::start(node);
    let before = subject.tokens.partition_point(|token| token.end <= first);
    let end = before
        .checked_sub(1)
        .map_or(first, |last| subject.tokens[last].end.max(start));
    let mut text = subject.text[start..end].to_owned();
    if tree::child(node, K::NULL_CONSTRAINT).is_some() {
        text.push_str(" NULL");
    }
    if let Some(generated) = tree::child(node, K::GENERATED_CONSTRAINT)
        && tree::child(&generated, K::GENERATED_STORED).is_some()
    {
        text.push(' ');
        text.push_str(subject.written(&generated));
    }
    text
}

/// A value that is certainly not null needs no guard in the back-fill.
fn never_null(subject: &Subject<'_>, value: &SyntaxNode) -> bool {
    const FUNCTIONS: &[&str] = &[
        "now",
        "gen_random_uuid",
        "clock_timestamp",
        "nextval",
        "statement_timestamp",
        "random",
    ];
    match value.kind() {
        K::LITERAL => true,
        K::PREFIX_EXPR | K::CAST_EXPR | K::PAREN_EXPR => value
            .children()
            .next()
            .is_some_and(|inner| never_null(subject, &inner)),
        K::CALL_EXPR => value.children().next().is_some_and(|name| {
            FUNCTIONS
                .contains(&super::last_name(subject, tree::start(&name), tree::end(&name)).as_str())
        }),
        K::NAME_REF => subject.folded(value).starts_with("current_"),
        _ => false,
    }
}

/// CREATE SEQUENCE in place of an identity, and the sequence's name as
/// written. An existing column cannot become NOT NULL, which an identity asks
/// for.
fn sequence(
    subject: &Subject<'_>,
    table: &AlterTable,
    identity: &SyntaxNode,
    column: &str,
    folded: &str,
    again: bool,
) -> Result<(String, String), Fix> {
    let name = quoted(&subject.default_name(&table.folded, folded, "seq"));
    let name = format!("{}{name}", table.qualifier());
    let mut cache = subject.options.cache();
    let mut options = String::new();
    for option in tree::child(identity, K::SEQUENCE_OPTION_LIST)
        .into_iter()
        .flat_map(|list| list.children().collect::<Vec<_>>())
    {
        match option.kind() {
            K::OPTION_CACHE => {
                let value = option.children().next();
                let number = value.and_then(|value| subject.written(&value).parse::<u64>().ok());
                if let Some(number) = number.filter(|number| *number == 1 || *number >= 65_536) {
                    cache = number;
                }
            }
            K::OPTION_SEQUENCE_NAME
            | K::OPTION_OWNED_BY
            | K::OPTION_LOGGED
            | K::OPTION_UNLOGGED => {
                return Err(Fix::Refuse(
                    "this option of an identity column cannot be had in ADD COLUMN: take it out"
                        .to_owned(),
                ));
            }
            _ => {
                options.push(' ');
                options.push_str(subject.written(&option));
            }
        }
    }
    let exists = if again { "IF NOT EXISTS " } else { "" };
    let create = format!(
        "CREATE SEQUENCE {exists}{name} CACHE {cache}{options} OWNED BY {}.{column}",
        table.name
    );
    Ok((create, name))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("ALTER TABLE pet ADD COLUMN name text"), @"accepted");
    }

    #[test]
    fn accepted_with_a_bare_null() {
        assert_snapshot!(checked("ALTER TABLE pet ADD name text NULL"), @"accepted");
    }

    #[test]
    fn accepted_generated() {
        assert_snapshot!(checked("ALTER TABLE pet ADD up text GENERATED ALWAYS AS (upper(name)) STORED"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("ALTER TABLE pet ADD COLUMN age int NOT NULL"), @"0A000 ALTER TABLE ADD COLUMN with constraint not supported");
    }

    #[test]
    fn refused_with_a_default() {
        assert_snapshot!(checked("ALTER TABLE pet ADD age int DEFAULT 0"), @"0A000 ALTER TABLE ADD COLUMN with constraint not supported");
    }

    #[test]
    fn refused_with_a_reference() {
        assert_snapshot!(checked("ALTER TABLE pet ADD owner bigint REFERENCES owner"), @"0A000 ALTER TABLE ADD COLUMN with constraint not supported");
    }

    #[test]
    fn refused_with_an_identity() {
        assert_snapshot!(checked("ALTER TABLE pet ADD n integer GENERATED ALWAYS AS IDENTITY"), @"0A000 ALTER TABLE ADD COLUMN with constraint not supported");
    }

    #[test]
    fn refused_after_a_storage_clause() {
        assert_snapshot!(checked("ALTER TABLE pet ADD COLUMN doc text STORAGE external DEFAULT 'x'"), @"0A000 ALTER TABLE ADD COLUMN with constraint not supported");
    }

    #[test]
    fn fixed_after_a_storage_clause() {
        assert_snapshot!(planned("ALTER TABLE pet ADD COLUMN doc text STORAGE external DEFAULT 'x'"), @"
        -- note: the column is added bare; then it gets its default, and batches fill the rows that are there [add_column]

        ALTER TABLE pet ADD COLUMN doc text STORAGE external;

        ALTER TABLE pet ALTER COLUMN doc SET DEFAULT 'x';

        -- page by page, 1000 rows a transaction (key = the primary key of pet):
        UPDATE pet AS dsql_row SET doc = 'x' WHERE dsql_row.key > '…' AND dsql_row.key <= '…' AND dsql_row.doc IS NULL;
        ");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("/* why */ ALTER TABLE clinic.pet ADD COLUMN age int DEFAULT 0 NOT NULL CHECK (age >= 0) -- done"), @"
        -- note: the column is added bare; then it gets its default, and batches fill the rows that are there; NOT NULL becomes the constraint pet_age_not_null; its CHECK is named pet_age_check [add_column]

        /* why */ ALTER TABLE clinic.pet ADD COLUMN age int;

        ALTER TABLE clinic.pet ALTER COLUMN age SET DEFAULT 0;

        -- page by page, 1000 rows a transaction (key = the primary key of clinic.pet):
        UPDATE clinic.pet AS dsql_row SET age = 0 WHERE dsql_row.key > '…' AND dsql_row.key <= '…' AND dsql_row.age IS NULL;

        ALTER TABLE clinic.pet ADD CONSTRAINT pet_age_not_null CHECK (age IS NOT NULL) NOT VALID;

        ALTER TABLE ASYNC clinic.pet VALIDATE CONSTRAINT pet_age_not_null;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE clinic.pet ADD CONSTRAINT pet_age_check CHECK (age >= 0) NOT VALID;

        ALTER TABLE ASYNC clinic.pet VALIDATE CONSTRAINT pet_age_check -- done
        ;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_references_and_unique() {
        assert_snapshot!(planned("ALTER TABLE IF EXISTS pet ADD COLUMN \"Owner\" bigint CONSTRAINT o REFERENCES owner (id) ON DELETE CASCADE UNIQUE NULLS NOT DISTINCT"), @r#"
        -- note: the column is added bare; its foreign key is named o; its UNIQUE is built as an index and named "pet_Owner_key"; IF EXISTS cannot stand in every step: where there is no such table, a step fails [add_column]

        ALTER TABLE IF EXISTS pet ADD COLUMN "Owner" bigint;

        ALTER TABLE IF EXISTS pet ADD CONSTRAINT o FOREIGN KEY ("Owner") REFERENCES owner (id) ON DELETE CASCADE NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT o;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        CREATE UNIQUE INDEX ASYNC "pet_Owner_key" ON pet ("Owner") NULLS NOT DISTINCT;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')

        ALTER TABLE IF EXISTS pet ADD CONSTRAINT "pet_Owner_key" UNIQUE USING INDEX "pet_Owner_key";
        "#);
    }

    #[test]
    fn fixed_serial() {
        assert_snapshot!(planned("ALTER TABLE clinic.\"Pet\" ADD COLUMN IF NOT EXISTS n serial"), @r#"
        -- note: serial becomes a bigint identity column with CACHE 65536: read it as a 64-bit integer, and widen the columns that refer to it [serial]
        -- note: the column is added bare; a sequence, clinic."Pet_n_seq", counts for it in place of an identity; then it gets its default, and batches fill the rows that are there; NOT NULL becomes the constraint "Pet_n_not_null"; the steps after the first run also where the column was there before [add_column]

        ALTER TABLE clinic."Pet" ADD COLUMN IF NOT EXISTS n bigint;

        CREATE SEQUENCE IF NOT EXISTS clinic."Pet_n_seq" CACHE 65536 OWNED BY clinic."Pet".n;

        ALTER TABLE clinic."Pet" ALTER COLUMN n SET DEFAULT nextval('clinic."Pet_n_seq"');

        -- page by page, 1000 rows a transaction (key = the primary key of clinic."Pet"):
        UPDATE clinic."Pet" AS dsql_row SET n = nextval('clinic."Pet_n_seq"') WHERE dsql_row.key > '…' AND dsql_row.key <= '…' AND dsql_row.n IS NULL;

        ALTER TABLE clinic."Pet" DROP CONSTRAINT IF EXISTS "Pet_n_not_null";

        ALTER TABLE clinic."Pet" ADD CONSTRAINT "Pet_n_not_null" CHECK (n IS NOT NULL) NOT VALID;

        ALTER TABLE ASYNC clinic."Pet" VALIDATE CONSTRAINT "Pet_n_not_null";
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        "#);
    }

    #[test]
    fn fixed_identity() {
        assert_snapshot!(planned("ALTER TABLE pet ADD n bigint GENERATED BY DEFAULT AS IDENTITY (START WITH 100 CACHE 20)"), @"
        -- note: the column is added bare; a sequence, pet_n_seq, counts for it in place of an identity; then it gets its default, and batches fill the rows that are there; NOT NULL becomes the constraint pet_n_not_null [add_column]

        ALTER TABLE pet ADD n bigint;

        CREATE SEQUENCE pet_n_seq CACHE 65536 START WITH 100 OWNED BY pet.n;

        ALTER TABLE pet ALTER COLUMN n SET DEFAULT nextval('pet_n_seq');

        -- page by page, 1000 rows a transaction (key = the primary key of pet):
        UPDATE pet AS dsql_row SET n = nextval('pet_n_seq') WHERE dsql_row.key > '…' AND dsql_row.key <= '…' AND dsql_row.n IS NULL;

        ALTER TABLE pet ADD CONSTRAINT pet_n_not_null CHECK (n IS NOT NULL) NOT VALID;

        ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_n_not_null;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_among_other_actions() {
        assert_snapshot!(planned("ALTER TABLE pet ADD COLUMN a text DEFAULT f('x'), DROP COLUMN b, ADD COLUMN c int"), @"
        -- note: the column is added bare; then it gets its default, and batches fill the rows that are there, computing the default anew for each batch [add_column]

        ALTER TABLE pet ADD COLUMN a text;

        ALTER TABLE pet ALTER COLUMN a SET DEFAULT f('x');

        -- page by page, 1000 rows a transaction (key = the primary key of pet):
        UPDATE pet AS dsql_row SET a = f('x') WHERE dsql_row.key > '…' AND dsql_row.key <= '…' AND dsql_row.a IS NULL AND (f('x')) IS NOT NULL;

        ALTER TABLE pet DROP COLUMN b;

        ALTER TABLE pet ADD COLUMN c int;
        ");
    }

    #[test]
    fn fixed_primary_key() {
        assert_snapshot!(planned("ALTER TABLE pet ADD COLUMN id uuid PRIMARY KEY"), @"
        -- note: pet is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [add_column]

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE pet ADD COLUMN id uuid PRIMARY KEY
        ");
    }
}
