//! What a rule is, and what it is shown.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::rc::Rc;

use squawk_syntax::ast::AstNode as _;
use squawk_syntax::{Parse, SourceFile, SyntaxKind, SyntaxNode};

use crate::batches::Batches;
use crate::job::{async_ddl, async_word};
use crate::lex::{Lexer, Token, TokenKind};
use crate::lookup::Lookup;
use crate::plan::Options;
use crate::rules::alter_table::AlterTable;
use crate::rules::column::Column;
use crate::tree;
use crate::values::Values;
use crate::words::Words;
use crate::{Kind, Refusal, Statement, Verb};

/// One fact about what the service refuses, with its remedy.
///
/// Rules are dated data: the service gains features every month, and retiring
/// a rule is taking its file away. [`rules`](crate::rules()) lists them all.
#[derive(Debug)]
pub struct Rule {
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) since: &'static str,
    pub(crate) page: &'static str,
    pub(crate) forms: &'static [Form],
    pub(crate) matches: Match,
}

/// How a rule finds what it is about.
#[derive(Debug)]
pub(crate) enum Match {
    /// The whole statement, by the words it begins with.
    Words {
        /// Alternatives; `OR REPLACE` after CREATE need not be named.
        words: &'static [&'static [&'static str]],
        /// The service's 0A000; `None` where its text is not known.
        message: Option<&'static str>,
        /// Why, and what to write instead.
        advice: &'static str,
    },
    /// Places inside the statement.
    Places(fn(&Subject<'_>, &mut Findings)),
    /// Raised by the planner or by a transaction's state, not by a statement.
    Elsewhere,
}

impl Rule {
    /// The identifier that notes, errors and refusals carry: lower case words
    /// with underscores. It stays the same for as long as the rule lives.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// One sentence: what is refused.
    pub fn summary(&self) -> &'static str {
        self.summary
    }

    /// The day since when the rule is known to hold, as `YYYY-MM-DD`.
    pub fn since(&self) -> &'static str {
        self.since
    }

    pub(crate) fn find(&self, subject: &Subject<'_>, findings: &mut Findings) {
        match &self.matches {
            Match::Places(find) => find(subject, findings),
            Match::Words {
                words,
                message,
                advice,
            } => {
                if words.iter().any(|words| subject.begins(words)) {
                    findings.push(Finding {
                        rule: self.id,
                        at: subject.start(),
                        refusal: message.map(|message| Refusal::unsupported(self.id, message)),
                        fix: Fix::Refuse((*advice).to_owned()),
                    });
                }
            }
            Match::Elsewhere => {}
        }
    }

    /// The page of the service's user guide.
    pub fn page(&self) -> String {
        format!(
            "https://docs.aws.amazon.com/aurora-dsql/latest/userguide/{}.html",
            self.page
        )
    }
}

/// The shape of a statement, by its first words; rules ask for the shapes
/// they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `CREATE [… TEMP | UNLOGGED] TABLE`.
    CreateTable,
    /// `CREATE SCHEMA`, which may hold tables and sequences.
    CreateSchema,
    AlterTable,
    CreateIndex,
    /// `CREATE [TEMP | UNLOGGED] SEQUENCE`.
    CreateSequence,
    /// `CREATE [OR REPLACE] [TEMP] [RECURSIVE] VIEW`, which holds a query.
    CreateView,
    /// `CREATE [OR REPLACE] FUNCTION`, whose body may be statements.
    CreateFunction,
    /// Any other DDL, and whatever is neither query, session nor transaction.
    Other,
    /// `SELECT`, DML, `WITH`, `EXPLAIN`, `COPY`, `CALL`.
    Query,
    Session,
    Transaction,
}

impl Form {
    pub(crate) const TABLES: &'static [Self] =
        &[Self::CreateTable, Self::CreateSchema, Self::AlterTable];

