//! The steps of a rebuild.

use super::Rebuild;
use super::catalog::{Column, Constraint, Identity, Index, Table, View};
use super::target::{self, Target, TargetColumn, same_columns};
use crate::batches::{Batches, Change, Copied, Copy};
use crate::lex::{Lexer, Token};
use crate::plan::{Note, Options, Plan, Step};
use crate::rules::{default_name, quoted};
use crate::{quote_literal, translate};

pub(super) fn plan(rebuild: &Rebuild, table: &Table, target: Target) -> Result<Plan, String> {
    target::verify(&target, table, rebuild)?;
    let work = Work::new(rebuild, table, &target)?;
    Ok(work.plan())
}

struct Work<'a> {
    rebuild: &'a Rebuild,
    table: &'a Table,
    target: &'a Target,
    /// The old table's name, what it becomes, and the new one's name until
    /// then; qualified and quoted.
    name: String,
    old: String,
    new: String,
    /// The new table's own name, as the catalog holds it.
    new_name: String,
    /// Columns that tell a row apart in both tables.
    matched: Vec<String>,
    /// Names in the schema that are in use.
    taken: Vec<String>,
    /// Constraints and indexes: the name until the old table is gone, and the
    /// one after.
    renames: Vec<Rename>,
    plan: Plan,
}

enum Rename {
    Constraint(String, String),
    Index(String, String),
    Sequence(String, String),
}

impl<'a> Work<'a> {
    fn new(rebuild: &'a Rebuild, table: &'a Table, target: &'a Target) -> Result<Self, String> {
        let new_name = default_name(&table.name, "", "dsql_new");
        let old_name = default_name(&table.name, "", "dsql_old");
        let qualified = |name: &str| format!("{}.{}", table.schema, quoted(name));
        for name in [&new_name, &old_name] {
            if table.taken.contains(name) {
                return Err(format!(
                    "{} is in the way, which a rebuild that was given up may have left: see that \
                     {} holds all rows, then drop it",
                    qualified(name),
                    rebuild.table
                ));
            }
        }
        let mut taken = table.taken.clone();
        taken.extend([new_name.clone(), old_name.clone()]);
        Ok(Self {
            rebuild,
            table,
            target,
            name: qualified(&table.name),
            old: qualified(&old_name),
            new: qualified(&new_name),
            new_name,
            matched: matched(table, target),
            taken,
            renames: Vec::new(),
            plan: Plan {
                changed: true,
                ..Plan::default()
            },
        })
    }

    fn plan(mut self) -> Plan {
        self.say();
        let has_rows_told_apart = !self.matched.is_empty();
        let source_key = self.source_key();
        self.create();
        let helper = self.helper();
        if has_rows_told_apart {
            self.copy(&self.name.clone());
        }
        self.indexes();
        self.describe();
        self.rename(&self.name.clone(), &self.old.clone());
        if has_rows_told_apart {
            self.batches(Change::DeleteDifferent(self.copied(&self.old.clone())));
        }
        self.copy(&self.old.clone());
        self.sequences();
        if let Some(helper) = helper {
            self.ddl(format!(
                "DROP INDEX {}.{}",
                self.table.schema,
                quoted(&helper)
            ));
        }
        let validated = self.constraints();
        self.rename(&self.new.clone(), &self.name.clone());
        for View {
            name,
            definition,
            options,
            ..
        } in &self.table.views
        {
            let options = options
                .as_ref()
                .map_or(String::new(), |options| format!(" WITH ({options})"));
            let definition = definition.trim_end().trim_end_matches(';');
            self.ddl(format!(
                "CREATE OR REPLACE VIEW {name}{options} AS{definition}"
            ));
        }
        for (table, constraint) in validated {
            let table = if table == self.new {
                &self.name
            } else {
                &table
            };
            self.ddl(format!(
                "ALTER TABLE ASYNC {table} VALIDATE CONSTRAINT {constraint}"
            ));
        }
        self.ddl(format!("DROP TABLE {}", self.old));
        // The key of the old table goes with it.
        let _ = source_key;
        for rename in std::mem::take(&mut self.renames) {
            self.ddl(match rename {
                Rename::Constraint(from, to) => format!(
                    "ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
                    self.name,
                    quoted(&from),
                    quoted(&to)
                ),
                Rename::Index(from, to) => format!(
                    "ALTER INDEX {}.{} RENAME TO {}",
                    self.table.schema,
                    quoted(&from),
                    quoted(&to)
                ),
                Rename::Sequence(from, to) => format!(
                    "ALTER SEQUENCE {}.{} RENAME TO {}",
                    self.table.schema,
                    quoted(&from),
                    quoted(&to)
                ),
            });
        }
        self.last();
        self.plan
    }

