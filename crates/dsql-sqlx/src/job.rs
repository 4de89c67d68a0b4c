//! Asynchronous jobs: index builds and validations of constraints.

use dsql_sql::{Statement, async_ddl, quote_literal};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

/// How a job ended.
pub(crate) enum JobEnd {
    Succeeded,
    Failed {
        status: String,
        details: String,
    },
    /// `sys.jobs` does not list it any more.
    Gone,
}

/// Waits until the job has ended, outside any transaction.
///
/// `sys.wait_for_job` answers false on failure and when it got tired of
/// waiting; `sys.jobs` tells which.
pub(crate) async fn wait(
    connection: &mut PgConnection,
    job_id: &str,
) -> Result<JobEnd, sqlx::Error> {
    let job_id = quote_literal(job_id);
    loop {
        let call = AssertSqlSafe(format!("CALL sys.wait_for_job({job_id})"));
        let succeeded: bool = sqlx::raw_sql(call)
            .fetch_one(&mut *connection)
            .await?
            .try_get("succeeded")?;
        if succeeded {
            return Ok(JobEnd::Succeeded);
        }
        let state = sqlx::raw_sql(AssertSqlSafe(format!(
            "SELECT status, details FROM sys.jobs WHERE job_id = {job_id}"
        )))
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = state else {
            return Ok(JobEnd::Gone);
        };
        let status: Option<String> = row.try_get("status")?;
        let details: Option<String> = row.try_get("details")?;
        match status.as_deref() {
            Some("completed") => return Ok(JobEnd::Succeeded),
            Some("submitted" | "processing") => continue,
            _ => {
                return Ok(JobEnd::Failed {
                    status: status.unwrap_or_else(|| "unknown".into()),
                    details: details.unwrap_or_else(|| "no details given".into()),
                });
            }
        }
    }
}

/// What a failed job leaves behind, and what to do; `resumes`: the run does it
/// when it is started again.
pub(crate) fn remedy(statement: &str, resumes: bool) -> String {
    let words = words(statement);
    let word = |n: usize| words.get(n).map(String::as_str).unwrap_or_default();
    let is = |n: usize, keyword: &str| word(n).eq_ignore_ascii_case(keyword);
    if is(0, "CREATE") {
        match index_name(&words) {
            Some(name) if resumes => format!(
                "Index {name} is left behind INVALID: it is not used by queries but still \
                 maintained by writes. Remove the cause (for a unique index: rows that are equal) \
                 and run the same command again: the index is dropped and built anew"
            ),
            Some(name) => format!(
                "Index {name} is left behind INVALID: it is not used by queries but still \
                 maintained by writes. Remove the cause (for a unique index: rows that are equal), \
                 then DROP INDEX {name} and run the statement again"
            ),
            None => "The index is left behind INVALID: find it with SELECT indexrelid::regclass \
                     FROM pg_index WHERE NOT indisvalid, remove the cause, drop it and run the \
                     statement again"
                .into(),
        }
    } else {
        match words
            .iter()
            .position(|word| word.eq_ignore_ascii_case("CONSTRAINT"))
        {
            Some(at) => format!(
                "Constraint {} stays NOT VALID: new rows are checked, old ones are not. Correct \
                 the rows that break it and run the statement again",
                word(at + 1)
            ),
            None => "Remove the cause and run the statement again".into(),
        }
    }
}

/// The name of the index that a statement builds, in the schema of its table,
/// as the statement writes both.
pub(crate) fn index_of(statement: &str) -> Option<String> {
    let words = words(statement);
    if !words.first()?.eq_ignore_ascii_case("CREATE") {
        return None;
    }
    let name = index_name(&words)?;
    let table = async_ddl(&Statement::new(statement))?.table;
    Some(match schema(&table) {
        Some(schema) => format!("{schema}.{name}"),
        None => name.to_owned(),
    })
}

/// What stands before the last dot outside quotes.
fn schema(table: &str) -> Option<&str> {
    let mut quoted = false;
    let mut dot = None;
    for (at, c) in table.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => dot = Some(at),
            _ => {}
        }
    }
    dot.map(|dot| table[..dot].trim_end())
}

fn index_name(words: &[String]) -> Option<&str> {
    let mut at = words
        .iter()
        .position(|word| word.eq_ignore_ascii_case("INDEX"))?
        + 1;
    let is = |at: usize, keyword: &str| {
        words
            .get(at)
            .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
    };
    if is(at, "ASYNC") {
        at += 1;
    }
    if is(at, "IF") {
        at += 3;
    }
    if is(at, "ON") {
        return None;
    }
    words.get(at).map(String::as_str)
}

/// The first words of a statement; a quoted name is one word.
fn words(statement: &str) -> Vec<String> {
    let text = Statement::new(statement).text();
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.push(c);
            }
            c if !quoted && (c.is_whitespace() || c == '(') => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::remedy;

    #[test]
    fn a_failed_index_build_names_the_index() {
        for statement in [
            "CREATE UNIQUE INDEX ASYNC \"pet name\" ON pet (name)",
            "create unique index async if not exists \"pet name\" on pet(name)",
        ] {
            assert!(
                remedy(statement, false).contains("DROP INDEX \"pet name\""),
                "{}",
                remedy(statement, false)
            );
        }
        assert!(remedy("CREATE INDEX ASYNC ON pet (name)", false).contains("indisvalid"));
    }

    #[test]
    fn an_index_stands_in_the_schema_of_its_table() {
        for (statement, index) in [
            ("CREATE INDEX ASYNC a ON pet (name)", Some("a")),
            (
                "CREATE INDEX ASYNC a ON clinic.pet (name)",
                Some("clinic.a"),
            ),
            (
                "CREATE UNIQUE INDEX ASYNC IF NOT EXISTS \"a.b\" ON ONLY \"the clinic\".\"pe.t\" (name)",
                Some("\"the clinic\".\"a.b\""),
            ),
            ("CREATE INDEX ASYNC ON pet (name)", None),
            ("ALTER TABLE ASYNC pet VALIDATE CONSTRAINT c", None),
        ] {
            assert_eq!(super::index_of(statement).as_deref(), index, "{statement}");
        }
    }

    #[test]
    fn a_failed_validation_names_the_constraint() {
        let text = remedy(
            "ALTER TABLE ASYNC pet VALIDATE CONSTRAINT pet_owner_fkey",
            false,
        );
        assert!(
            text.contains("Constraint pet_owner_fkey stays NOT VALID"),
            "{text}"
        );
    }
}
