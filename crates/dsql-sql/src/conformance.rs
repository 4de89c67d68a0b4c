//! What the service answers, as data: the tables of the folder `conformance`
//! of this repository, which explains their format.
//!
//! The tests hold [`check`] and the linter to it, and `dsql rules` takes its
//! examples from it.
//!
//! ```
//! use dsql_sql::conformance::{Answer, rows};
//!
//! let truncate = rows().find(|row| row.statement == "TRUNCATE t").unwrap();
//! assert_eq!(truncate.section, "2.7");
//! assert!(matches!(truncate.answer, Answer::Refused(words) if words.sqlstate == "0A000"));
//! ```

use crate::transaction::TransactionState;
use crate::{Kind, Refusal, Statement, Verb, check, lint};

/// Every row of every table, in order.
pub fn rows() -> impl Iterator<Item = Row> {
    // Whether a table can be read is a test's business: see below.
    TABLES
        .iter()
        .flat_map(|(file, text)| read(file, text).unwrap_or_default())
}

/// One statement and the service's answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The table, such as `types.txt`.
    pub file: &'static str,
    /// The line of the answer, from 1.
    pub line: usize,
    /// The section of the facts that it belongs to, such as `2.1`.
    pub section: &'static str,
    /// The fact, in a few words.
    pub fact: &'static str,
    /// Where the fact comes from; the README of the tables explains the keys.
    pub source: &'static str,
    /// The statements that come before it in the same transaction.
    pub before: Vec<String>,
    /// The statement.
    pub statement: String,
    /// What the service answers.
    pub answer: Answer,
}

impl Row {
    /// What the rulebook answers to the statement after those before it.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut transaction = TransactionState::default();
        let mut answer = |sql: &str| {
            let statement = Statement::new(sql);
            check(&statement).and_then(|()| transaction.admit(statement.kind()))
        };
        let is_aborted = self.before.iter().any(|sql| answer(sql).is_err());
        let ends = matches!(
            Statement::new(&self.statement).kind(),
            Kind::Transaction(Verb::Commit | Verb::Rollback)
        );
        match is_aborted {
            true if ends => Ok(()),
            true => Err(Refusal::transaction_aborted()),
            false => answer(&self.statement),
        }
    }

    /// The rule that this row is an example of: the one that refuses it.
    pub fn rule(&self) -> Option<&'static str> {
        match self.answer {
            Answer::Refused(_) | Answer::Presumed(_) => {
                self.check().err().map(|refusal| refusal.rule())
            }
            Answer::RefusedSomehow => lint(&self.statement).first().map(|found| found.rule),
            Answer::AtRunTime(Some(words)) => [
                Refusal::conflict(),
                Refusal::schema_changed(),
                Refusal::row_limit(),
                Refusal::size_limit(11),
                Refusal::age_limit(301),
                Refusal::invalid_message_length(),
                Refusal::malformed_job_id(),
            ]
            .iter()
            .find(|refusal| {
                (refusal.sqlstate(), refusal.message()) == (words.sqlstate, words.message)
            })
            .map(Refusal::rule),
            _ => None,
        }
    }
}

/// What the service answers to a statement.
///
/// `<…>` in a message stands for what changes from case to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// It runs the statement, and answers this value or command tag where one
    /// was recorded.
    Accepted(Option<&'static str>),
    /// It refuses the statement in these words.
    Refused(Words),
    /// It refuses the statement. The words are not recorded; they follow from
    /// those that it has for the statement's neighbours.
    Presumed(Words),
    /// It refuses the statement, in words that are not known.
    RefusedSomehow,
    /// Whether it runs the statement is not known.
    Unknown,
    /// It fails, but only what the transaction, the catalog or the rows hold
    /// decides that. `None` where the words are not known.
    AtRunTime(Option<Words>),
}

/// The words of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Five characters; `?????` where it is not recorded.
    pub sqlstate: &'static str,
    /// The server's message.
    pub message: &'static str,
}

impl Answer {
    fn parse(text: &'static str) -> Option<Self> {
        Some(match text.split_once(": ") {
            _ if text == "accepted" => Self::Accepted(None),
            _ if text == "refused" => Self::RefusedSomehow,
            _ if text == "unknown" => Self::Unknown,
            _ if text == "at run time: refused" => Self::AtRunTime(None),
            Some(("accepted", value)) => Self::Accepted(Some(value)),
            Some(("presumed", words)) => Self::Presumed(Words::parse(words)?),
            Some(("at run time", words)) => Self::AtRunTime(Some(Words::parse(words)?)),
            _ => Self::Refused(Words::parse(text)?),
        })
    }
}

impl Words {
    fn parse(text: &'static str) -> Option<Self> {
        let (sqlstate, message) = text.split_once(' ')?;
        let is_sqlstate = sqlstate.len() == 5
            && sqlstate
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'?');
        is_sqlstate.then_some(Self { sqlstate, message })
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.sqlstate, self.message)
    }
}

