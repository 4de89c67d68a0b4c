//! The table as it is to be.

use super::Rebuild;
use super::catalog::{Column, Table};
use super::change::Change;
use crate::rules::{default_name, quoted};

/// What is left of the old table, and what is new.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) columns: Vec<TargetColumn>,
    /// The name of the key's constraint, and its columns.
    pub(super) key: Option<(String, Vec<String>)>,
    /// Constraints of the old table that are dropped, its key's among them
    /// where that goes.
    pub(super) dropped: Vec<String>,
    /// The index that becomes the key.
    pub(super) index: Option<String>,
    needed: bool,
}

#[derive(Debug)]
pub(super) enum TargetColumn {
    /// A column of the old table.
    Kept {
        column: Column,
        /// Its value over the columns of the old table; the column where that
        /// stays as it is.
        value: Option<String>,
    },
    New {
        name: String,
        definition: String,
    },
}

impl TargetColumn {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Kept { column, .. } => &column.name,
            Self::New { name, .. } => name,
        }
    }
}

impl Target {
    pub(super) fn of(rebuild: &Rebuild, table: &Table) -> Result<Self, String> {
        let columns = table.columns.iter().cloned();
        let key = table
            .constraints
            .iter()
            .find(|constraint| constraint.kind == "p");
        let mut target = Self {
            columns: columns
                .map(|column| TargetColumn::Kept {
                    column,
                    value: None,
                })
                .collect(),
            key: key.map(|key| (key.name.clone(), key.columns.clone())),
            dropped: Vec::new(),
            index: None,
            needed: false,
        };
        for change in &rebuild.changes {
            target.apply(change, rebuild, table)?;
        }
        Ok(target)
    }

    pub(super) fn needs_rebuild(&self) -> bool {
        self.needed
    }

    fn apply(&mut self, change: &Change, rebuild: &Rebuild, table: &Table) -> Result<(), String> {
        match change {
            Change::Type { column, to, using } => {
                let old = self.column(column, rebuild)?;
                if using.is_none() && same_type(&old.0.type_name, to) {
                    return Ok(());
                }
                if old.0.generated {
                    return Err(format!(
                        "{} is generated: drop the column and add it with the type it is to have",
                        quoted(column)
                    ));
                }
                let is_integer = ["smallint", "integer"].contains(&canonical(to));
                if old.0.identity.is_some() && old.0.type_name == "bigint" && is_integer {
                    // Identity columns are bigint, whatever was asked for.
                    return Ok(());
                }
                if old.0.identity.is_some() && canonical(to) != "bigint" {
                    return Err(format!(
                        "{} is an identity column, which can only be bigint: drop the identity \
                         first, with ALTER COLUMN … DROP IDENTITY",
                        quoted(column)
                    ));
                }
                let name = quoted(column);
                let value = using.clone().unwrap_or_else(|| name.clone());
                *old.1 = Some(if to.trim_end().ends_with(']') {
                    // What asks for an array gets jsonb.
                    match (&using, old.0.type_name.as_str()) {
                        (None, "json" | "jsonb") => format!("{value}::jsonb"),
                        (None, _) => format!("pg_catalog.to_jsonb({value}::{to})"),
                        (Some(_), _) => format!("pg_catalog.to_jsonb({value})"),
                    }
                } else {
                    format!("({value})::{to}")
                });
                old.0.type_name.clone_from(to);
                self.needed = true;
            }
            Change::AddPrimaryKey {
                name,
                columns,
                index,
            } => {
                if let Some((name, _)) = &self.key {
                    return Err(format!(
                        "{} has the primary key {} already: drop it in the same ALTER TABLE",
                        rebuild.table,
                        quoted(name)
                    ));
                }
                let columns = match index {
                    None => columns.clone(),
                    Some(index) => indexed(index, table)?,
                };
                for column in &columns {
                    if let Ok((column, _)) = self.column(column, rebuild) {
                        column.not_null = true;
                    } else if !self.columns.iter().any(|it| it.name() == column) {
                        return Err(no_column(column, rebuild));
                    }
                }
                let name = name
                    .clone()
                    .or_else(|| index.clone())
                    .unwrap_or_else(|| default_name(&table.name, "", "pkey"));
                self.key = Some((name, columns));
                self.index.clone_from(index);
                self.needed = true;
            }
            Change::DropConstraint {
                name, if_exists, ..
            } => match table.constraints.iter().find(|it| it.name == *name) {
                Some(constraint) => {
                    self.dropped.push(name.clone());
                    if constraint.kind == "p" {
                        self.drop_key(&constraint.columns, table)?;
                    }
                }
                None if *if_exists => {}
                None => {
                    return Err(format!(
                        "{} has no constraint {}: see its constraints with \\d {}",
                        rebuild.table,
                        quoted(name),
                        rebuild.table
                    ));
                }
            },
            Change::AddColumn {
                name,
                if_not_exists,
                definition,
                ..
            } => {
                let exists = self.columns.iter().any(|it| it.name() == name);
                if exists && !if_not_exists {
                    return Err(format!(
                        "{} has a column {} already",
                        rebuild.table,
                        quoted(name)
                    ));
                }
                if !exists {
                    self.columns.push(TargetColumn::New {
                        name: name.clone(),
                        definition: definition.clone(),
                    });
                    self.needed = true;
                }
            }
            Change::DropColumn {
                name, if_exists, ..
            } => {
                let before = self.columns.len();
                self.columns.retain(|column| column.name() != name);
                if self.columns.len() == before && !if_exists {
                    return Err(no_column(name, rebuild));
                }
                let in_key = |(_, columns): &(String, Vec<String>)| columns.contains(name);
                if self.key.as_ref().is_some_and(in_key) {
                    self.key = None;
                    self.needed = true;
                }
            }
            Change::Default { column, value, .. } => {
                self.column(column, rebuild)?.0.default.clone_from(value);
            }
            Change::NotNull { column, is, .. } => {
                self.column(column, rebuild)?.0.not_null = *is;
            }
        }
        Ok(())
    }

