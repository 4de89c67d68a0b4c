//! The translator.

use std::iter::once;

use dsql_sql::{Batches, Kind, Lookup, Options, Plan, Statement, Step, check, rules};

use crate::Verdict;

/// The plan is the same each time; its notes and errors stand in the script
/// and name known rules; each step passes the check, is one statement, and
/// comes out of a second translation as it went in; and a script that is said
/// to be unchanged is.
pub fn translate(script: &str, options: &Options) -> Verdict {
    let plan = dsql_sql::translate(script, options);
    ensure!(
        plan == dsql_sql::translate(script, options),
        "a second translation of {script:?} differs"
    );
    places(&plan, script)?;
    for step in &plan.steps {
        // A plan with errors is not run, and this BEGIN may be one of them.
        if plan.errors.is_empty() || !matches!(step, Step::Transaction(_)) {
            judge(step, options, true)?;
        }
    }
    let _ = plan.to_string();
    if plan.is_unchanged() {
        unchanged(script, &plan)?;
    }
    if plan.errors.is_empty() {
        again(&plan.steps, options)?;
    }
    Ok(())
}

fn places(plan: &Plan, script: &str) -> Verdict {
    let notes = plan.notes.iter().map(|note| (note.rule, note.offset));
    let errors = plan.errors.iter().map(|error| (error.rule, error.offset));
    for (rule, offset) in notes.chain(errors) {
        ensure!(
            script.is_char_boundary(offset),
            "{rule} speaks of byte {offset} of {script:?}"
        );
        ensure!(
            rules().any(|known| known.id() == rule),
            "there is no rule {rule}"
        );
    }
    Ok(())
}

fn judge(step: &Step, options: &Options, may_look_up: bool) -> Verdict {
    match step {
        Step::Ddl(sql) => {
            let kind = Statement::new(sql).kind();
            ensure!(kind == Kind::Ddl, "{sql:?} as DDL is {kind:?}");
            same(sql, step, options)
        }
        Step::AsyncDdl(sql) => {
            let kind = Statement::new(sql).kind();
            ensure!(kind == Kind::Ddl, "{sql:?} as a job is {kind:?}");
            same(sql, step, options)
        }
        Step::Dml(sql) => {
            let kind = Statement::new(sql).kind();
            ensure!(kind != Kind::Ddl, "{sql:?} as DML is DDL");
            same(sql, step, options)
        }
        Step::Transaction(_) => {
            for statement in statements(step) {
                accepted(&statement)?;
            }
            again(std::slice::from_ref(step), options)
        }
        Step::Batches(batches) => judge_batches(batches),
        Step::Lookup(lookup) if may_look_up => judge_lookup(lookup, options),
        other => Err(format!("a plan after a lookup looks up: {other:?}")),
    }
}

/// A statement that the service takes comes out of translation as it is.
fn same(sql: &str, step: &Step, options: &Options) -> Verdict {
    accepted(sql)?;
    if !dsql_sql::split(sql).map(|piece| piece.text()).eq([sql]) {
        // A bracket left open had hidden the semicolon at the end of the script.
        return Ok(());
    }
    let again = dsql_sql::translate(sql, options);
    ensure!(
        again.is_unchanged() && again.steps == std::slice::from_ref(step),
        "{sql:?} became\n{again}"
    );
    Ok(())
}

fn accepted(sql: &str) -> Verdict {
    let pieces: Vec<_> = dsql_sql::split(sql).map(|piece| piece.text()).collect();
    ensure!(
        pieces == [sql] || pieces == [Statement::new(sql).text()],
        "{sql:?} is no single statement: {pieces:?}"
    );
    check(&Statement::new(sql)).map_err(|refusal| {
        format!(
            "{sql:?} is refused: {} {} [{}]",
            refusal.sqlstate(),
            refusal.message(),
            refusal.rule()
        )
    })
}

fn judge_batches(batches: &Batches) -> Verdict {
    for sql in batch_statements(batches) {
        let kind = Statement::new(&sql).kind();
        ensure!(
            matches!(kind, Kind::Write | Kind::Read),
            "{sql:?} of a batch is {kind:?}"
        );
        accepted(&sql)?;
    }
    Ok(())
}

