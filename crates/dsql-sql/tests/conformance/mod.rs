//! The tables of the folder `conformance`, held against the check, the
//! transaction's rules, the linter and the translator.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use dsql_sql::conformance::{Answer, Row, rows};
use dsql_sql::{Kind, Options, Statement, Step, check, fix, lint, rules, translate};

/// The sections of the facts that have rows, each fact at least one.
const SECTIONS: &[&str] = &[
    "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "3.1", "3.2", "3.3",
    "3.4", "4", "5.3", "6",
];

/// Every row that fails, with its file and line.
fn hold(mut wrong: impl FnMut(&Row) -> Option<String>) {
    let mut failures = String::new();
    for row in rows() {
        if let Some(what) = wrong(&row) {
            let _ = writeln!(
                failures,
                "conformance/{}:{}: {}\n    {what}",
                row.file, row.line, row.statement
            );
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn every_answer_of_the_tables_is_given() {
    hold(|row| {
        let wanted = match row.answer {
            Answer::Refused(words) | Answer::Presumed(words) => words.to_string(),
            // Passed on: what refuses it then is not the rulebook.
            _ => "accepted".to_owned(),
        };
        let got = match row.check() {
            Ok(()) => "accepted".to_owned(),
            Err(refusal) => format!("{} {}", refusal.sqlstate(), refusal.message()),
        };
        (got != wanted).then(|| format!("wanted {wanted}\n    got    {got}"))
    });
}

#[test]
fn what_is_refused_in_unknown_words_is_told_by_the_linter() {
    hold(|row| {
        if row.answer != Answer::RefusedSomehow {
            return None;
        }
        let found = lint(&row.statement);
        match found.first() {
            None => Some("the linter has nothing to say".to_owned()),
            Some(first) if first.refusal.is_some() => Some(format!("its words are known: {first}")),
            Some(_) => None,
        }
    });
}

/// What the service accepts, or may accept, the linter is silent about and
/// the translator leaves alone.
#[test]
fn what_is_accepted_or_unknown_is_passed_on() {
    hold(|row| {
        let is_passed_on = matches!(
            row.answer,
            Answer::Accepted(_) | Answer::Unknown | Answer::AtRunTime(_)
        );
        let kind = Statement::new(&row.statement).kind();
        if !is_passed_on || matches!(kind, Kind::Transaction(_)) {
            return None;
        }
        let plan = translate(&row.statement, &Options::default());
        if !plan.is_unchanged() || super::texts(&plan) != [row.statement.as_str()] {
            return Some(format!("the translator makes of it: {plan}"));
        }
        let found = lint(&row.statement);
        (!found.is_empty()).then(|| format!("the linter finds {found:?}"))
    });
}

#[test]
fn the_linter_finds_all_that_the_check_refuses() {
    hold(|row| {
        let refusal = check(&Statement::new(&row.statement)).err()?;
        let found = lint(&row.statement);
        if !found
            .iter()
            .any(|found| found.refusal.as_ref() == Some(&refusal))
        {
            return Some(format!("the linter finds {found:?}"));
        }
        // What hangs on the catalog stays as it is in a fixed script.
        let plan = translate(&row.statement, &Options::default());
        if plan
            .steps
            .iter()
            .any(|step| matches!(step, Step::Lookup(_)))
        {
            return None;
        }
        // What is not refused any more after a fix can be fixed.
        let fixed = fix(&row.statement, &Options::default());
        let is_fixed = found
            .iter()
            .all(|found| found.remedy != dsql_sql::Remedy::None);
        let left = lint(&fixed);
        (left.is_empty() != is_fixed).then(|| format!("fixed: {fixed}: {left:?}"))
    });
}

#[test]
fn every_section_of_the_facts_has_rows() {
    let known: BTreeSet<&str> = SECTIONS.iter().copied().collect();
    let found: BTreeSet<&str> = rows().map(|row| row.section).collect();
    assert_eq!(found, known);
}

/// Rules that no row can show.
const SHOWN_ELSEWHERE: &[(&str, &str)] = &[
    ("copy_rows", "what psql takes out of a script"),
    (
        "foreign_keys",
        "refuses nothing; leaves them out where that is asked for",
    ),
    (
        "function_body",
        "when the service reads the body is not known",
    ),
    (
        "insert_rows",
        "refuses nothing; the service counts when it runs, see row_limit",
    ),
    (
        "nesting",
        "refuses nothing; what nests too deep is not translated",
    ),
    (
        "numeric_precision",
        "refuses nothing; says what the type is on the service",
    ),
    ("psql_command", "what psql takes out of a script"),
    (
        "transaction_block",
        "refuses nothing; cuts BEGIN and COMMIT away",
    ),
];

#[test]
fn every_rule_has_a_row_that_it_refuses() {
    let mut shown: BTreeSet<&str> = SHOWN_ELSEWHERE.iter().map(|(id, _)| *id).collect();
    shown.extend(rows().filter_map(|row| row.rule()));
    let listed: BTreeSet<&str> = rules().map(|rule| rule.id()).collect();
    let unshown: Vec<_> = listed.difference(&shown).collect();
    assert!(unshown.is_empty(), "without a row: {unshown:?}");
    let unlisted: Vec<_> = shown.difference(&listed).collect();
    assert!(unlisted.is_empty(), "not among the rules: {unlisted:?}");
}

/// Where a statement may be written otherwise: byte ranges outside of quotes,
/// comments and dollar quotes.
fn plain(sql: &str) -> Vec<std::ops::Range<usize>> {
    let mut plain = Vec::new();
    let mut at = 0;
    while at < sql.len() {
        let rest = &sql[at..];
        let quoted = [
            ("'", "'"),
            ("\"", "\""),
            ("$$", "$$"),
            ("$body$", "$body$"),
            ("--", "\n"),
            ("/*", "*/"),
        ]
        .into_iter()
        .find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = quoted {
            let end = rest[open.len()..].find(close);
            at += end.map_or(rest.len(), |end| open.len() + end + close.len());
        } else {
            let width = rest.chars().next().map_or(1, char::len_utf8);
            plain.push(at..at + width);
            at += width;
        }
    }
    plain
}

/// The statement with each plain character as `change` wants it.
fn respelled(sql: &str, change: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut kept = 0;
    for range in plain(sql) {
        text.push_str(&sql[kept..range.start]);
        text.push_str(&change(&sql[range.clone()]));
        kept = range.end;
    }
    text + &sql[kept..]
}

/// The names of one letter in quotes.
fn quoted(sql: &str) -> String {
    let names: BTreeSet<usize> = plain(sql)
        .into_iter()
        .filter(|range| {
            let is_word = |c: char| c.is_alphanumeric() || "_$'\"".contains(c);
            "abcdstu".contains(&sql[range.clone()])
                && !sql[..range.start].ends_with(is_word)
                && !sql[range.end..].starts_with(is_word)
        })
        .map(|range| range.start)
        .collect();
    let mut text = String::new();
    for (at, c) in sql.char_indices() {
        if names.contains(&at) {
            let _ = write!(text, "\"{c}\"");
        } else {
            text.push(c);
        }
    }
    text
}

#[test]
fn an_answer_does_not_hang_on_comments_lines_case_and_quotes() {
    let spellings: [fn(&str) -> String; 5] = [
        |sql| respelled(sql, str::to_ascii_uppercase),
        |sql| respelled(sql, str::to_ascii_lowercase),
        |sql| respelled(sql, |c| c.replace(' ', "\r\n\t")),
        |sql| {
            respelled(sql, |c| match c {
                " " => " /* ; ' */ -- \"(\n".to_owned(),
                "(" | ")" | "," => format!("/**/{c}--\n"),
                _ => c.to_owned(),
            })
        },
        quoted,
    ];
    let sql = "a -- b 'c\n $$ d $$ /* s */, 't u', \"a b\"";
    let spelled = spellings.map(|spelling| spelling(sql));
    assert_eq!(spelled[0], "A -- b 'c\n $$ d $$ /* s */, 't u', \"a b\"");
    assert_eq!(
        spelled[2],
        "a\r\n\t-- b 'c\n\r\n\t$$ d $$\r\n\t/* s */,\r\n\t't u',\r\n\t\"a b\""
    );
    assert_eq!(
        spelled[4],
        "\"a\" -- b 'c\n $$ d $$ /* s */, 't u', \"a b\""
    );
    let told = |sql: &str| {
        let refusal = check(&Statement::new(sql)).err();
        let found: BTreeSet<_> = lint(sql).iter().map(|found| found.rule).collect();
        (
            refusal.map(|refusal| (refusal.rule(), refusal.sqlstate())),
            found,
        )
    };
    hold(|row| {
        let wanted = told(&row.statement);
        spellings.iter().find_map(|spelling| {
            let sql = spelling(&row.statement);
            let got = told(&sql);
            (got != wanted).then(|| format!("{sql:?}: {got:?}, not {wanted:?}"))
        })
    });
}
