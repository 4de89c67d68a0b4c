//! Later statements of a script folded into the CREATE they belong to.
//!
//! What the service takes only in CREATE TABLE, such as a primary key, dumps
//! and migrations often write as an ALTER TABLE further down. Where the table
//! is made in the same script and nothing in between needs the order, that
//! statement moves up, as plain PostgreSQL; the rules then see one CREATE. A
//! statement of which this is not certain stays where it is.

mod enumeration;
mod sequence;
mod table;

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use crate::lex::{Lexer, Token, TokenKind, skip_blank};
use crate::plan::Options;
use crate::rule::{Edit, Form, Reading, Subject, apply};
use crate::rules::folded;
use crate::{Kind, Refusal, Statement, Verb};

/// A statement of the script, after folding.
pub(crate) struct Source<'s> {
    pub(crate) text: Cow<'s, str>,
    /// Bytes from the start of the script to the statement as it was written.
    pub(crate) offset: usize,
    pub(crate) fate: Fate,
    /// Where the statement begins that this one has moved into.
    pub(crate) home: Option<usize>,
    /// What was read off the text, where it has been read.
    pub(crate) reading: Option<Rc<Reading>>,
}

/// What becomes of a statement.
pub(crate) enum Fate {
    /// It is translated by itself.
    Stays,
    /// Others moved into it, so places in it are no longer those of the script.
    Grown,
    /// Its own words change: the rule, and a note.
    Rewritten(&'static str, String),
    /// It moved into an earlier one: the rule, and a note.
    Moved(&'static str, String),
    /// It contradicts an earlier one.
    Refused(Refused),
}

pub(crate) struct Refused {
    pub(crate) rule: &'static str,
    pub(crate) message: &'static str,
    pub(crate) refusal: Refusal,
}

impl Source<'_> {
    pub(crate) fn statement(&self) -> Statement<'_> {
        Statement::at(&self.text, self.offset)
    }

    /// Where its first word stands in the script.
    pub(crate) fn head(&self) -> usize {
        // What moves into it stands behind that.
        head(self.statement())
    }
}

fn head(statement: Statement<'_>) -> usize {
    let text = statement.text();
    statement.offset() + skip_blank(text.as_bytes(), 0).min(text.len())
}

/// The statements of a script, folded. The time is linear in the script.
pub(crate) fn fold<'s>(statements: Vec<Statement<'s>>, options: &Options) -> Vec<Source<'s>> {
    let folder = has_candidates(&statements).then(|| {
        let mut folder = Folder::new(&statements, options);
        let dead = dead(&statements);
        for (at, statement) in statements.iter().enumerate() {
            if !dead[at] {
                folder.see(at, *statement);
            }
        }
        folder
    });
    let Some(folder) = folder else {
        return statements.into_iter().map(Source::from).collect();
    };
    let heads: Vec<_> = statements
        .iter()
        .map(|statement| head(*statement))
        .collect();
    statements
        .into_iter()
        .zip(folder.inner)
        .zip(folder.edits)
        .zip(folder.fates)
        .zip(folder.homes)
        .zip(folder.readings)
        .map(
            |(((((statement, mut edits), outer), fate), home), reading)| {
                edits.extend(outer);
                let mut source = Source::from(statement);
                source.fate = fate;
                source.home = home.map(|home| heads[home]);
                source.reading = reading;
                if !edits.is_empty() && !matches!(source.fate, Fate::Moved(..)) {
                    source.text = Cow::Owned(apply(statement.text(), &mut edits));
                    source.reading = None;
                    if matches!(source.fate, Fate::Stays) {
                        source.fate = Fate::Grown;
                    }
                }
                source
            },
        )
        .collect()
}

impl<'s> From<Statement<'s>> for Source<'s> {
    fn from(statement: Statement<'s>) -> Self {
        Self {
            text: Cow::Borrowed(statement.text()),
            offset: statement.offset(),
            fate: Fate::Stays,
            home: None,
            reading: None,
        }
    }
}