    /// Where a query or a change of rows is read word by word. The body of a
    /// function that is a string is one token, and not read.
    pub(crate) const QUERIES: &'static [Self] =
        &[Self::Query, Self::CreateView, Self::CreateFunction];
}

/// A statement as a rule sees it.
pub(crate) struct Subject<'a> {
    pub(crate) text: &'a str,
    pub(crate) options: &'a Options,
    /// Names that earlier steps of the plan have given to constraints and
    /// indexes.
    taken: Option<&'a Taken>,
    reading: Rc<Reading>,
}

/// Names that constraints and indexes have been given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken {
    names: HashSet<String>,
    /// From which number on to look, by the name without one: what is taken
    /// stays taken.
    next: RefCell<HashMap<String, u32>>,
}

impl Taken {
    pub(crate) fn extend(&mut self, names: Vec<String>) {
        self.names.extend(names);
    }

    fn first_free(&self, numbered: impl Fn(u32) -> String) -> String {
        let plain = numbered(0);
        let mut next = self.next.borrow_mut();
        let number = next.entry(plain).or_default();
        loop {
            let name = numbered(*number);
            if !self.names.contains(&name) {
                return name;
            }
            *number += 1;
        }
    }
}

/// What is read off a text, once for all who look at it.
pub(crate) struct Reading {
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    /// The tokens, without the semicolon at the end.
    pub(crate) tokens: Vec<Token>,
    words: Words,
    /// The rows it lists; see [`Values`].
    values: OnceCell<Option<Values>>,
    /// The word ASYNC, where the statement starts a job.
    pub(crate) asynchronous: Option<Token>,
    /// The columns it defines; see `rules/column.rs`.
    pub(crate) columns: OnceCell<Vec<Column>>,
    /// What computes with columns, by table and name; see
    /// `rules/array_column.rs`.
    pub(crate) readers: OnceCell<HashMap<(usize, String), &'static str>>,
    /// See `rules/alter_table.rs`.
    pub(crate) alter_table: OnceCell<Option<Rc<AlterTable>>>,
    parsed: OnceCell<Parse<SourceFile>>,
    tree: OnceCell<Option<SyntaxNode>>,
    understood: OnceCell<bool>,
}

impl Deref for Subject<'_> {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

impl Reading {
    pub(crate) fn of(text: &str) -> Self {
        let kind = Statement::at(text, 0).kind();
        // About as many as there are in most statements; long ones are long for their strings.
        let mut tokens: Vec<Token> = Vec::with_capacity((text.len() / 5).clamp(8, 256));
        let mut words = Words::default();
        for token in Lexer::new(text) {
            words.see(text, token, tokens.len());
            tokens.push(token);
        }
        while tokens.last().is_some_and(|token| token.is_symbol(b';')) {
            tokens.pop();
        }
        let form = form(kind, text, &tokens);
        let asynchronous = match form {
            Form::CreateIndex => async_word(text),
            // A table may be called async.
            Form::AlterTable => {
                async_word(text).filter(|_| async_ddl(&Statement::at(text, 0)).is_some())
            }
            _ => None,
        };
        Self {
            kind,
            form,
            tokens,
            words,
            values: OnceCell::new(),
            asynchronous,
            columns: OnceCell::new(),
            readers: OnceCell::new(),
            alter_table: OnceCell::new(),
            parsed: OnceCell::new(),
            tree: OnceCell::new(),
            understood: OnceCell::new(),
        }
    }
}

impl<'a> Subject<'a> {
    pub(crate) fn new(text: &'a str, options: &'a Options, taken: Option<&'a Taken>) -> Self {
        Self::read(text, options, taken, None)
    }

    /// [`new`](Self::new) with what was read off the same text before.
    pub(crate) fn read(
        text: &'a str,
        options: &'a Options,
        taken: Option<&'a Taken>,
        reading: Option<Rc<Reading>>,
    ) -> Self {
        Self {
            text,
            options,
            taken,
            reading: reading.unwrap_or_else(|| Rc::new(Reading::of(text))),
        }
    }

