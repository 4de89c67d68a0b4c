//! INSERT of more rows than a transaction takes.

use super::prelude::*;
use crate::transaction::ROWS;
use crate::values::Values;

/// The service counts when it runs, so the check has nothing to say.
pub(super) static RULE: Rule = Rule {
    id: "insert_rows",
    summary: "An INSERT lists at most 3,000 rows",
    since: GA,
    page: page::QUOTAS,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

/// A statement's text stays well under the 10 MiB of a transaction.
const BYTES: usize = 4 * 1024 * 1024;

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(list) = subject.values() else {
        return;
    };
    let count = list.rows.len();
    if count as u64 <= ROWS {
        return;
    }
    let fix = if list.returns {
        Fix::Refuse(format!(
            "it lists {count} rows, a transaction changes at most 3,000, and RETURNING answers all \
             of them at once: insert them in parts"
        ))
    } else {
        let batch = subject.options.batch() as usize;
        Fix::Steps(
            parts(list, subject, batch),
            format!(
                "its {count} rows are more than a transaction may change: they are inserted at \
                 most {batch} at a time, and a failure leaves those before it in place"
            ),
        )
    };
    findings.push(Finding {
        rule: RULE.id,
        at: list.at,
        refusal: None,
        fix,
    });
}

/// The statement once for each batch of rows.
fn parts(list: &Values, subject: &Subject<'_>, batch: usize) -> Vec<Part> {
    let text = subject.text;
    let head = &text[..list.end];
    let end = list.rows.last().map_or(list.end, |row| row.1);
    let tail = &text[end..];
    let mut parts = Vec::new();
    let mut first = 0;
    while first < list.rows.len() {
        let start = list.rows[first].0;
        let mut next = first + 1;
        while next < list.rows.len() && next - first < batch && list.rows[next].1 - start < BYTES {
            next += 1;
        }
        let until = list.rows[next - 1].1;
        let mut part = format!("{head} {}", &text[start..until]);
        // The comma goes, a comment around it stays.
        if let Some((following, _)) = list.rows.get(next) {
            let comma = list.commas[next - 1];
            let gap = format!("{}{}", &text[until..comma], &text[comma + 1..*following]);
            if !gap.trim().is_empty() {
                part.push_str(gap.trim_end());
                part.push('\n');
            }
        }
        part.push_str(tail);
        parts.push(Part::Sql(part));
        first = next;
    }
    parts
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::checked;
    use crate::{Options, Remedy, lint, translate};

    fn rows(count: usize) -> String {
        let rows: Vec<_> = (0..count).map(|n| format!("({n}, 'a), (b')")).collect();
        rows.join(", ")
    }

    fn inserted(sql: &str, batch_rows: u32) -> Vec<String> {
        let options = Options {
            batch_rows,
            ..Options::default()
        };
        let plan = translate(sql, &options);
        assert!(plan.errors.is_empty(), "{plan}");
        plan.steps
            .iter()
            .map(|step| step.to_string().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn accepted() {
        let sql = format!("INSERT INTO pet (values, name) VALUES {}", rows(3_000));
        assert!(lint(&sql).is_empty());
        assert_snapshot!(checked("INSERT INTO pet DEFAULT VALUES"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_service_counts_when_it_runs() {
        assert_snapshot!(checked(&format!("INSERT INTO pet VALUES {}", rows(3_001))), @"accepted");
    }

    #[test]
    fn fixed() {
        let sql = format!("INSERT INTO pet VALUES\n  {}", rows(3_001));
        let parts = inserted(&sql, 1_500);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0], format!("INSERT INTO pet VALUES {};", rows(1_500)));
        assert_eq!(parts[2], "INSERT INTO pet VALUES (3000, 'a), (b');");
    }

    #[test]
    fn fixed_with_its_comments_and_what_follows() {
        let sql = format!(
            "/* pets */ INSERT INTO pet VALUES {} -- the, first\n, /* and, */ (3000, '') /* all */ ON CONFLICT DO NOTHING",
            rows(3_000)
        );
        let parts = inserted(&sql, 3_000);
        assert_eq!(parts.len(), 2);
        assert!(
            parts[0].ends_with(") -- the, first\n /* and, */\n /* all */ ON CONFLICT DO NOTHING;"),
            "{}",
            &parts[0][parts[0].len() - 100..]
        );
        assert_eq!(
            parts[1],
            "/* pets */ INSERT INTO pet VALUES (3000, '') /* all */ ON CONFLICT DO NOTHING;"
        );
    }

    #[test]
    fn fixed_unless_it_answers_its_rows() {
        let sql = format!("INSERT INTO pet VALUES {} RETURNING id", rows(3_001));
        assert_eq!(lint(&sql)[0].remedy, Remedy::None);
    }
}
