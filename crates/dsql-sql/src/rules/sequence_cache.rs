//! CREATE SEQUENCE and its CACHE.

use super::prelude::*;

pub(crate) static RULE: Rule = Rule {
    id: "sequence_cache",
    summary: "A sequence names a CACHE of 1 or of at least 65536",
    since: "2026-02-13",
    page: page::SEQUENCES,
    forms: &[Form::CreateSequence, Form::CreateSchema],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for sequence in tree::descendants(tree, &[K::CREATE_SEQUENCE]) {
        if let Some(option) = tree::child(&sequence, K::OPTION_CACHE) {
            if let Some(finding) = wrong(RULE.id, subject, &option) {
                findings.push(finding);
            }
            continue;
        }
        let Some(name) = tree::child(&sequence, K::SEQUENCE) else {
            continue;
        };
        let cache = subject.options.cache();
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&sequence),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "CREATE SEQUENCE is not supported without an explicit cache size. please define \
                 CACHE greater than or equal to 65536 or equal to 1",
            )),
            // CACHE goes first, where the documented syntax has it.
            fix: Fix::Edits(
                vec![Edit::insert(tree::end(&name), format!(" CACHE {cache}"))],
                note(cache),
            ),
        });
    }
}

/// A CACHE option whose value the service refuses.
pub(super) fn wrong(
    rule: &'static str,
    subject: &Subject<'_>,
    option: &SyntaxNode,
) -> Option<Finding> {
    let value = option.children().next()?;
    let (start, end) = tree::span(&value);
    let number: u64 = subject.text[start..end].parse().ok()?;
    if number == 1 || number >= 65_536 {
        return None;
    }
    let cache = subject.options.cache();
    Some(Finding {
        rule,
        at: start,
        refusal: Some(Refusal::new(
            rule,
            "22023",
            format!("CACHE ({number}) must be greater than or equal to 65536 or equal to 1"),
        )),
        fix: Fix::Edits(
            vec![Edit::replace(start, end, cache.to_string())],
            format!("CACHE {number} becomes CACHE {cache}: it must be 1, or at least 65536"),
        ),
    })
}

/// What a cache means to the application.
pub(super) fn note(cache: u64) -> String {
    if cache == 1 {
        "CACHE 1 is added: values come nearly in order, each at the price of a round trip"
            .to_owned()
    } else {
        format!(
            "CACHE {cache} is added: values are unique but neither gapless nor in order of \
             insertion"
        )
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE SEQUENCE IF NOT EXISTS s CACHE 65536 AS bigint START 10"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE SEQUENCE s"), @"0A000 CREATE SEQUENCE is not supported without an explicit cache size. please define CACHE greater than or equal to 65536 or equal to 1");
    }

    #[test]
    fn refused_between() {
        assert_snapshot!(checked("CREATE SEQUENCE s CACHE 20"), @"22023 CACHE (20) must be greater than or equal to 65536 or equal to 1");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE SEQUENCE clinic.\"S\" START WITH 10"), @r#"
        -- note: CACHE 65536 is added: values are unique but neither gapless nor in order of insertion [sequence_cache]

        CREATE SEQUENCE clinic."S" CACHE 65536 START WITH 10;
        "#);
    }

    #[test]
    fn fixed_between() {
        assert_snapshot!(planned("CREATE SEQUENCE s CACHE 20"), @"
        -- note: CACHE 20 becomes CACHE 65536: it must be 1, or at least 65536 [sequence_cache]

        CREATE SEQUENCE s CACHE 65536;
        ");
    }

    #[test]
    fn fixed_where_a_column_of_the_script_counts_with_it() {
        assert_snapshot!(planned("CREATE TABLE public.pet (\n    id integer NOT NULL,\n    name text\n);\n\n-- counts pets\nCREATE SEQUENCE public.pet_id_seq\n    AS integer\n    START WITH 1\n    INCREMENT BY 1\n    NO MINVALUE\n    NO MAXVALUE\n    CACHE 1;\nALTER TABLE public.pet_id_seq OWNER TO clerk;\nALTER SEQUENCE public.pet_id_seq OWNED BY public.pet.id;\nALTER TABLE ONLY public.pet ALTER COLUMN id SET DEFAULT nextval('public.pet_id_seq'::regclass);\nSELECT pg_catalog.setval('public.pet_id_seq', 7, true);\nALTER TABLE ONLY public.pet ADD CONSTRAINT pet_pkey PRIMARY KEY (id);"), @"
        -- note: integer becomes bigint: read the column as a 64-bit integer, and widen the columns that refer to it [identity_type]
        -- note: the sequence becomes that of an identity column in the CREATE TABLE of this script [sequence_cache]
        -- note: the sequence becomes that of an identity column in the CREATE TABLE of this script [sequence_cache]
        -- note: the default and its sequence become an identity column of the CREATE TABLE of this script; the sequence keeps its name [sequence_cache]
        -- note: the primary key moves into the CREATE TABLE of this script, since none can be added later [add_primary_key]

        CREATE TABLE public.pet (
            id bigint NOT NULL
            -- counts pets
            GENERATED BY DEFAULT AS IDENTITY (CACHE 1 START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE),
            name text,
            CONSTRAINT pet_pkey PRIMARY KEY (id)
        );

        ALTER TABLE public.pet_id_seq OWNER TO clerk;

        SELECT pg_catalog.setval('public.pet_id_seq', 7, true);
        ");
    }

    #[test]
    fn kept_where_rows_were_added_before() {
        assert_snapshot!(planned("CREATE TABLE pet (id bigint NOT NULL); CREATE SEQUENCE pet_id_seq CACHE 1 OWNED BY pet.id; INSERT INTO pet VALUES (1); ALTER TABLE pet ALTER id SET DEFAULT nextval('pet_id_seq')"), @"
        CREATE TABLE pet (id bigint NOT NULL);

        CREATE SEQUENCE pet_id_seq CACHE 1 OWNED BY pet.id;

        INSERT INTO pet VALUES (1);

        ALTER TABLE pet ALTER id SET DEFAULT nextval('pet_id_seq');
        ");
    }

    #[test]
    fn kept_where_nothing_owns_it() {
        assert_snapshot!(planned("CREATE TABLE pet (id bigint NOT NULL); CREATE SEQUENCE pet_id_seq CACHE 1; ALTER TABLE pet ALTER id SET DEFAULT nextval('pet_id_seq')"), @"
        CREATE TABLE pet (id bigint NOT NULL);

        CREATE SEQUENCE pet_id_seq CACHE 1;

        ALTER TABLE pet ALTER id SET DEFAULT nextval('pet_id_seq');
        ");
    }

    #[test]
    fn kept_where_the_default_changes_later() {
        assert_snapshot!(planned("CREATE TABLE pet (id bigint NOT NULL); CREATE SEQUENCE pet_id_seq CACHE 1 OWNED BY pet.id; ALTER TABLE pet ALTER id SET DEFAULT nextval('pet_id_seq'); ALTER TABLE pet ALTER id DROP DEFAULT"), @"
        CREATE TABLE pet (id bigint NOT NULL);

        CREATE SEQUENCE pet_id_seq CACHE 1 OWNED BY pet.id;

        ALTER TABLE pet ALTER id SET DEFAULT nextval('pet_id_seq');

        ALTER TABLE pet ALTER id DROP DEFAULT;
        ");
    }
}