/// What a runner may send for a change in batches.
fn batch_statements(batches: &Batches) -> Vec<String> {
    let text =
        |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).into()).collect() };
    let mut sent = vec![batches.key_columns_query(), batches.whole()];
    let keys = match batches.key_columns() {
        Some(key) => vec![key],
        None => vec![vec![], text(&["id"]), text(&["a", "\"B\""])],
    };
    for key in keys {
        if key.is_empty() {
            sent.push(batches.statement(&key, None, None));
            continue;
        }
        let after: Vec<_> = key.iter().map(|_| "it's \\ 1".to_owned()).collect();
        for after in [None, Some(&*after)] {
            sent.push(batches.page_query(&key, after));
            sent.push(batches.statement(&key, after, None));
            sent.push(batches.statement(&key, after, Some(&key)));
        }
    }
    sent
}

fn judge_lookup(lookup: &Lookup, options: &Options) -> Verdict {
    let query = lookup.query();
    accepted(&query)?;
    let kind = Statement::new(&query).kind();
    ensure!(kind == Kind::Read, "{query:?} looks up, and is {kind:?}");
    for answer in answers() {
        let plan = lookup.plan(answer);
        ensure!(
            plan == lookup.plan(answer),
            "a second plan for {answer:?} differs: {lookup:?}"
        );
        for step in &plan.steps {
            judge(step, options, false)?;
        }
    }
    Ok(())
}

/// What a database may answer to a lookup, and what it had better not.
fn answers() -> [&'static str; 6] {
    ["", "null", "[]", "{}", "{\"columns\": 1}", "';\u{e9}"]
}

/// The statements of a step, those of its lookup's plans among them.
pub fn statements(step: &Step) -> Vec<String> {
    match step {
        Step::Ddl(sql) | Step::AsyncDdl(sql) | Step::Dml(sql) => vec![sql.clone()],
        Step::Transaction(transaction) => once(transaction.begin().to_owned())
            .chain(transaction.statements().iter().cloned())
            .collect(),
        Step::Batches(batches) => batch_statements(batches),
        Step::Lookup(lookup) => {
            let mut all = vec![lookup.query()];
            for answer in answers() {
                let plan = lookup.plan(answer);
                all.extend(plan.steps.iter().flat_map(statements));
            }
            all
        }
        _ => Vec::new(),
    }
}

/// Unchanged means byte for byte.
fn unchanged(script: &str, plan: &Plan) -> Verdict {
    let is_frame = |sql: &str| matches!(Statement::new(sql).kind(), Kind::Transaction(_));
    let before: Vec<_> = dsql_sql::split(script)
        .map(|piece| piece.text())
        .filter(|sql| !is_frame(sql))
        .collect();
    let after: Vec<_> = plan
        .steps
        .iter()
        .flat_map(statements)
        .filter(|sql| !is_frame(sql))
        .collect();
    ensure!(
        before == after,
        "unchanged, it is said, but {before:?}\nbecame {after:?}"
    );
    Ok(())
}

/// Steps, as one script, give the same steps.
fn again(steps: &[Step], options: &Options) -> Verdict {
    let mut parts = Vec::new();
    for step in steps {
        match step {
            Step::Ddl(sql) | Step::AsyncDdl(sql) | Step::Dml(sql) => parts.push(sql.as_str()),
            Step::Transaction(transaction) => {
                parts.push(transaction.begin());
                parts.extend(transaction.statements().iter().map(String::as_str));
                parts.push("COMMIT");
            }
            // What a runner does, and no script.
            _ => return Ok(()),
        }
    }
    // A comment may end a statement, so the semicolon goes on a line of its own.
    let script = parts.join("\n;\n");
    // A quote or a bracket left open hides the semicolon after it.
    if !dsql_sql::split(&script).map(|piece| piece.text()).eq(parts) {
        return Ok(());
    }
    let again = dsql_sql::translate(&script, options);
    ensure!(
        again.errors.is_empty() && again.steps == steps,
        "{script}\nbecame\n{again}"
    );
    Ok(())
}