    fn drop_key(&mut self, columns: &[String], table: &Table) -> Result<(), String> {
        let pointing: Vec<_> = table
            .referenced_by
            .iter()
            .filter(|reference| same_columns(&reference.columns, columns))
            .map(|reference| format!("{} on {}", quoted(&reference.name), reference.table))
            .chain(
                table
                    .constraints
                    .iter()
                    .filter(|it| it.kind == "f" && it.own && !self.dropped.contains(&it.name))
                    .map(|it| format!("{} on itself", quoted(&it.name))),
            )
            .collect();
        if !pointing.is_empty() {
            return Err(format!(
                "foreign keys point at this primary key ({}): drop them first, and add them after",
                pointing.join(", ")
            ));
        }
        if let Some(view) = table.views.iter().find(|view| view.needs_key) {
            return Err(format!(
                "view {} relies on this primary key: drop the view first, and create it after",
                view.name
            ));
        }
        self.key = None;
        self.needed = true;
        Ok(())
    }

    fn column(
        &mut self,
        name: &str,
        rebuild: &Rebuild,
    ) -> Result<(&mut Column, &mut Option<String>), String> {
        self.columns
            .iter_mut()
            .find_map(|it| match it {
                TargetColumn::Kept { column, value } if column.name == name => {
                    Some((column, value))
                }
                _ => None,
            })
            .ok_or_else(|| no_column(name, rebuild))
    }
}

fn no_column(name: &str, rebuild: &Rebuild) -> String {
    format!("{} has no column {}", rebuild.table, quoted(name))
}

/// The columns of an index that is to become the key.
fn indexed(name: &str, table: &Table) -> Result<Vec<String>, String> {
    let index = table.indexes.iter().find(|index| index.name == name);
    match index {
        Some(index) if index.unique && index.valid && !index.columns.is_empty() => {
            Ok(index.columns.clone())
        }
        _ => Err(format!(
            "{} is no valid unique index over plain columns, which a key asks for",
            quoted(name)
        )),
    }
}

pub(super) fn same_columns(left: &[String], right: &[String]) -> bool {
    left.len() == right.len() && left.iter().all(|column| right.contains(column))
}

fn same_type(old: &str, new: &str) -> bool {
    old == new || (canonical(old) == canonical(new) && !old.contains('(') && !new.contains('('))
}