/// Is there an ALTER after a CREATE? Most scripts that an adapter sends have
/// none, and cost no more than this.
fn has_candidates(statements: &[Statement<'_>]) -> bool {
    let first = |word: &str| {
        statements.iter().position(|statement| {
            let text = statement.text();
            let first = Lexer::new(text).next();
            first.is_some_and(|first| first.is_word(text, word))
        })
    };
    match first("create") {
        Some(create) => statements[create..].iter().any(|statement| {
            let text = statement.text();
            let first = Lexer::new(text).next();
            first.is_some_and(|first| first.is_word(text, "alter"))
        }),
        None => false,
    }
}

/// Which statements stand in a transaction that is not committed.
fn dead(statements: &[Statement<'_>]) -> Vec<bool> {
    let mut dead = vec![false; statements.len()];
    let mut begun = None;
    for (at, statement) in statements.iter().enumerate() {
        match (statement.kind(), begun) {
            (Kind::Transaction(Verb::Begin), None) => begun = Some(at),
            (Kind::Transaction(Verb::Commit), _) => begun = None,
            (Kind::Transaction(Verb::Rollback), Some(first)) => {
                dead[first..=at].fill(true);
                begun = None;
            }
            _ => {}
        }
    }
    if let Some(first) = begun {
        dead[first..].fill(true);
    }
    dead
}

/// A schema, where one is written, and a name, both as the catalog holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    schema: Option<String>,
    name: String,
}

/// What was created and may still be folded into.
enum Object {
    Table(table::Table),
    Sequence(sequence::Sequence),
    Enum(enumeration::Enum),
}

struct Held {
    /// Which search path an unqualified name was looked up in.
    path: usize,
    object: Object,
}

struct Folder<'o> {
    options: &'o Options,
    /// By name, then by schema.
    held: HashMap<String, HashMap<Option<String>, Held>>,
    /// Counts changes of the search path.
    path: usize,
    local_path: bool,
    /// By statement; at one place, the inner edits come first.
    inner: Vec<Vec<Edit>>,
    edits: Vec<Vec<Edit>>,
    fates: Vec<Fate>,
    /// Which statement each has moved into.
    homes: Vec<Option<usize>>,
    /// The last statement that changes the default of a column, by the names
    /// of table and column, and the last that changes a sequence.
    last_default: HashMap<(String, String), usize>,
    last_change: HashMap<String, usize>,
    /// What was read off the statements, as far as it is kept.
    readings: Vec<Option<Rc<Reading>>>,
    /// How many more bytes of statements it is kept for.
    room: usize,
}

impl<'o> Folder<'o> {
    fn new(statements: &[Statement<'_>], options: &'o Options) -> Self {
        let count = statements.len();
        let mut folder = Self {
            options,
            held: HashMap::new(),
            path: 0,
            local_path: false,
            inner: vec![Vec::new(); count],
            edits: vec![Vec::new(); count],
            fates: (0..count).map(|_| Fate::Stays).collect(),
            homes: vec![None; count],
            last_default: HashMap::new(),
            last_change: HashMap::new(),
            readings: vec![None; count],
            room: 4 << 20,
        };
        for (at, statement) in statements.iter().enumerate() {
            folder.look_ahead(at, statement.text());
        }
        folder
    }

    /// What later statements do to defaults and to sequences.
    fn look_ahead(&mut self, at: usize, text: &str) {
        if !Lexer::new(text)
            .next()
            .is_some_and(|first| first.is_word(text, "alter"))
        {
            return;
        }
        let subject = self.read(at, text);
        let skipped = ["table", "sequence", "only", "if", "exists"];
        let first = (1..subject.tokens.len())
            .find(|&at| !skipped.iter().any(|word| subject.word_at(at, word)));
        let Some((name, next)) = first.and_then(|first| name_at(&subject, first)) else {
            return;
        };
        if subject.word_at(1, "sequence") && !subject.words_at(next, &["owner", "to"]) {
            self.last_change.insert(name.name.clone(), at);
        }
        for place in next..subject.tokens.len() {
            let changes = subject.words_at(place, &["set", "default"])
                || subject.words_at(place, &["drop", "default"]);
            if changes {
                let column = folded(subject.text_at(place - 1));
                self.last_default.insert((name.name.clone(), column), at);
            }
        }
    }

    /// A statement, read once. Trees are many times as large as their text, so
    /// of a long script those of its beginning are kept.
    fn read<'s>(&mut self, at: usize, text: &'s str) -> Subject<'s>
    where
        'o: 's,
    {
        let subject = Subject::read(text, self.options, None, self.readings[at].take());
        if let Some(room) = self.room.checked_sub(text.len()) {
            self.room = room;
            self.readings[at] = Some(subject.reading());
        }
        subject
    }

