//! Rows inside a script.

use super::prelude::*;
use crate::quote_literal;

pub(super) static RULE: Rule = Rule {
    id: "copy_rows",
    summary: "Rows after COPY … FROM stdin are psql's, not SQL",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

/// Bytes of one INSERT at most: well under the 10 MiB of a transaction.
const BYTES: usize = 2 << 20;

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !(subject.word_at(0, "copy") && subject.text.trim_end().ends_with("\n\\.")) {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        // The rows are data, which psql takes out of the script.
        refusal: None,
        fix: fix(subject).unwrap_or_else(|| {
            Fix::Refuse(
                "these rows could not be read, or COPY has options: load them with psql's \
                 \\copy, or through the driver, at most 3,000 a transaction"
                    .to_owned(),
            )
        }),
    });
}

/// INSERTs of the same rows, each within the limits of a transaction.
fn fix(subject: &Subject<'_>) -> Option<Fix> {
    let first = *subject.tokens.get(1).filter(|token| token.is_name())?;
    let end = crate::job::end_of_name(subject.text, first);
    let mut at = subject.tokens.partition_point(|token| token.start < end);
    let mut columns = String::new();
    if subject.symbol_at(at, b'(') {
        let close = (at..subject.tokens.len()).find(|at| subject.symbol_at(*at, b')'))?;
        let list = subject.tokens[at].start..subject.tokens[close].end;
        columns = format!(" {}", &subject.text[list]);
        at = close + 1;
    }
    // What follows the semicolon is data, whatever it looks like as tokens.
    if !(subject.words_at(at, &["from", "stdin"]) && subject.symbol_at(at + 2, b';')) {
        return None;
    }
    let rows = subject.text[subject.tokens[at + 2].end..]
        .split_once('\n')?
        .1;
    let rows = rows.trim_end().strip_suffix("\\.")?;
    let head = format!(
        "INSERT INTO {}{columns} VALUES",
        &subject.text[first.start..end]
    );
    let mut inserts = Inserts {
        before: &subject.text[..subject.start()],
        head: &head,
        rows: subject.options.batch() as usize,
        text: String::new(),
        count: 0,
        parts: Vec::new(),
    };
    let mut count = 0usize;
    let mut width = None;
    for row in rows.lines() {
        let cells: Vec<_> = row.split('\t').map(cell).collect();
        // A row that is cut short is no row.
        if *width.get_or_insert(cells.len()) != cells.len() {
            return None;
        }
        inserts.row(&cells);
        count += 1;
    }
    inserts.end();
    let statements = inserts.parts.len();
    if statements == 0 {
        return Some(Fix::Drop("COPY without a row: left out".to_owned()));
    }
    Some(Fix::Steps(
        inserts.parts,
        format!(
            "COPY becomes INSERT: {count} {} in {statements} {}, each a transaction of its own",
            if count == 1 { "row" } else { "rows" },
            if statements == 1 {
                "statement"
            } else {
                "statements"
            }
        ),
    ))
}

struct Inserts<'a> {
    before: &'a str,
    head: &'a str,
    rows: usize,
    text: String,
    count: usize,
    parts: Vec<Part>,
}

impl Inserts<'_> {
    fn row(&mut self, cells: &[String]) {
        let row = format!("({})", cells.join(", "));
        if self.count == self.rows || self.text.len() + row.len() > BYTES {
            self.end();
        }
        if self.count == 0 {
            // Comments stand before the first.
            let before = if self.parts.is_empty() {
                self.before
            } else {
                ""
            };
            self.text = format!("{before}{}\n    {row}", self.head);
        } else {
            self.text.push_str(",\n    ");
            self.text.push_str(&row);
        }
        self.count += 1;
    }

    fn end(&mut self) {
        if self.count > 0 {
            self.parts.push(Part::Sql(std::mem::take(&mut self.text)));
            self.count = 0;
        }
    }
}