    fn say(&mut self) {
        let name = &self.rebuild.table;
        let meanwhile = if self.matched.is_empty() {
            format!(
                "{name} has no key to tell its rows apart, so it cannot be read or written from \
                 the first row copied to the last"
            )
        } else {
            format!(
                "while the last changes are carried over, {name} cannot be read or written, and \
                 statements fail with 42P01"
            )
        };
        self.plan.notes.push(Note {
            rule: self.rebuild.rule,
            message: format!(
                "{name} is built anew: its rows are copied in batches to a new table, which then \
                 takes its name, indexes, constraints, defaults, views, grants, comments and the \
                 foreign keys that point at it; {meanwhile}"
            ),
            offset: 0,
        });
    }

    /// A statement that the rulebook still has a word in.
    fn ddl(&mut self, sql: String) {
        let options = Options {
            foreign_keys: crate::ForeignKeys::Native,
            ..self.rebuild.options.clone()
        };
        let plan = translate(&sql, &options);
        self.plan.errors.extend(plan.errors);
        self.plan.steps.extend(plan.steps);
    }

    fn batches(&mut self, change: Change) {
        self.plan.steps.push(Step::Batches(Batches {
            table: self.new.clone(),
            only: false,
            change,
            rows: self.rebuild.options.batch(),
        }));
    }

    fn rename(&mut self, from: &str, to: &str) {
        let to = to
            .strip_prefix(&format!("{}.", self.table.schema))
            .unwrap_or(to);
        self.ddl(format!("ALTER TABLE {from} RENAME TO {to}"));
    }

    /// A name for as long as the old table has its own.
    fn fresh(&mut self, name: &str) -> String {
        let mut fresh = default_name(name, "", "dsql");
        let mut number = 0u32;
        while self.taken.contains(&fresh) {
            number += 1;
            fresh = default_name(name, "", &format!("dsql{number}"));
        }
        self.taken.push(fresh.clone());
        fresh
    }

    /// An index by which the old table can be walked, where it has none. It
    /// also tells early that rows are equal which the new key keeps apart.
    fn source_key(&mut self) -> Option<String> {
        if self.matched.is_empty() || self.has_index(&self.matched) {
            return None;
        }
        let name = self.fresh(&default_name(&self.table.name, "", "key"));
        self.ddl(format!(
            "CREATE UNIQUE INDEX ASYNC {} ON {} ({})",
            quoted(&name),
            self.name,
            list(&self.matched)
        ));
        Some(name)
    }

    fn has_index(&self, columns: &[String]) -> bool {
        let by_constraint = self
            .table
            .constraints
            .iter()
            .any(|it| matches!(it.kind.as_str(), "p" | "u") && it.columns == columns);
        let by_index = |index: &Index| index.unique && index.valid && index.columns == columns;
        by_constraint || self.table.indexes.iter().any(by_index)
    }