    fn see(&mut self, at: usize, statement: Statement<'_>) {
        let subject = self.read(at, statement.text());
        let begins = |words: &[&str]| subject.begins(words);
        match (subject.kind, subject.form) {
            (Kind::Empty, _) => {}
            (Kind::Transaction(verb), _) => {
                if matches!(verb, Verb::Commit) && std::mem::take(&mut self.local_path) {
                    self.path += 1;
                }
            }
            (Kind::Session, _) => self.session(&subject),
            (Kind::Read, _) => {
                let sets_path = subject.tokens.iter().any(|token| {
                    token.kind == TokenKind::String
                        && token.text(subject.text).contains("search_path")
                });
                if sets_path {
                    self.path += 1;
                    // set_config may be for this transaction only.
                    self.local_path = true;
                }
            }
            (Kind::Write, _) => self.write(&subject),
            (_, Form::CreateTable) => table::created(self, at, &subject),
            (_, Form::AlterTable) => table::altered(self, at, &subject),
            (_, Form::CreateSequence) => sequence::created(self, at, &subject),
            _ if begins(&["alter", "sequence"]) => sequence::altered(self, at, &subject),
            _ if begins(&["create", "type"]) => enumeration::created(self, at, &subject),
            _ if begins(&["alter", "type"]) => enumeration::altered(self, at, &subject),
            (_, Form::CreateIndex | Form::CreateSchema) => {}
            (Kind::Ddl, _) if is_harmless(&subject) => {}
            (Kind::Ddl, _)
                if !["schema", "owned", "database"]
                    .iter()
                    .any(|word| subject.word_at(1, word)) =>
            {
                self.forget_mentioned(&subject);
            }
            // What it does cannot be read off it.
            _ => self.held.clear(),
        }
    }

    /// SET, RESET and their kin: names may now mean other objects.
    fn session(&mut self, subject: &Subject<'_>) {
        const WORDS: &[&str] = &[
            "search_path",
            "schema",
            "role",
            "authorization",
            "discard",
            "reset",
        ];
        let changes =
            (0..subject.tokens.len()).any(|at| WORDS.iter().any(|word| subject.word_at(at, word)));
        if changes {
            self.path += 1;
            self.local_path |= subject.word_at(1, "local");
        }
    }

    /// Rows that are only added are the same before and after a key; nothing
    /// else is.
    fn write(&mut self, subject: &Subject<'_>) {
        let adds = (subject.word_at(0, "insert") || subject.word_at(0, "copy"))
            && !(0..subject.tokens.len()).any(|at| subject.word_at(at, "conflict"));
        for name in mentions(subject) {
            let Some(held) = self.held.get_mut(&name.name) else {
                continue;
            };
            let keeps = |held: &mut Held| match &mut held.object {
                Object::Table(table) => {
                    table.filled = true;
                    adds
                }
                _ => true,
            };
            match &name.schema {
                // Which one is meant is not known.
                None => held.retain(|_, held| keeps(held)),
                schema => {
                    if held.get_mut(schema).is_some_and(|held| !keeps(held)) {
                        held.remove(schema);
                    }
                    if held.get_mut(&None).is_some_and(|held| !keeps(held)) {
                        held.remove(&None);
                    }
                }
            }
        }
    }

    /// Does it name anything that is held, or may a string of it?
    fn may_concern(&self, subject: &Subject<'_>) -> bool {
        let held = |token: &Token| match token.kind {
            TokenKind::String => true,
            TokenKind::Word | TokenKind::QuotedName => {
                self.held.contains_key(&folded(token.text(subject.text)))
            }
            _ => false,
        };
        !self.held.is_empty() && subject.tokens.iter().any(held)
    }

    fn forget_mentioned(&mut self, subject: &Subject<'_>) {
        for name in mentions(subject) {
            self.forget(&name);
        }
    }

    /// Forgets what a name may mean.
    fn forget(&mut self, name: &Name) {
        match (&name.schema, self.held.get_mut(&name.name)) {
            (None, Some(_)) => {
                self.held.remove(&name.name);
            }
            (schema, Some(held)) => {
                held.remove(schema);
                held.remove(&None);
            }
            (_, None) => {}
        }
    }