/// A value of COPY's text format as a constant.
fn cell(written: &str) -> String {
    let written = written.strip_suffix('\r').unwrap_or(written);
    if written == "\\N" {
        return "NULL".to_owned();
    }
    if !written.contains('\\') {
        return quote_literal(written);
    }
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'v') => 11,
            Some(first @ b'0'..=b'7') => {
                let mut value = u32::from(first - b'0');
                for _ in 0..2 {
                    let Some(next) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) else {
                        break;
                    };
                    value = value * 8 + u32::from(next - b'0');
                }
                (value & 0xff) as u8
            }
            Some(b'x') if rest.peek().is_some_and(u8::is_ascii_hexdigit) => {
                let mut value = 0;
                for _ in 0..2 {
                    let Some(next) = rest.next_if(u8::is_ascii_hexdigit) else {
                        break;
                    };
                    value = value * 16 + char::from(next).to_digit(16).unwrap_or(0);
                }
                value as u8
            }
            Some(other) => other,
            None => b'\\',
        });
    }
    quote_literal(&String::from_utf8_lossy(&bytes))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};
    use crate::{Options, translate};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("COPY pet FROM STDIN"), @"accepted");
    }

    #[test]
    fn passed_on_since_no_server_sees_it() {
        assert_snapshot!(checked("COPY pet FROM stdin;\n1\n\\."), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("-- Data\nCOPY public.pet (id, \"Name\") FROM stdin;\n1\tL\\teo's \\\\ \\x41\\101\n2\t\\N\n3\t\n\\.\nSELECT 1;"), @r#"
        -- note: COPY becomes INSERT: 3 rows in 1 statement, each a transaction of its own [copy_rows]

        -- Data
        INSERT INTO public.pet (id, "Name") VALUES
            ('1', E'L	eo''s \\ AA'),
            ('2', NULL),
            ('3', '');

        SELECT 1;
        "#);
    }

    #[test]
    fn fixed_within_the_limits_of_a_transaction() {
        let rows: String = (0..2_500).map(|row| format!("{row}\n")).collect();
        let plan = translate(
            &format!("COPY pet FROM stdin;\n{rows}\\.\n"),
            &Options::default(),
        );
        assert_eq!(plan.steps.len(), 3);
        assert_snapshot!(&plan.notes[0], @"COPY becomes INSERT: 2500 rows in 3 statements, each a transaction of its own [copy_rows]");
    }

    #[test]
    fn fixed_into_columns_that_the_script_changes() {
        assert_snapshot!(planned("CREATE TABLE pet (id bigint GENERATED ALWAYS AS IDENTITY, tags text[], n int[] DEFAULT '{}');\nCOPY pet (id, tags, n) FROM stdin;\n1\t{a,\"b c\"}\t\\N\n\\.\nINSERT INTO pet (tags, n) VALUES ('{x}', DEFAULT), (ARRAY['y', 'z'], '{1}'::int[]), (NULL, NULL) RETURNING id"), @r#"
        -- note: CACHE 65536 is added: values are unique but neither gapless nor in order of insertion [identity_cache]
        -- note: text[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it [array_column]
        -- note: integer[] becomes jsonb: the application reads and writes a JSON list, the operators and functions of arrays do not apply, and neither an index nor a key can hold it [array_column]
        -- note: COPY becomes INSERT: 1 row in 1 statement, each a transaction of its own [copy_rows]
        -- note: the values of a column that has become jsonb are written as JSON [array_column]

        CREATE TABLE pet (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 65536), tags jsonb, n jsonb DEFAULT '[]');

        INSERT INTO pet (id, tags, n) OVERRIDING SYSTEM VALUE VALUES
            ('1', to_jsonb('{a,"b c"}'::text[]), NULL);

        INSERT INTO pet (tags, n) VALUES (to_jsonb('{x}'::text[]), DEFAULT), (to_jsonb(ARRAY['y', 'z']), to_jsonb('{1}'::int[])), (NULL, NULL) RETURNING id;
        "#);
    }

    #[test]
    fn left_out_where_there_is_no_row() {
        assert_snapshot!(planned("COPY pet FROM stdin;\n\\.\n"), @"-- note: COPY without a row: left out [copy_rows]");
    }

    #[test]
    fn refused_with_options() {
        assert_snapshot!(planned("COPY pet FROM stdin WITH (FORMAT csv);\n1,2\n\\.\n"), @r#"-- error: these rows could not be read, or COPY has options: load them with psql's \copy, or through the driver, at most 3,000 a transaction [copy_rows]"#);
    }
}