    pub(crate) fn reading(&self) -> Rc<Reading> {
        Rc::clone(&self.reading)
    }

    /// The syntax tree, with offsets into [`text`](Self::text). `None` where
    /// the statement nests deeper than any real one does.
    ///
    /// What the grammar does not know is hidden from it behind as many
    /// spaces, so every offset stays true: ASYNC, which is the service's own,
    /// and STORAGE in ADD COLUMN.
    pub(crate) fn tree(&self) -> Option<&SyntaxNode> {
        self.tree
            .get_or_init(|| {
                if !self.is_shallow() {
                    return None;
                }
                let hidden = self.unknown_to_the_grammar();
                let parsed = if hidden.is_empty() {
                    SourceFile::parse(self.text)
                } else {
                    let mut text = self.text.to_owned();
                    for token in hidden {
                        let spaces = " ".repeat(token.end - token.start);
                        text.replace_range(token.start..token.end, &spaces);
                    }
                    SourceFile::parse(&text)
                };
                Some(self.parsed.get_or_init(|| parsed).tree().syntax().clone())
            })
            .as_ref()
    }

    fn unknown_to_the_grammar(&self) -> Vec<Token> {
        let mut hidden: Vec<Token> = self.asynchronous.into_iter().collect();
        if self.form == Form::AlterTable {
            for at in 5..self.tokens.len() {
                let previous = &self.tokens[at - 1];
                let is_clause = self.word_at(at, "storage")
                    && ![
                        "set", "column", "add", "exists", "rename", "alter", "drop", "to",
                    ]
                    .iter()
                    .any(|word| previous.is_word(self.text, word))
                    && (previous.is_name() || previous.is_symbol(b')') || previous.is_symbol(b']'));
                if is_clause {
                    hidden.push(self.tokens[at]);
                    hidden.extend(self.tokens.get(at + 1).filter(|value| value.is_name()));
                }
            }
        }
        hidden
    }

    /// Did the parser understand every part? Only then may a statement be
    /// taken apart: what it did not understand would be lost.
    pub(crate) fn is_understood(&self) -> bool {
        let understood = |tree: &SyntaxNode| {
            let statements = tree
                .children()
                .filter(|node| node.kind() != SyntaxKind::EMPTY_STMT)
                .count();
            // What is missing is an error too, and leaves no node.
            statements == 1
                && self
                    .parsed
                    .get()
                    .is_some_and(|parsed| parsed.errors().is_empty())
        };
        *self
            .understood
            .get_or_init(|| self.tree().is_some_and(understood))
    }