/// A type's own name, without its size.
pub(super) fn canonical(written: &str) -> &str {
    let name = written.split('(').next().unwrap_or(written).trim();
    let alias = |names: &[&str]| names.iter().any(|alias| name.eq_ignore_ascii_case(alias));
    for (own, aliases) in [
        ("smallint", &["smallint", "int2"][..]),
        ("integer", &["integer", "int", "int4"]),
        ("bigint", &["bigint", "int8"]),
        ("real", &["real", "float4"]),
        ("double precision", &["double precision", "float8", "float"]),
        ("numeric", &["numeric", "decimal", "dec"]),
        ("boolean", &["boolean", "bool"]),
        ("text", &["text"]),
        ("character varying", &["character varying", "varchar"]),
        ("character", &["character", "char", "bpchar"]),
        (
            "timestamp without time zone",
            &["timestamp without time zone", "timestamp"],
        ),
        (
            "timestamp with time zone",
            &["timestamp with time zone", "timestamptz"],
        ),
        (
            "time without time zone",
            &["time without time zone", "time"],
        ),
        ("uuid", &["uuid"]),
        ("date", &["date"]),
    ] {
        if alias(aliases) {
            return own;
        }
    }
    name
}

/// May a foreign key compare these two types?
pub(super) fn comparable(left: &str, right: &str) -> bool {
    const FAMILIES: &[&[&str]] = &[
        &["smallint", "integer", "bigint"],
        &["real", "double precision"],
        &["text", "character varying"],
    ];
    let (left, right) = (canonical(left), canonical(right));
    left == right
        || FAMILIES
            .iter()
            .any(|family| family.contains(&left) && family.contains(&right))
}

/// The columns whose type changes.
pub(super) fn retyped(target: &Target, table: &Table) -> Vec<(String, String)> {
    target
        .columns
        .iter()
        .filter_map(|it| match it {
            TargetColumn::Kept {
                column,
                value: Some(_),
            } => Some((column.name.clone(), column.type_name.clone())),
            _ => None,
        })
        .filter(|(name, _)| table.columns.iter().any(|column| column.name == *name))
        .collect()
}

/// What PostgreSQL would refuse too, and what cannot be carried over.
pub(super) fn verify(target: &Target, table: &Table, rebuild: &Rebuild) -> Result<(), String> {
    if let Some(dependent) = table.dependents.first() {
        return Err(format!(
            "{dependent} needs {} as it is: drop it first, and create it after",
            rebuild.table
        ));
    }
    let retyped = retyped(target, table);
    let is_retyped = |name: &String| retyped.iter().find(|(column, _)| column == name);
    let gone = |name: &String| !target.columns.iter().any(|column| column.name() == name);
    for view in &table.views {
        let changed = view
            .columns
            .iter()
            .find(|name| is_retyped(name).is_some() || gone(name));
        if let Some(column) = changed {
            return Err(format!(
                "view {} shows column {}, which changes: drop the view first, and create it after",
                view.name,
                quoted(column)
            ));
        }
    }
    for reference in &table.referenced_by {
        for (column, there) in reference.columns.iter().zip(&reference.types) {
            if let Some((_, to)) = is_retyped(column)
                && !comparable(to, there)
            {
                return Err(format!(
                    "foreign key {} on {} points at {}, and cannot compare {there} with {to}: \
                     drop it, change both columns, and add it again",
                    quoted(&reference.name),
                    reference.table,
                    quoted(column)
                ));
            }
            if gone(column) {
                return Err(format!(
                    "foreign key {} on {} points at {}, which goes: drop it first",
                    quoted(&reference.name),
                    reference.table,
                    quoted(column)
                ));
            }
        }
    }
    let keys = table
        .constraints
        .iter()
        .filter(|it| it.kind == "f" && !target.dropped.contains(&it.name));
    for key in keys {
        let ends = key.target_types.iter().zip(&key.target_columns);
        for (column, (there, target_column)) in key.columns.iter().zip(ends) {
            let here = is_retyped(column).map(|(_, to)| to.as_str());
            let there_too = is_retyped(target_column)
                .filter(|_| key.own)
                .map(|(_, to)| to.as_str());
            let old = table.columns.iter().find(|it| it.name == *column);
            let from = here.or(old.map(|old| old.type_name.as_str()));
            let to = there_too.unwrap_or(there);
            if (here.is_some() || there_too.is_some())
                && from.is_some_and(|from| !comparable(from, to))
            {
                return Err(format!(
                    "foreign key {} cannot compare {} as {} with {to}: drop it, change both \
                     columns, and add it again",
                    quoted(&key.name),
                    quoted(column),
                    from.unwrap_or_default(),
                ));
            }
        }
    }
    Ok(())
}