    /// What a name certainly means. Where it is not certain, what it may mean
    /// is forgotten.
    fn get(&mut self, name: &Name) -> Option<&mut Object> {
        let certain = self
            .held
            .get(&name.name)
            .is_some_and(|held| match &name.schema {
                None => {
                    held.len() == 1 && held.get(&None).is_some_and(|held| held.path == self.path)
                }
                schema => !held.contains_key(&None) && held.contains_key(schema),
            });
        if !certain {
            self.forget(name);
            return None;
        }
        let held = self.held.get_mut(&name.name)?.get_mut(&name.schema)?;
        Some(&mut held.object)
    }

    fn hold(&mut self, name: Name, object: Object) {
        self.forget(&name);
        let held = Held {
            path: self.path,
            object,
        };
        self.held
            .entry(name.name)
            .or_default()
            .insert(name.schema, held);
    }
}

/// Statements that neither change a table nor need it to be as it is.
fn is_harmless(subject: &Subject<'_>) -> bool {
    const HARMLESS: &[&[&str]] = &[
        &["comment"],
        &["grant"],
        &["revoke"],
        &["create", "view"],
        &["create", "recursive", "view"],
        &["create", "function"],
        &["create", "domain"],
        &["create", "role"],
        &["create", "statistics"],
        &["create", "trigger"],
        &["create", "extension"],
        &["create", "policy"],
        &["alter", "default", "privileges"],
        &["alter", "index"],
        &["alter", "domain"],
        &["alter", "function"],
        &["alter", "role"],
        &["alter", "view"],
    ];
    HARMLESS.iter().any(|words| subject.begins(words))
}

/// Every name in a statement, with the one before its dot as its schema.
fn mentions(subject: &Subject<'_>) -> Vec<Name> {
    let name = |at: usize| {
        subject
            .tokens
            .get(at)
            .filter(|token| token.is_name())
            .map(|token| folded(token.text(subject.text)))
    };
    (0..subject.tokens.len())
        .filter_map(|at| {
            let schema = at
                .checked_sub(2)
                .filter(|_| subject.symbol_at(at - 1, b'.'))
                .and_then(name);
            name(at).map(|name| Name { schema, name })
        })
        .collect()
}

/// The name that begins at a token, and which token follows it.
fn name_at(subject: &Subject<'_>, at: usize) -> Option<(Name, usize)> {
    let part = |at: usize| {
        subject
            .tokens
            .get(at)
            .filter(|token| token.is_name())
            .map(|token| folded(token.text(subject.text)))
    };
    let first = part(at)?;
    if !subject.symbol_at(at + 1, b'.') {
        let name = Name {
            schema: None,
            name: first,
        };
        return Some((name, at + 1));
    }
    let name = part(at + 2)?;
    let name = Name {
        schema: Some(first),
        name,
    };
    (!subject.symbol_at(at + 3, b'.')).then_some((name, at + 3))
}

/// The name that a string such as `'public.pet_id_seq'` holds.
fn name_in(text: &str, options: &Options) -> Option<Name> {
    let subject = Subject::new(text, options, None);
    let (name, end) = name_at(&subject, 0)?;
    (end == subject.tokens.len()).then_some(name)
}

/// Comments before, inside and after a statement that a text does not hold.
fn comments<'a>(subject: &Subject<'a>, kept: &str) -> Vec<&'a str> {
    let mut at = 0;
    let mut found = Vec::new();
    for (start, end) in subject
        .tokens
        .iter()
        .map(|token| (token.start, token.end))
        .chain([(subject.text.len(), subject.text.len())])
    {
        let gap = subject.text[at..start].trim();
        if !gap.is_empty() && gap != ";" && !kept.contains(gap) {
            found.push(gap);
        }
        at = end;
    }
    found
}

/// Comments, each on a line of its own, and then a text.
fn commented(comments: &[&str], text: &str, gap: &str) -> String {
    if comments.is_empty() {
        return format!("{gap}{text}");
    }
    let mut result = String::new();
    for comment in comments {
        result.push_str("\n    ");
        if comment.contains("/*") {
            result.push_str(comment);
        } else {
            let lines: Vec<_> = comment.lines().map(str::trim_start).collect();
            result.push_str(&lines.join("\n    "));
        }
    }
    result.push_str("\n    ");
    result.push_str(text);
    result
}