    fn create(&mut self) {
        let mut parts: Vec<_> = self
            .target
            .columns
            .iter()
            .map(|column| match column {
                TargetColumn::Kept { column, .. } => definition(column),
                TargetColumn::New { definition, .. } => definition.clone(),
            })
            .collect();
        if let Some((name, columns)) = &self.target.key {
            let fresh = self.fresh(name);
            parts.push(format!(
                "CONSTRAINT {} PRIMARY KEY ({})",
                quoted(&fresh),
                list(columns)
            ));
            self.renames.push(Rename::Constraint(fresh, name.clone()));
        }
        for constraint in self.kept(&["u", "c"]) {
            if !constraint.validated {
                continue;
            }
            // The name of an index is one of the schema's.
            let name = if constraint.kind == "u" {
                let fresh = self.fresh(&constraint.name);
                self.renames
                    .push(Rename::Constraint(fresh.clone(), constraint.name.clone()));
                fresh
            } else {
                constraint.name.clone()
            };
            parts.push(format!(
                "CONSTRAINT {} {}",
                quoted(&name),
                constraint.definition
            ));
        }
        for column in &self.target.columns {
            let name = match column {
                TargetColumn::Kept { column, .. } => match &column.identity {
                    Some(identity) => identity.name.clone(),
                    None => continue,
                },
                TargetColumn::New { name, definition } if counts(definition) => {
                    default_name(&self.table.name, name, "seq")
                }
                TargetColumn::New { .. } => continue,
            };
            let mut own = default_name(&self.new_name, column.name(), "seq");
            let mut number = 0u32;
            while self.taken.contains(&own) {
                number += 1;
                own = default_name(&self.new_name, column.name(), &format!("seq{number}"));
            }
            self.taken.push(own.clone());
            self.renames.push(Rename::Sequence(own, name));
        }
        let new = self.new.clone();
        self.ddl(format!(
            "CREATE TABLE {new} (\n    {}\n)",
            parts.join(",\n    ")
        ));
    }