    /// The parser and its trees recurse; this bounds how far: by brackets, and
    /// by the tokens that stand between two commas. Both leave a stack of
    /// 2 MiB half free even without optimisation.
    pub(crate) fn is_shallow(&self) -> bool {
        const DEPTH: usize = 40;
        const STRETCH: usize = 600;
        let (mut depth, mut stretch) = (0usize, 0usize);
        for token in &self.tokens {
            stretch += 1;
            match token.kind {
                TokenKind::Symbol(b'(' | b'[') => depth += 1,
                TokenKind::Symbol(b')' | b']') => depth = depth.saturating_sub(1),
                TokenKind::Symbol(b',') => stretch = 0,
                TokenKind::Word if token.is_word(self.text, "case") => depth += 1,
                TokenKind::Word if token.is_word(self.text, "end") => {
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
            if depth > DEPTH || stretch > STRETCH {
                return false;
            }
        }
        true
    }

    /// Do the tokens from `at` on read as these words (in lower case)?
    pub(crate) fn words_at(&self, at: usize, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(n, word)| self.word_at(at + n, word))
    }

    /// Does the statement begin with these words, apart from `OR REPLACE`?
    pub(crate) fn begins(&self, words: &[&str]) -> bool {
        let Some((first, rest)) = words.split_first() else {
            return false;
        };
        if !self.word_at(0, first) {
            return false;
        }
        let replaces = *first == "create" && self.words_at(1, &["or", "replace"]);
        self.words_at(if replaces { 3 } else { 1 }, rest)
    }

    /// Where this bare word (in lower case) stands among the tokens.
    pub(crate) fn places<'s>(&'s self, word: &'s str) -> impl Iterator<Item = usize> + 's {
        let places: &[usize] = if self.words.may_hold(word) {
            self.words.places()
        } else {
            &[]
        };
        (places.iter().copied()).filter(move |&at| self.word_at(at, word))
    }

    /// Where any of these bare words stands.
    pub(crate) fn places_of<'s>(
        &'s self,
        words: &'s [&'s str],
    ) -> impl Iterator<Item = usize> + 's {
        let places: &[usize] = if words.iter().any(|word| self.words.may_hold(word)) {
            self.words.places()
        } else {
            &[]
        };
        (places.iter().copied()).filter(|&at| words.iter().any(|word| self.word_at(at, word)))
    }

    /// Where bare words stand, whichever they are.
    pub(crate) fn word_places(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.places().iter().copied()
    }

    /// Does this bare word (in lower case) stand anywhere?
    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.places(word).next().is_some()
    }

    /// The rows that an INSERT lists.
    pub(crate) fn values(&self) -> Option<&Values> {
        self.values.get_or_init(|| Values::of(self)).as_ref()
    }

    /// Is the token at this index this word (in lower case)?
    pub(crate) fn word_at(&self, at: usize, word: &str) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.is_word(self.text, word))
    }

    pub(crate) fn symbol_at(&self, at: usize, symbol: u8) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.is_symbol(symbol))
    }

    /// The text of the token at this index; empty past the end.
    pub(crate) fn text_at(&self, at: usize) -> &'a str {
        self.tokens
            .get(at)
            .map_or("", |token| token.text(self.text))
    }

    /// A node's text as written.
    pub(crate) fn written(&self, node: &SyntaxNode) -> &'a str {
        let (start, end) = tree::span(node);
        &self.text[start..end]
    }

    /// A name as the catalog holds it.
    pub(crate) fn folded(&self, name: &SyntaxNode) -> String {
        crate::rules::folded(self.written(name))
    }

    /// The name PostgreSQL would give an object by default; with a number when
    /// an earlier step of the plan has taken it. What the database itself
    /// holds is not known here.
    pub(crate) fn default_name(&self, table: &str, columns: &str, label: &str) -> String {
        let numbered = |number: u32| match number {
            0 => crate::rules::default_name(table, columns, label),
            _ => crate::rules::default_name(table, columns, &format!("{label}{number}")),
        };
        match self.taken {
            Some(taken) => taken.first_free(numbered),
            None => numbered(0),
        }
    }

    /// The names it gives to constraints and indexes.
    pub(crate) fn given_names(&self) -> impl Iterator<Item = String> {
        (1..self.tokens.len()).filter_map(|at| {
            let names = self.word_at(at - 1, "constraint")
                || (self.form == Form::CreateIndex && self.word_at(at - 1, "async"));
            let name = self
                .tokens
                .get(at)
                .filter(|token| names && token.is_name())?;
            Some(crate::rules::folded(name.text(self.text)))
        })
    }

    /// The first statement of a kind in the tree.
    pub(crate) fn node(&self, kind: SyntaxKind) -> Option<SyntaxNode> {
        tree::child(self.tree()?, kind)
    }

    /// Where the first token begins.
    pub(crate) fn start(&self) -> usize {
        self.tokens.first().map_or(0, |token| token.start)
    }
}

