//! Rows that a script inserts into tables it creates.
//!
//! A column that was to be an array has become jsonb, and one that is always
//! generated takes a value only when it is told to.

use std::collections::HashMap;

use crate::fold::Source;
use crate::lex::{Lexer, Token, TokenKind};
use crate::plan::Options;
use crate::rule::{Edit, Form, Subject, apply};
use crate::rules::column::columns;
use crate::rules::{folded, last_name};
use crate::tree;
use crate::{Kind, Statement};
use squawk_syntax::SyntaxKind as K;

/// What INSERT must know of the tables of a script.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// By the table's own name; `None` where two tables share it.
    tables: HashMap<String, Option<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    /// The offset of its CREATE.
    home: usize,
    columns: Vec<String>,
    /// The array type each such column was to have, by its place.
    arrays: HashMap<usize, String>,
    is_always_generated: bool,
}

impl Rows {
    /// Reads the tables off, where there are rows for them.
    pub(crate) fn of(sources: &[Source<'_>], options: &Options) -> Self {
        let mut rows = Self::default();
        let inserts = |text: &str| {
            let first = Lexer::new(text).next();
            first.is_some_and(|it| it.is_word(text, "insert") || it.is_word(text, "copy"))
        };
        if !sources.iter().any(|source| inserts(&source.text)) {
            return rows;
        }
        for source in sources {
            let text = source.text.as_ref();
            if Statement::at(text, 0).kind() == Kind::Ddl && may_matter(text) {
                rows.see(&Subject::new(text, options, None), source.offset);
            }
        }
        rows
    }

    fn see(&mut self, subject: &Subject<'_>, home: usize) {
        if subject.form != Form::CreateTable {
            return;
        }
        let Some(create) = subject.node(K::CREATE_TABLE) else {
            return;
        };
        let Some(name) = tree::child(&create, K::TABLE_NAME) else {
            return;
        };
        let (start, end) = tree::span(&name);
        let mut table = Table {
            home,
            ..Table::default()
        };
        for (at, column) in columns(subject).iter().enumerate() {
            table.columns.push(subject.folded(&column.name));
            if let Some(kind) = column.kind.as_ref().filter(|it| it.kind() == K::ARRAY_TYPE) {
                table.arrays.insert(at, subject.written(kind).to_owned());
            }
            table.is_always_generated |= column.identity().is_some_and(|identity| {
                let text = subject.written(&identity);
                Lexer::new(text).any(|token| token.is_word(text, "always"))
            });
        }
        if !table.arrays.is_empty() || table.is_always_generated {
            self.tables
                .entry(last_name(subject, start, end))
                .and_modify(|known| *known = None)
                .or_insert(Some(table));
        }
    }

    /// An INSERT as its table takes it now, and where that table is created;
    /// `None` where it stays as it is.
    /// Rows of a COPY go into columns that are always generated, too.
    pub(crate) fn rewritten(&self, text: &str, was_copy: bool) -> Option<(String, usize)> {
        if self.tables.is_empty() {
            return None;
        }
        let mut tokens = Lexer::new(text).peekable();
        let is = |token: Option<Token>, word: &str| token.is_some_and(|it| it.is_word(text, word));
        if !is(tokens.next(), "insert") || !is(tokens.next(), "into") {
            return None;
        }
        let mut name = tokens.next().filter(Token::is_name)?;
        while tokens.next_if(|token| token.is_symbol(b'.')).is_some() {
            name = tokens.next().filter(Token::is_name)?;
        }
        let table = self.tables.get(&folded(name.text(text)))?.as_ref()?;
        let mut edits = Vec::new();
        let mut places: Vec<usize> = (0..table.columns.len()).collect();
        if tokens.next_if(|token| token.is_symbol(b'(')).is_some() {
            places.clear();
            for token in tokens.by_ref() {
                if token.is_symbol(b')') {
                    break;
                }
                if token.is_name() {
                    let column = folded(token.text(text));
                    let known = table.columns.iter().position(|known| *known == column);
                    places.push(known.unwrap_or(usize::MAX));
                }
            }
        }
        let values = tokens.find(|token| token.is_word(text, "values"))?;
        let overrides = text[name.end..values.start]
            .to_ascii_lowercase()
            .contains("overriding");
        if was_copy && table.is_always_generated && !overrides {
            edits.push(Edit::insert(values.start, "OVERRIDING SYSTEM VALUE "));
        }
        if !table.arrays.is_empty() {
            let mut items = Items::default();
            for token in tokens {
                let Some((place, first, last)) = items.see(token) else {
                    if items.is_over {
                        break;
                    }
                    continue;
                };
                let array = places.get(place).and_then(|place| table.arrays.get(place));
                let written = &text[first.start..last.end];
                if let Some(array) = array
                    && !written.eq_ignore_ascii_case("default")
                    && !written.eq_ignore_ascii_case("null")
                    && !first.is_word(text, "to_jsonb")
                {
                    edits.push(Edit::insert(first.start, "to_jsonb("));
                    let cast = if first == last && first.kind == TokenKind::String {
                        format!("::{array}")
                    } else {
                        String::new()
                    };
                    edits.push(Edit::insert(last.end, format!("{cast})")));
                }
            }
        }
        (!edits.is_empty()).then(|| (apply(text, &mut edits), table.home))
    }
}

/// A cheap look, since most tables have neither.
fn may_matter(text: &str) -> bool {
    text.contains('[') || {
        let mut previous = None;
        Lexer::new(text).any(|token| {
            let found = token.is_word(text, "array")
                || (token.is_word(text, "always")
                    && previous.is_some_and(|it: Token| it.is_word(text, "generated")));
            previous = Some(token);
            found
        })
    }
}

/// The values of `(a, b), (c, d)`, one after the other.
#[derive(Default)]
struct Items {
    depth: usize,
    place: usize,
    first: Option<Token>,
    last: Option<Token>,
    /// Something else than another row has come.
    is_over: bool,
}

impl Items {
    /// A value that ends before this token: its place in the row, its first
    /// token and its last.
    fn see(&mut self, token: Token) -> Option<(usize, Token, Token)> {
        let opens = token.is_symbol(b'(') || token.is_symbol(b'[');
        let closes = token.is_symbol(b')') || token.is_symbol(b']');
        if self.depth == 0 {
            if token.is_symbol(b'(') {
                self.depth = 1;
                self.place = 0;
            } else if !token.is_symbol(b',') {
                self.is_over = true;
            }
            return None;
        }
        if self.depth == 1 && (closes || token.is_symbol(b',')) {
            let ended = self.first.take().zip(self.last.take());
            let place = self.place;
            self.place += 1;
            self.depth -= usize::from(closes);
            return ended.map(|(first, last)| (place, first, last));
        }
        self.depth += usize::from(opens);
        self.depth -= usize::from(closes);
        self.first.get_or_insert(token);
        self.last = Some(token);
        None
    }
}