    /// Constraints of these kinds that stay and whose columns do.
    fn kept(&self, kinds: &[&str]) -> Vec<&'a Constraint> {
        self.table
            .constraints
            .iter()
            .filter(|it| kinds.contains(&it.kind.as_str()))
            .filter(|it| !self.target.dropped.contains(&it.name))
            .filter(|it| {
                it.columns.iter().all(|name| {
                    self.target
                        .columns
                        .iter()
                        .any(|column| column.name() == name)
                })
            })
            .collect()
    }

    /// An index by which a row is found in the new table, where its key is
    /// another.
    fn helper(&mut self) -> Option<String> {
        let key = self.target.key.as_ref().map(|(_, columns)| columns);
        if self.matched.is_empty() || key == Some(&self.matched) {
            return None;
        }
        let name = self.fresh(&default_name(&self.table.name, "", "match"));
        self.ddl(format!(
            "CREATE UNIQUE INDEX ASYNC {} ON {} ({})",
            quoted(&name),
            self.new,
            list(&self.matched)
        ));
        Some(name)
    }

    fn copy(&mut self, from: &str) {
        self.batches(Change::Copy(self.copied(from)));
    }

    fn copied(&self, from: &str) -> Copy {
        let mut columns = Vec::new();
        let mut overriding = false;
        for column in &self.target.columns {
            let TargetColumn::Kept { column, value } = column else {
                continue;
            };
            if column.generated {
                continue;
            }
            overriding |= column.identity.as_ref().is_some_and(|it| it.always);
            let name = quoted(&column.name);
            columns.push(Copied {
                value: value.clone().unwrap_or_else(|| name.clone()),
                has_equality: column.type_name != "json",
                name,
            });
        }
        let place = |name: &String| {
            let name = quoted(name);
            columns.iter().position(|column| column.name == name)
        };
        Copy {
            from: from.to_owned(),
            alias: quoted(&self.table.name),
            matched: self.matched.iter().filter_map(place).collect(),
            key: self.matched.iter().map(|name| quoted(name)).collect(),
            same_order: self.matched.iter().all(|name| self.keeps_order(name)),
            columns,
            overriding,
        }
    }

    /// Does a column of the key sort and read as before?
    fn keeps_order(&self, name: &str) -> bool {
        let to = self.target.columns.iter().find_map(|it| match it {
            TargetColumn::Kept {
                column,
                value: Some(_),
            } if column.name == name => Some(column.type_name.as_str()),
            _ => None,
        });
        let from = self.table.columns.iter().find(|column| column.name == name);
        to.is_none_or(|to| {
            self.rebuild.is_plain_cast(name)
                && from.is_some_and(|from| target::comparable(&from.type_name, to))
        })
    }

    fn indexes(&mut self) {
        for index in &self.table.indexes {
            let gone = |name: &String| {
                !self
                    .target
                    .columns
                    .iter()
                    .any(|column| column.name() == name)
            };
            if self.target.index.as_ref() == Some(&index.name)
                || !index.valid
                || index.columns.iter().any(gone)
            {
                continue;
            }
            let fresh = self.fresh(&index.name);
            let statement = reindexed(&index.definition, &fresh, &self.new);
            self.ddl(statement);
            self.renames.push(Rename::Index(fresh, index.name.clone()));
        }
    }

    /// Grants and comments of the table and its columns.
    fn describe(&mut self) {
        let mut grants: Vec<(String, &str, bool, Vec<&str>)> = Vec::new();
        for grant in &self.table.grants {
            let columns = match &grant.column {
                Some(column) if !self.target.columns.iter().any(|it| it.name() == column) => {
                    continue;
                }
                Some(column) => format!(" ({})", quoted(column)),
                None => String::new(),
            };
            let same = grants.iter_mut().find(|(of, grantee, grantable, _)| {
                *of == columns && *grantee == grant.grantee && *grantable == grant.grantable
            });
            match same {
                Some((.., privileges)) => privileges.push(&grant.privilege),
                None => grants.push((
                    columns,
                    &grant.grantee,
                    grant.grantable,
                    vec![&grant.privilege],
                )),
            }
        }
        for (columns, grantee, grantable, privileges) in grants {
            // All that a table has.
            let privileges = if privileges.len() >= 7 {
                vec!["ALL"]
            } else {
                privileges
            };
            let privileges: Vec<_> = privileges
                .iter()
                .map(|privilege| format!("{privilege}{columns}"))
                .collect();
            let option = if grantable { " WITH GRANT OPTION" } else { "" };
            self.ddl(format!(
                "GRANT {} ON TABLE {} TO {grantee}{option}",
                privileges.join(", "),
                self.new
            ));
        }
        if let Some(comment) = &self.table.comment {
            self.comment(&format!("TABLE {}", self.new), comment);
        }
        for column in &self.target.columns {
            if let TargetColumn::Kept { column, .. } = column
                && let Some(comment) = &column.comment
            {
                let column = format!("COLUMN {}.{}", self.new, quoted(&column.name));
                self.comment(&column, comment);
            }
        }
    }

    fn comment(&mut self, on: &str, text: &str) {
        self.ddl(format!("COMMENT ON {on} IS {}", quote_literal(text)));
    }

    /// Identity columns go on where they were; sequences that belong to a
    /// column stay with it.
    fn sequences(&mut self) {
        for column in &self.target.columns {
            let TargetColumn::Kept { column, .. } = column else {
                continue;
            };
            let Some(identity) = &column.identity else {
                continue;
            };
            let (furthest, aggregate) = if identity.increment < 0 {
                ("least", "min")
            } else {
                ("greatest", "max")
            };
            let last = format!(
                "{furthest}(pg_catalog.{aggregate}({}), (SELECT s.last_value FROM \
                 pg_catalog.pg_sequences s WHERE s.schemaname = {} AND s.sequencename = {}))",
                quoted(&column.name),
                quote_literal(&identity.schema),
                quote_literal(&identity.name)
            );
            self.plan.steps.push(Step::Dml(format!(
                "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence({}, {}), {last}) \
                 FROM {} HAVING {last} IS NOT NULL",
                quote_literal(&self.new),
                quote_literal(&column.name),
                self.new
            )));
        }
        for sequence in &self.table.sequences {
            if self
                .target
                .columns
                .iter()
                .any(|it| it.name() == sequence.column)
            {
                self.ddl(format!(
                    "ALTER SEQUENCE {} OWNED BY {}.{}",
                    sequence.name,
                    self.new,
                    quoted(&sequence.column)
                ));
            }
        }
    }

    /// Foreign keys of both directions, and what holds for new rows only.
    /// Answers what is to be validated.
    fn constraints(&mut self) -> Vec<(String, String)> {
        let mut validated = Vec::new();
        for constraint in self.kept(&["c", "f"]) {
            let name = quoted(&constraint.name);
            if constraint.kind == "c" && constraint.validated {
                continue;
            }
            let target = constraint.own.then_some(self.new.as_str());
            let definition = not_valid(&constraint.definition, target);
            self.ddl(format!(
                "ALTER TABLE {} ADD CONSTRAINT {name} {definition}",
                self.new
            ));
            if constraint.validated {
                validated.push((self.new.clone(), name));
            }
        }
        for reference in &self.table.referenced_by {
            let name = quoted(&reference.name);
            self.ddl(format!(
                "ALTER TABLE {} DROP CONSTRAINT {name}",
                reference.table
            ));
            self.ddl(format!(
                "ALTER TABLE {} ADD CONSTRAINT {name} {}",
                reference.table,
                not_valid(&reference.definition, Some(&self.new))
            ));
            if let Some(comment) = &reference.comment {
                let on = format!("CONSTRAINT {name} ON {}", reference.table);
                self.comment(&on, comment);
            }
            if reference.validated {
                validated.push((reference.table.clone(), name));
            }
        }
        validated
    }

    /// What asks for the names to be final.
    fn last(&mut self) {
        for statistics in &self.table.statistics {
            self.ddl(statistics.clone());
        }
        for index in self.table.indexes.iter().filter(|index| index.valid) {
            if let Some(comment) = &index.comment
                && self.target.index.as_ref() != Some(&index.name)
            {
                let on = format!("INDEX {}.{}", self.table.schema, quoted(&index.name));
                self.comment(&on, comment);
            }
        }
        for constraint in self.kept(&["p", "u", "c", "f"]) {
            if let Some(comment) = &constraint.comment {
                let on = format!("CONSTRAINT {} ON {}", quoted(&constraint.name), self.name);
                self.comment(&on, comment);
            }
        }
        if let Some(owner) = &self.table.owner {
            self.ddl(format!("ALTER TABLE {} OWNER TO {owner}", self.name));
        }
    }
}