fn form(kind: Kind, text: &str, tokens: &[Token]) -> Form {
    match kind {
        Kind::Read | Kind::Write | Kind::Call => return Form::Query,
        Kind::Transaction(Verb::SetTransaction) | Kind::Session => return Form::Session,
        Kind::Transaction(_) => return Form::Transaction,
        Kind::Ddl => {}
        _ => return Form::Other,
    }
    let is = |n: usize, word: &str| tokens.get(n).is_some_and(|token| token.is_word(text, word));
    if is(0, "alter") && is(1, "table") {
        return Form::AlterTable;
    }
    if !is(0, "create") {
        return Form::Other;
    }
    let replaces = is(1, "or") && is(2, "replace");
    let first = if replaces { 3 } else { 1 };
    let skipped = tokens[first.min(tokens.len())..]
        .iter()
        .take_while(|token| {
            [
                "global",
                "local",
                "recursive",
                "temp",
                "temporary",
                "unlogged",
                "unique",
            ]
            .iter()
            .any(|word| token.is_word(text, word))
        })
        .count();
    let at = first + skipped;
    if is(at, "view") {
        Form::CreateView
    } else if is(at, "function") {
        Form::CreateFunction
    } else if replaces {
        Form::Other
    } else if is(at, "table") {
        Form::CreateTable
    } else if is(at, "index") {
        Form::CreateIndex
    } else if is(at, "sequence") {
        Form::CreateSequence
    } else if is(at, "schema") {
        Form::CreateSchema
    } else {
        Form::Other
    }
}

/// What rules found in one statement.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) found: Vec<Finding>,
}

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }
}

/// One place where the service refuses a statement.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    /// Bytes from the start of the statement.
    pub(crate) at: usize,
    /// The service's answer; `None` where its text is not known.
    pub(crate) refusal: Option<Refusal>,
    pub(crate) fix: Fix,
}

impl Finding {
    /// A copy without the statements that take its place.
    pub(crate) fn in_short(&self) -> Self {
        Self {
            rule: self.rule,
            at: self.at,
            refusal: self.refusal.clone(),
            fix: match &self.fix {
                Fix::Edits(edits, message) => Fix::Edits(edits.clone(), message.clone()),
                Fix::Steps(_, message) => Fix::Steps(Vec::new(), message.clone()),
                Fix::Drop(message) => Fix::Drop(message.clone()),
                Fix::Refuse(message) => Fix::Refuse(message.clone()),
            },
        }
    }
}

/// The remedy.
#[derive(Debug)]
pub(crate) enum Fix {
    /// Edits of the statement's text, and a note about them.
    Edits(Vec<Edit>, String),
    /// Other statements in its place, and a note about them.
    Steps(Vec<Part>, String),
    /// Nothing in its place, and a note why that is the same.
    Drop(String),
    /// None: why, and what to write instead.
    Refuse(String),
}

/// What stands in a statement's place.
#[derive(Debug)]
pub(crate) enum Part {
    Sql(String),
    Batches(Batches),
    Lookup(Lookup),
}

/// Bytes `start..end` become `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) text: String,
}

impl Edit {
    pub(crate) fn replace(start: usize, end: usize, text: impl Into<String>) -> Self {
        Self {
            start,
            end,
            text: text.into(),
        }
    }

    pub(crate) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at, at, text)
    }

    /// Takes out bytes together with the white space before them; the line
    /// break that ends a comment stays.
    pub(crate) fn remove(source: &str, start: usize, end: usize) -> Self {
        let before = source[..start].trim_end_matches([' ', '\t', '\n', '\r']);
        let mut kept = before.len();
        if before
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.contains("--"))
            && let Some(newline) = source[kept..start].find('\n')
        {
            kept += newline + 1;
        }
        Self::replace(kept, end, "")
    }
}

/// Applies edits that do not overlap; one that does waits for the next round.
pub(crate) fn apply(source: &str, edits: &mut [Edit]) -> String {
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let mut text = String::with_capacity(source.len() + 64);
    let mut at = 0;
    for edit in edits.iter() {
        if edit.start >= at && edit.end >= edit.start {
            text.push_str(&source[at..edit.start]);
            text.push_str(&edit.text);
            at = edit.end;
        }
    }
    text.push_str(&source[at..]);
    text
}
