//! PostgreSQL's own parser, as libpg_query has it.

use dsql_sql::{Options, Plan, Statement, Step, async_ddl};

use crate::{Verdict, statements};

/// Is this PostgreSQL?
pub fn parse(sql: &str) -> Verdict {
    pg_query::split_with_parser(sql)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

/// Where the script is PostgreSQL, so is every step of its plan, without the
/// word ASYNC.
pub fn translate(script: &str, options: &Options) -> Verdict {
    if parse(script).is_ok() {
        judge(script, &dsql_sql::translate(script, options))?;
    }
    for piece in dsql_sql::split(script) {
        let sql = piece.text();
        if sql.len() < script.len() && parse(sql).is_ok() {
            judge(sql, &dsql_sql::translate(sql, options))?;
        }
    }
    Ok(())
}

fn judge(script: &str, plan: &Plan) -> Verdict {
    for step in &plan.steps {
        for sql in plain(step) {
            parse(&sql).map_err(|error| {
                format!("{sql:?} is no PostgreSQL: {error}; it came from {script:?}")
            })?;
        }
    }
    Ok(())
}

/// A step's statements as stock PostgreSQL has them.
fn plain(step: &Step) -> Vec<String> {
    statements(step)
        .into_iter()
        .map(|sql| match async_ddl(&Statement::new(&sql)) {
            Some(asynchronous) => asynchronous.synchronous,
            None => sql,
        })
        .collect()
}

/// Where the script is PostgreSQL, it is cut as PostgreSQL cuts it. Not where a
/// column in a BEGIN ATOMIC body is called `end` without AS: psql, which counts
/// words too, cuts that as we do.
pub fn split(script: &str) -> Verdict {
    let Ok(theirs) = pg_query::split_with_parser(script) else {
        return Ok(());
    };
    let ours: Vec<_> = dsql_sql::split(script).map(|piece| piece.text()).collect();
    let bare = |texts: &[&str]| -> Vec<String> {
        let texts = texts.iter().map(|text| without_blanks(text).to_owned());
        texts.filter(|text| !text.is_empty()).collect()
    };
    let has_body = script.to_ascii_lowercase().contains("atomic");
    ensure!(
        bare(&ours) == bare(&theirs) || has_body,
        "{ours:?}\nare {theirs:?} to PostgreSQL"
    );
    Ok(())
}

/// A statement without the comments and spaces before it and the spaces after
/// it.
fn without_blanks(text: &str) -> &str {
    let mut text = text;
    loop {
        text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
        if text.starts_with("--") {
            text = text.find(['\n', '\r']).map_or("", |end| &text[end..]);
        } else if text.starts_with("/*") {
            text = &text[end_of_comment(text)..];
        } else {
            return text;
        }
    }
}

fn end_of_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}
