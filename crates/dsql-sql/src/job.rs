//! The statements that answer a job id: `CREATE INDEX ASYNC` and
//! `ALTER TABLE ASYNC … VALIDATE CONSTRAINT`.

use crate::Statement;
use crate::lex::{Lexer, Token};

/// What an asynchronous DDL statement starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsyncDdl {
    /// What `sys.jobs` calls the job.
    pub job_type: JobType,
    /// The same statement as stock PostgreSQL runs it: without `ASYNC`.
    pub synchronous: String,
    /// The table, as written: qualified and quoted as in the source.
    pub table: String,
}

/// `sys.jobs.job_type` of the jobs that statements start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobType {
    /// `CREATE INDEX ASYNC`.
    IndexBuild,
    /// `ALTER TABLE ASYNC … VALIDATE CONSTRAINT`.
    ValidateConstraint,
}

impl JobType {
    /// As `sys.jobs` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IndexBuild => "INDEX_BUILD",
            Self::ValidateConstraint => "VALIDATE_CONSTRAINT",
        }
    }
}

/// Reads a statement that answers a job id; `None` for any other. An index
/// that is *named* async needs quotes, as on the service.
///
/// ```
/// use dsql_sql::{JobType, Statement, async_ddl};
///
/// let job = async_ddl(&Statement::new("CREATE INDEX ASYNC pet_name ON clinic.pet (name)")).unwrap();
/// assert_eq!(job.job_type, JobType::IndexBuild);
/// assert_eq!(job.synchronous, "CREATE INDEX pet_name ON clinic.pet (name)");
/// assert_eq!(job.table, "clinic.pet");
/// ```
pub fn async_ddl(statement: &Statement<'_>) -> Option<AsyncDdl> {
    let text = statement.text();
    let mut tokens = Lexer::new(text);
    let word = async_word(text)?;
    let first = tokens.next()?;
    let mut rest = Lexer::starting_at(text, word.end);
    let job_type = if first.is_word(text, "create") {
        rest.find(|token| token.is_word(text, "on"))?;
        JobType::IndexBuild
    } else {
        JobType::ValidateConstraint
    };
    let mut name = rest.next()?;
    if name.is_word(text, "if") {
        rest.next()?;
        name = rest.next()?;
    }
    if name.is_word(text, "only") {
        name = rest.next()?;
    }
    let end = end_of_name(text, name);
    if job_type == JobType::ValidateConstraint
        && !Lexer::starting_at(text, end)
            .next()?
            .is_word(text, "validate")
    {
        return None;
    }
    let gap = text[word.end..].len() - text[word.end..].trim_start().len();
    Some(AsyncDdl {
        job_type,
        synchronous: format!("{}{}", &text[..word.start], &text[word.end + gap..]),
        table: text[name.start..end].to_owned(),
    })
}

/// The word ASYNC of `CREATE [UNIQUE] INDEX ASYNC` or `ALTER TABLE ASYNC`.
pub(crate) fn async_word(text: &str) -> Option<Token> {
    let mut tokens = Lexer::new(text);
    let first = tokens.next()?;
    let mut second = tokens.next()?;
    if first.is_word(text, "create") {
        if second.is_word(text, "unique") {
            second = tokens.next()?;
        }
        if !second.is_word(text, "index") {
            return None;
        }
    } else if !(first.is_word(text, "alter") && second.is_word(text, "table")) {
        return None;
    }
    tokens.next().filter(|token| token.is_word(text, "async"))
}

/// The end of a possibly qualified name that begins with `first`.
pub(crate) fn end_of_name(text: &str, first: Token) -> usize {
    let mut end = first.end;
    let mut tokens = Lexer::starting_at(text, end);
    while tokens.next().is_some_and(|token| token.is_symbol(b'.')) {
        match tokens.next() {
            Some(part) if part.is_name() => end = part.end,
            _ => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(JobType, String, String)> {
        async_ddl(&Statement::new(text)).map(|job| (job.job_type, job.synchronous, job.table))
    }

    #[test]
    fn a_validation_names_its_table() {
        assert_eq!(
            read("/* x */ alter table async only \"S\".\"T\" validate constraint c"),
            Some((
                JobType::ValidateConstraint,
                "/* x */ alter table only \"S\".\"T\" validate constraint c".into(),
                "\"S\".\"T\"".into()
            ))
        );
    }

    #[test]
    fn an_unnamed_index_is_read_too() {
        assert_eq!(
            read("CREATE UNIQUE INDEX ASYNC ON only t (lower(a))"),
            Some((
                JobType::IndexBuild,
                "CREATE UNIQUE INDEX ON only t (lower(a))".into(),
                "t".into()
            ))
        );
    }

    #[test]
    fn other_statements_answer_no_job() {
        for text in [
            "create index i on t (a)",
            "create index \"async\" on t (a)",
            "alter table async add column a int",
            "alter table t validate constraint c",
            "create index async",
            "select 1",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
