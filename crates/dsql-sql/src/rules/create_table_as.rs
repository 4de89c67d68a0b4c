//! CREATE TABLE AS.

use super::prelude::*;
use crate::create_as::CreateAs;
use crate::lookup::{self, Lookup};

pub(super) static RULE: Rule = Rule {
    id: "create_table_as",
    summary: "A query does not make a table",
    since: GA,
    page: page::CREATE_TABLE,
    forms: &[Form::CreateTable],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    let Some(node) = tree::child(tree, K::CREATE_TABLE_AS) else {
        return;
    };
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "unsupported statement: CreateTableAs",
        )),
        fix: fix(subject, &node).unwrap_or_else(|| {
            Fix::Refuse(
                "this CREATE TABLE AS could not be read, or has a clause that a table of the \
                 service cannot have: create the table with its columns, then fill it with INSERT \
                 … SELECT in batches of at most 3,000 rows"
                    .to_owned(),
            )
        }),
    });
}

/// A view of the query, which tells the columns, and then the rest.
fn fix(subject: &Subject<'_>, node: &SyntaxNode) -> Option<Fix> {
    const KNOWN: &[K] = &[
        K::IF_NOT_EXISTS,
        K::TABLE_NAME,
        K::TABLE_ARG_LIST,
        K::WITH_DATA,
        K::WITH_NO_DATA,
        K::EXECUTE,
    ];
    let name = tree::child(node, K::TABLE_NAME)?;
    let query = node
        .children()
        .find(|child| !KNOWN.contains(&child.kind()))?;
    let others = node
        .children()
        .filter(|child| !KNOWN.contains(&child.kind()))
        .count();
    if others != 1 || tree::token(node, K::AS_KW).is_none() || !subject.is_understood() {
        return None;
    }
    let columns = tree::child(node, K::TABLE_ARG_LIST)
        .map(|list| format!(" {}", subject.written(&list)))
        .unwrap_or_default();
    let (start, end) = tree::span(&name);
    let before = &subject.text[..subject.start()];
    Some(made(
        subject,
        Made {
            rule: RULE.id,
            table: subject.text[start..end].to_owned(),
            folded: super::last_name(subject, start, end),
            columns,
            query: subject.written(&query).to_owned(),
            before,
            if_not_exists: tree::child(node, K::IF_NOT_EXISTS).is_some(),
            with_data: tree::child(node, K::WITH_NO_DATA).is_none(),
        },
    ))
}

/// A table that a query makes.
pub(super) struct Made<'a> {
    pub(super) rule: &'static str,
    /// Qualified and quoted as written.
    pub(super) table: String,
    /// Its own name, as the catalog holds it.
    pub(super) folded: String,
    /// The names of its columns, in brackets, where they are given.
    pub(super) columns: String,
    pub(super) query: String,
    /// Comments before the statement.
    pub(super) before: &'a str,
    pub(super) if_not_exists: bool,
    pub(super) with_data: bool,
}

pub(super) fn made(subject: &Subject<'_>, made: Made<'_>) -> Fix {
    let own = subject.default_name(&made.folded, "", "dsql_query");
    let qualifier = qualifier(&made.table);
    let view = format!("{qualifier}{}", super::quoted(&own));
    let create = format!(
        "{}CREATE VIEW {view}{} AS {}",
        made.before, made.columns, made.query
    );
    let lookup = Lookup {
        statement: subject.text.trim().to_owned(),
        kind: lookup::Kind::CreateAs(CreateAs {
            rule: made.rule,
            table: made.table.clone(),
            view,
            if_not_exists: made.if_not_exists,
            with_data: made.with_data,
            options: subject.options.clone(),
        }),
    };
    let note = format!(
        "a view of the query tells the columns of {}, which is filled from it in batches and \
         ordered by the text of a row: what the query reads must not change meanwhile, and each \
         batch runs it anew",
        made.table
    );
    Fix::Steps(vec![Part::Sql(create), Part::Lookup(lookup)], note)
}

/// The schema and its dot, as written; empty without a schema.
fn qualifier(name: &str) -> &str {
    let dot = crate::lex::Lexer::new(name)
        .filter(|token| token.is_symbol(b'.'))
        .last();
    dot.map_or("", |dot| &name[..dot.end])
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE copy (LIKE pet INCLUDING ALL)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE copy AS SELECT * FROM pet"), @"0A000 unsupported statement: CreateTableAs");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE IF NOT EXISTS copy (a, b) AS TABLE pet WITH NO DATA"), @"
        -- note: a view of the query tells the columns of copy, which is filled from it in batches and ordered by the text of a row: what the query reads must not change meanwhile, and each batch runs it anew [create_table_as]

        CREATE VIEW copy_dsql_query (a, b) AS TABLE pet;

        -- several steps, which hang on what the catalog holds; dsql apply looks it up:
        -- CREATE TABLE IF NOT EXISTS copy (a, b) AS TABLE pet WITH NO DATA
        ");
    }
}