macro_rules! tables {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../conformance/", $name)))),+]
    };
}

static TABLES: &[(&str, &str)] = tables![
    "types.txt",
    "create-table.txt",
    "sequences.txt",
    "indexes.txt",
    "jobs.txt",
    "alter-table.txt",
    "foreign-keys.txt",
    "objects.txt",
    "session.txt",
    "transactions.txt",
    "ddl.txt",
    "limits.txt",
    "queries.txt",
];

fn read(file: &'static str, text: &'static str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mut heading = None;
    let mut statements: Vec<String> = Vec::new();
    let mut is_answered = true;
    // Between BEGIN and COMMIT, an answer does not end the transaction.
    let mut is_explicit = false;
    for (number, line) in text.lines().enumerate() {
        let line_number = number + 1;
        let wrong = |what: &str| Err(format!("conformance/{file}:{line_number}: {what}: {line}"));
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(answer) = line.strip_prefix("    ") {
            let Some(answer) = Answer::parse(answer) else {
                return wrong("an answer that cannot be read");
            };
            let Some((section, fact, source)) = heading else {
                return wrong("no heading says where this comes from");
            };
            if is_answered {
                return wrong("an answer without a statement");
            }
            let mut before = statements.clone();
            let statement = before.pop().unwrap_or_default();
            let begins = Statement::new(&statement).kind() == Kind::Transaction(Verb::Begin);
            is_explicit &= !begins || matches!(answer, Answer::Accepted(_));
            rows.push(Row {
                file,
                line: line_number,
                section,
                fact,
                source,
                before,
                statement,
                answer,
            });
            is_answered = true;
        } else if let Some(rest) = line.strip_prefix("  ") {
            let Some(statement) = statements.last_mut().filter(|_| !is_answered) else {
                return wrong("a line that continues no statement");
            };
            statement.push('\n');
            statement.push_str(rest);
        } else if let Some(rest) = line.strip_prefix('[') {
            let parts = rest.split_once("] ").and_then(|(section, rest)| {
                let (fact, source) = rest.split_once(" | ")?;
                Some((section, fact, source))
            });
            if parts.is_none() {
                return wrong("a heading is: [section] fact | source");
            }
            if !is_answered || is_explicit {
                return wrong("the transaction before this is not ended");
            }
            heading = parts;
        } else {
            if is_answered && !is_explicit {
                statements.clear();
            }
            match Statement::new(line).kind() {
                Kind::Transaction(Verb::Commit | Verb::Rollback) => is_explicit = false,
                Kind::Transaction(Verb::Begin) => is_explicit = true,
                _ => {}
            }
            statements.push(line.to_owned());
            is_answered = false;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_can_be_read() {
        for (file, text) in TABLES {
            if let Err(error) = read(file, text) {
                panic!("{error}");
            }
        }
    }

    #[test]
    fn a_row_knows_its_transaction() {
        let text = "[3] a | b\nBEGIN\nINSERT\n    accepted\nTRUNCATE\n  t\n    0A000 no: not this\nCOMMIT\n    accepted: tag ROLLBACK\nA\nB\n    at run time: 55000 <i> is not valid\n";
        let rows = read("x", text).unwrap();
        let told: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.line,
                    row.before.join("; "),
                    row.statement.as_str(),
                    row.answer,
                )
            })
            .collect();
        let refused = Answer::Refused(Words {
            sqlstate: "0A000",
            message: "no: not this",
        });
        let late = Answer::AtRunTime(Some(Words {
            sqlstate: "55000",
            message: "<i> is not valid",
        }));
        let (begin, rolled_back) = ("BEGIN; INSERT", Some("tag ROLLBACK"));
        assert_eq!(
            told,
            [
                (4, "BEGIN".into(), "INSERT", Answer::Accepted(None)),
                (7, begin.into(), "TRUNCATE\nt", refused),
                (
                    9,
                    format!("{begin}; TRUNCATE\nt"),
                    "COMMIT",
                    Answer::Accepted(rolled_back)
                ),
                (12, "A".into(), "B", late),
            ]
        );
    }

    #[test]
    fn a_mistake_is_named_by_its_line() {
        for (text, line) in [
            ("A\n    accepted", 2),
            ("[3] a | b\n    accepted", 2),
            ("[3] a\nA", 1),
            ("[3] a | b\nA\n    acepted", 3),
            ("[3] a | b\n  A", 2),
            ("[3] a | b\nA\n[3] c | d", 3),
        ] {
            let error = read("x", text).unwrap_err();
            assert!(
                error.starts_with(&format!("conformance/x:{line}: ")),
                "{error}"
            );
        }
    }
}