/// The columns that tell a row apart in the old table and in the new one: the
/// old key, or else the new one.
fn matched(table: &Table, target: &Target) -> Vec<String> {
    let is_copied = |name: &String| {
        target.columns.iter().any(|column| {
            matches!(column, TargetColumn::Kept { column, .. } if column.name == *name && !column.generated)
        })
    };
    let old = table.constraints.iter().find(|it| it.kind == "p");
    let new = target.key.as_ref().map(|(_, columns)| columns);
    [
        new.filter(|new| old.is_some_and(|old| same_columns(&old.columns, new))),
        old.map(|old| &old.columns),
        new,
    ]
    .into_iter()
    .flatten()
    .find(|columns| columns.iter().all(is_copied))
    .cloned()
    .unwrap_or_default()
}

fn list(columns: &[String]) -> String {
    let columns: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
    columns.join(", ")
}

/// A column as CREATE TABLE defines it.
fn definition(column: &Column) -> String {
    let mut text = format!("{} {}", quoted(&column.name), column.type_name);
    if let Some(storage) = &column.storage {
        text.push_str(&format!(" STORAGE {storage}"));
    }
    match (&column.default, column.generated) {
        (Some(value), true) => text.push_str(&format!(" GENERATED ALWAYS AS ({value}) STORED")),
        (Some(value), false) => text.push_str(&format!(" DEFAULT {value}")),
        (None, _) => {}
    }
    if let Some(identity) = &column.identity {
        let when = if identity.always {
            "ALWAYS"
        } else {
            "BY DEFAULT"
        };
        text.push_str(&format!(
            " GENERATED {when} AS IDENTITY (CACHE {}{})",
            identity.cache,
            sequence_options(identity)
        ));
    }
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    text
}

