//! The scripts of `corpus/`: what ORMs and pg_dump write, whole.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dsql_sql::{Options, Remedy, Statement, Step, check, fix, lint, split, translate};

/// Every plan passes the check, step by step, and its steps need no further
/// translation.
#[test]
fn every_plan_is_what_the_service_accepts() {
    let options = Options::default();
    let mut faults = String::new();
    let mut count = 0;
    for (name, script) in scripts() {
        count += split(&script).count();
        for step in translate(&script, &options).steps {
            for sql in statements(&step) {
                if let Err(refusal) = check(&Statement::new(&sql)) {
                    let _ = writeln!(faults, "{name}: {refusal}: {sql}");
                }
            }
            for sql in texts(&step) {
                let again = translate(&sql, &options);
                if !again.is_unchanged() || again.steps != [step.clone()] {
                    let _ = writeln!(faults, "{name}: translated again:\n{sql}\nbecame\n{again}");
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(count > 500, "the corpus has only {count} statements");
}

/// What is left, and why, is written down: a statement that used to be planned
/// and is not any more is seen.
#[test]
fn what_is_left_is_what_the_list_says() {
    let path = corpus().join("unfixed.txt");
    let mut list = String::from(
        "# What translation leaves of the corpus: the place, the rule, the statement.\n\
         # Written by: UPDATE_CORPUS=1 cargo test -p dsql-sql corpus\n",
    );
    for (name, script) in scripts() {
        for error in translate(&script, &Options::default()).errors {
            let line = script[..error.offset].matches('\n').count() + 1;
            let _ = writeln!(
                list,
                "{name}:{line} {} {}",
                error.rule,
                beginning(&script[error.offset..])
            );
        }
    }
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        fs::write(&path, &list).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let lost: Vec<_> = lines_without(&list, &expected);
    let gained: Vec<_> = lines_without(&expected, &list);
    assert!(
        lost.is_empty() && gained.is_empty(),
        "left now, and not before:\n{}\nleft before, and not now:\n{}\nUPDATE_CORPUS=1 writes the \
         list anew",
        lost.join("\n"),
        gained.join("\n")
    );
}

/// The linter names each statement that is left, and no fix adds to them.
#[test]
fn a_fixed_script_has_nothing_left_but_what_cannot_be_fixed() {
    for (name, script) in scripts() {
        let fixed = fix(&script, &Options::default());
        let left: Vec<_> = lint(&fixed)
            .into_iter()
            .filter(|found| matches!(found.remedy, Remedy::Fixed | Remedy::Review))
            .map(|found| format!("{name}: {}:{} {found}", found.line, found.column))
            .collect();
        assert!(left.is_empty(), "{}\nin\n{fixed}", left.join("\n"));
        assert_eq!(fix(&fixed, &Options::default()), fixed, "{name}");
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

/// Every script with its path within the corpus, in order.
fn scripts() -> Vec<(String, String)> {
    fn read(folder: &Path, scripts: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is listed") {
            let path = entry.expect("the folder is listed").path();
            if path.is_dir() {
                read(&path, scripts);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                scripts.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    read(&corpus(), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(corpus()).expect("it is in the corpus");
            let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            (
                name.join("/"),
                fs::read_to_string(&path).expect("it is read"),
            )
        })
        .collect()
}

/// The first words of a statement, on one line.
fn beginning(text: &str) -> String {
    let statement = split(text).next().map_or("", |statement| statement.text());
    let words: Vec<_> = statement.split_whitespace().collect();
    words.join(" ").chars().take(100).collect()
}

fn lines_without<'t>(text: &'t str, other: &str) -> Vec<&'t str> {
    text.lines()
        .filter(|line| !other.lines().any(|known| known == *line))
        .collect()
}

/// The steps of which the whole text is known, as scripts.
fn texts(step: &Step) -> Vec<String> {
    match step {
        Step::Ddl(sql) | Step::AsyncDdl(sql) | Step::Dml(sql) => vec![sql.clone()],
        Step::Transaction(transaction) => vec![format!(
            "{};\n{};\nCOMMIT",
            transaction.begin(),
            transaction.statements().join(";\n")
        )],
        _ => Vec::new(),
    }
}

/// What a step sends.
fn statements(step: &Step) -> Vec<String> {
    match step {
        Step::Ddl(sql) | Step::AsyncDdl(sql) | Step::Dml(sql) => vec![sql.clone()],
        Step::Transaction(transaction) => transaction.statements().to_vec(),
        Step::Batches(batches) => {
            let key = batches
                .key_columns()
                .unwrap_or_else(|| vec!["id".to_owned()]);
            let after = vec!["1".to_owned(); key.len()];
            vec![
                batches.key_columns_query(),
                batches.page_query(&key, None),
                batches.statement(&key, None, Some(&after)),
                batches.statement(&key, Some(&after), None),
            ]
        }
        Step::Lookup(lookup) => vec![lookup.query()],
        _ => Vec::new(),
    }
}
