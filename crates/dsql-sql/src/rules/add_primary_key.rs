//! ADD PRIMARY KEY and ADD EXCLUDE.

use super::alter_table::{AlterTable, rebuilt};
use super::prelude::*;

pub(crate) static RULE: Rule = Rule {
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
            fix: if is_key {
                rebuilt(subject, &table, RULE.id, action).unwrap_or_else(|| {
                    Fix::Refuse(
                        "a primary key is added by building the table anew, which does not go with \
                         what else is in this statement: write each action as a statement of its \
                         own, and the key without INCLUDE or storage parameters"
                            .to_owned(),
                    )
                })
            } else {
                Fix::Refuse("EXCLUDE is not supported: use UNIQUE where that will do".to_owned())
            },
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
        assert_snapshot!(planned("ALTER TABLE pet ADD PRIMARY KEY (id)"), @"
        -- note: pet is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [add_primary_key]

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE pet ADD PRIMARY KEY (id)
        ");
    }

    #[test]
    fn fixed_using_index() {
        assert_snapshot!(planned("ALTER TABLE pet ADD CONSTRAINT pk PRIMARY KEY USING INDEX i"), @"
        -- note: pet is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [add_primary_key]

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE pet ADD CONSTRAINT pk PRIMARY KEY USING INDEX i
        ");
    }

    #[test]
    fn fixed_where_the_script_creates_the_table() {
        assert_snapshot!(planned("CREATE TABLE public.pet (\n    id bigint NOT NULL,\n    name text -- what it hears\n);\n\nALTER TABLE public.pet OWNER TO clerk;\nINSERT INTO public.pet VALUES (1, 'Leo');\n\n--\n-- Name: pet pet_pkey\n--\n\nALTER TABLE ONLY public.pet\n    ADD CONSTRAINT pet_pkey PRIMARY KEY (id)"), @"
        -- note: the primary key moves into the CREATE TABLE of this script, since none can be added later [add_primary_key]

        CREATE TABLE public.pet (
            id bigint NOT NULL,
            name text, -- what it hears
            --
            -- Name: pet pet_pkey
            --
            CONSTRAINT pet_pkey PRIMARY KEY (id)
        );

        ALTER TABLE public.pet OWNER TO clerk;

        INSERT INTO public.pet VALUES (1, 'Leo');
        ");
    }

    #[test]
    fn fixed_on_one_line() {
        assert_snapshot!(planned("CREATE TABLE pet (id int, n int); ALTER TABLE pet ADD PRIMARY KEY (id, n), ADD UNIQUE (n)"), @"
        -- note: the primary key moves into the CREATE TABLE of this script, since none can be added later; UNIQUE moves into the CREATE TABLE of this script, where it needs no index of its own [add_unique]

        CREATE TABLE pet (id int, n int, PRIMARY KEY (id, n), UNIQUE (n));
        ");
    }

    #[test]
    fn fixed_inside_a_transaction() {
        assert_snapshot!(planned("BEGIN; CREATE TABLE pet (id int); ALTER TABLE pet ADD PRIMARY KEY (id); COMMIT"), @"
        -- note: the primary key moves into the CREATE TABLE of this script, since none can be added later [add_primary_key]
        -- note: the service takes one DDL statement a transaction and no DML with it: each step commits by itself, and a failure leaves the steps before it in place [transaction_block]

        CREATE TABLE pet (id int, PRIMARY KEY (id));
        ");
    }

    #[test]
    fn refused_a_second_time() {
        assert_snapshot!(planned("CREATE TABLE pet (id int PRIMARY KEY, n int); ALTER TABLE pet ADD PRIMARY KEY (n)"), @"
        -- error: the table has a primary key already, and a table has only one: take one of them out [add_primary_key]; the service answers 0A000: unsupported ALTER TABLE ADD CONSTRAINT statement

        CREATE TABLE pet (id int PRIMARY KEY, n int);
        ");
    }

    #[test]
    fn built_anew_where_rows_are_changed_before() {
        assert_snapshot!(planned("CREATE TABLE pet (id int, n int); INSERT INTO pet VALUES (1, 1), (1, 2); DELETE FROM pet WHERE n = 2; ALTER TABLE pet ADD PRIMARY KEY (id)"), @"
        -- note: pet is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [add_primary_key]

        CREATE TABLE pet (id int, n int);

        INSERT INTO pet VALUES (1, 1), (1, 2);

        DELETE FROM pet WHERE n = 2;

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE pet ADD PRIMARY KEY (id)
        ");
    }

    #[test]
    fn built_anew_where_the_table_may_be_there_before() {
        assert_snapshot!(planned("CREATE TABLE IF NOT EXISTS pet (id int); ALTER TABLE pet ADD PRIMARY KEY (id)"), @"
        -- note: pet is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [add_primary_key]

        CREATE TABLE IF NOT EXISTS pet (id int);

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE pet ADD PRIMARY KEY (id)
        ");
    }

    #[test]
    fn built_anew_where_the_column_comes_later() {
        assert_snapshot!(planned("CREATE TABLE pet (n int); ALTER TABLE pet ADD COLUMN id int; ALTER TABLE pet ADD PRIMARY KEY (id)"), @"
        -- note: pet is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [add_primary_key]

        CREATE TABLE pet (n int);

        ALTER TABLE pet ADD COLUMN id int;

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE pet ADD PRIMARY KEY (id)
        ");
    }

    #[test]
    fn built_anew_where_the_table_has_changed() {
        assert_snapshot!(planned("CREATE TABLE pet (id int); ALTER TABLE pet RENAME TO dog; ALTER TABLE dog ADD PRIMARY KEY (id)"), @"
        -- note: dog is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [add_primary_key]

        CREATE TABLE pet (id int);

        ALTER TABLE pet RENAME TO dog;

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE dog ADD PRIMARY KEY (id)
        ");
    }

    #[test]
    fn built_anew_where_the_table_may_be_another() {
        assert_snapshot!(planned("CREATE TABLE pet (id int); SET search_path = clinic; ALTER TABLE pet ADD PRIMARY KEY (id)"), @"
        -- note: pet is built anew: its rows are copied in batches to a new table, which takes its name; what hangs on it is looked up when the plan is run [add_primary_key]

        CREATE TABLE pet (id int);

        SET search_path = clinic;

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- ALTER TABLE pet ADD PRIMARY KEY (id)
        ");
    }

    #[test]
    fn refused_where_the_key_is_rolled_back() {
        assert_snapshot!(planned("CREATE TABLE pet (id int, n int); BEGIN; ALTER TABLE pet ADD PRIMARY KEY (n); ROLLBACK; ALTER TABLE pet ADD PRIMARY KEY (id)"), @"
        -- note: the script rolls this transaction back, so none of it is run [transaction_block]
        -- note: the primary key moves into the CREATE TABLE of this script, since none can be added later [add_primary_key]

        CREATE TABLE pet (id int, n int, PRIMARY KEY (id));
        ");
    }
}