/// Does the column of this definition get a sequence of its own?
fn counts(definition: &str) -> bool {
    const WORDS: &[&str] = &[
        "serial",
        "bigserial",
        "smallserial",
        "serial8",
        "serial4",
        "serial2",
        "identity",
    ];
    Lexer::new(definition).any(|token| WORDS.iter().any(|word| token.is_word(definition, word)))
}

/// What is not a sequence's default. The bounds of a narrower type are not kept
/// in a wider one.
fn sequence_options(identity: &Identity) -> String {
    const BOUNDS: [i64; 3] = [i16::MAX as i64, i32::MAX as i64, i64::MAX];
    let is_bound = |value: i64| BOUNDS.contains(&value) || BOUNDS.contains(&!value);
    let rises = identity.increment > 0;
    // A rising sequence begins at 1, a falling one at -1.
    let (first, last) = if rises { (1, i64::MAX) } else { (i64::MIN, -1) };
    let mut options = String::new();
    if identity.increment != 1 {
        options.push_str(&format!(" INCREMENT BY {}", identity.increment));
    }
    if identity.min != first && !is_bound(identity.min) {
        options.push_str(&format!(" MINVALUE {}", identity.min));
    }
    if identity.max != last && !is_bound(identity.max) {
        options.push_str(&format!(" MAXVALUE {}", identity.max));
    }
    let start = if rises { identity.min } else { identity.max };
    if identity.start != start {
        options.push_str(&format!(" START WITH {}", identity.start));
    }
    if identity.cycle {
        options.push_str(" CYCLE");
    }
    options
}

/// CREATE INDEX with another name on another table. The method is the
/// service's own.
fn reindexed(definition: &str, name: &str, table: &str) -> String {
    let tokens: Vec<Token> = Lexer::new(definition).collect();
    let is = |at: usize, word: &str| {
        tokens
            .get(at)
            .is_some_and(|token| token.is_word(definition, word))
    };
    let unique = if is(1, "unique") { "UNIQUE " } else { "" };
    let method = (0..tokens.len()).find(|at| is(*at, "using"));
    let rest = method
        .and_then(|at| tokens.get(at + 1))
        .map_or("", |method| &definition[method.end..]);
    format!(
        "CREATE {unique}INDEX ASYNC {} ON {table}{rest}",
        quoted(name)
    )
}

/// A constraint that does not look at the rows that are there, with a foreign
/// key's target in another place.
fn not_valid(definition: &str, target: Option<&str>) -> String {
    let tokens: Vec<Token> = Lexer::new(definition).collect();
    let is = |at: usize, word: &str| {
        tokens
            .get(at)
            .is_some_and(|token| token.is_word(definition, word))
    };
    let mut text = definition.to_owned();
    if let Some(target) = target
        && let Some(references) = (0..tokens.len()).find(|at| is(*at, "references"))
        && let Some(open) = tokens[references..]
            .iter()
            .find(|token| token.is_symbol(b'('))
    {
        text.replace_range(tokens[references].end..open.start, &format!(" {target} "));
    }
    let last = tokens.len().saturating_sub(2);
    if !(is(last, "not") && is(last + 1, "valid")) {
        text.push_str(" NOT VALID");
    }
    text
}
