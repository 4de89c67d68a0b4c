//! A script with its fixes written into it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{Diagnostic, Remedy, Said, lint_with, span, unit_at, units};
use crate::lex::{Lexer, Token, skip_blank, skip_space};
use crate::plan::{Options, Plan, Step};
use crate::{Statement, split, translate};

/// The script as the service takes it, as far as that can be had: what
/// [`translate`] makes of it, written into its place.
///
/// All that is not refused stays byte for byte, and no text is lost:
///
/// - what cannot be had stays as it is, below a comment `-- dsql: not fixed: …`;
///   a transaction around it stays too;
/// - what is changed other than by added words stands below a comment
///   `-- dsql: to be reviewed: …`, and what is left out is turned into
///   comments;
/// - what hangs on the catalog stays as it is, below a comment
///   `-- dsql: dsql apply does it: …`;
/// - a change of all rows is written as one statement, which the service
///   refuses beyond 3,000 rows, below a comment with the statement that does it
///   batch by batch.
///
/// Fixing again changes nothing more.
///
/// ```
/// use dsql_sql::{Options, fix};
///
/// let script = "-- by name\nCREATE INDEX ON pet (name);\n\nSELECT 1; -- as it is\n";
/// let fixed = "-- by name\nCREATE INDEX ASYNC ON pet (name);\n\nSELECT 1; -- as it is\n";
/// assert_eq!(fix(script, &Options::default()), fixed);
/// ```
pub fn fix(sql: &str, options: &Options) -> String {
    let diagnostics = lint_with(sql, options);
    if diagnostics.is_empty() {
        return sql.to_owned();
    }
    let statements: Vec<_> = split(sql).collect();
    let units: Vec<_> = units(&statements).collect();
    let mut plan = translate(sql, options);
    let steps = share_out(std::mem::take(&mut plan.steps), &plan.origins, &units);
    let mut writer = Writer {
        sql,
        options,
        diagnostics: &diagnostics,
        said: Said::of(plan, &units),
        newline: if sql.contains("\r\n") { "\r\n" } else { "\n" },
        text: String::with_capacity(sql.len() + 256),
        kept: 0,
    };
    for (unit, steps) in units.iter().zip(steps) {
        writer.unit(unit, &steps);
    }
    writer.text.push_str(&sql[writer.kept..]);
    writer.text
}

/// Which steps of the plan come from which unit.
fn share_out(steps: Vec<Step>, origins: &[usize], units: &[&[Statement<'_>]]) -> Vec<Vec<Step>> {
    let mut shares: Vec<Vec<Step>> = units.iter().map(|_| Vec::new()).collect();
    for (step, origin) in steps.into_iter().zip(origins) {
        if let Some(share) = shares.get_mut(unit_at(units, *origin)) {
            share.push(step);
        }
    }
    shares
}

fn alone(unit: &[Statement<'_>], options: &Options) -> Plan {
    let texts: Vec<_> = unit.iter().map(terminated).collect();
    translate(&texts.join("\n"), options)
}

fn terminated(statement: &Statement<'_>) -> String {
    let mut text = statement.text().to_owned();
    end_statement(&mut text, "\n");
    text
}

/// A closing line comment would swallow the semicolon.
fn end_statement(text: &mut String, newline: &str) {
    if ends_in_comment(text) {
        text.push_str(newline);
    }
    text.push(';');
}

/// May the last line hold a line comment? Too often is as good.
fn ends_in_comment(text: &str) -> bool {
    text.rsplit('\n')
        .next()
        .is_some_and(|line| line.contains("--"))
}

struct Writer<'a> {
    sql: &'a str,
    options: &'a Options,
    /// Those of the units that are still to be written.
    diagnostics: &'a [Diagnostic],
    said: Said,
    newline: &'static str,
    text: String,
    /// How far the script has been written.
    kept: usize,
}

impl<'a> Writer<'a> {
    fn unit(&mut self, unit: &[Statement<'_>], steps: &[Step]) {
        let mut span = span(unit);
        let count = self
            .diagnostics
            .partition_point(|diagnostic| diagnostic.offset < span.end);
        let (diagnostics, rest) = self.diagnostics.split_at(count);
        self.diagnostics = rest;
        let is_refused = !self.said.is_fixed(&span);
        let tail = self.tail(&span);
        let whole = span.clone();
        span.start += tail.len();
        if is_refused {
            let errors = diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.remedy == Remedy::None);
            let marks = marks("not fixed", errors);
            return self.mark(&span, marks);
        }
        if self.said.is_looked_up(&whole) {
            return self.mark(&span, marks("dsql apply does it", diagnostics.iter()));
        }
        if diagnostics.is_empty() && self.is_untouched(unit, steps) {
            return;
        }
        let review = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.remedy != Remedy::Fixed);
        let mut marks = marks("to be reviewed", review);
        self.text.push_str(&self.sql[self.kept..span.start]);
        self.kept = span.end;
        let source = &self.sql[span.clone()];
        let mut pieces: Vec<String> = steps.iter().flat_map(pieces).collect();
        if let Some(first) = pieces.first_mut()
            && let Some(rest) = first.strip_prefix(tail.trim_ascii_end())
        {
            *first = rest.trim_ascii_start().to_owned();
        }
        if pieces.is_empty() {
            if marks.is_empty() {
                let notes = self.said.notes(&whole).iter();
                let said = notes.map(|note| (note.message.as_str(), note.rule));
                marks.extend(marks_of("to be reviewed", said));
            }
            if marks.is_empty() {
                marks.push("-- dsql: to be reviewed: done by a statement elsewhere".to_owned());
            }
            marks.extend(commented_out(source));
            return self.instead(&marks);
        }
        if unit.len() > 1 {
            marks.extend(self.left_out(unit));
        }
        self.start_line(&lost_comments(source, &pieces));
        if let Some(first) = pieces.first_mut() {
            // Marks stand next to the statement, below what introduces it.
            let head = skip_blank(first.as_bytes(), 0).min(first.len());
            self.text.push_str(&first[..head]);
            first.drain(..head);
        }
        self.start_line(&marks);
        let last = pieces.pop().unwrap_or_default();
        for mut piece in pieces {
            end_statement(&mut piece, self.newline);
            self.text.push_str(&piece);
            self.text.push_str(self.newline);
        }
        self.text.push_str(&last);
        if ends_in_comment(&last) && !ends_in_comment(source) {
            self.text.push_str(self.newline);
        }
    }

    /// Does a unit come to these steps by itself?
    fn is_untouched(&self, unit: &[Statement<'_>], steps: &[Step]) -> bool {
        let own = alone(unit, self.options);
        own.errors.is_empty() && own.steps == steps
    }

    /// A comment that closes the line of the statement before; it belongs
    /// to that one.
    fn tail(&self, span: &Range<usize>) -> &'a str {
        let sql = self.sql;
        let before = &sql[self.kept..span.start];
        let shares_line = before
            .rsplit('\n')
            .next()
            .is_some_and(|line| !line.trim().is_empty());
        let source = &sql[span.clone()];
        match source.find('\n') {
            Some(newline) if shares_line && source.starts_with("--") => {
                &source[..skip_space(source.as_bytes(), newline)]
            }
            _ => "",
        }
    }

    /// Writes marks above a unit that stays as it is, unless they stand there.
    fn mark(&mut self, span: &Range<usize>, mut marks: Vec<String>) {
        let source = &self.sql[span.clone()];
        let head = &source[..skip_blank(source.as_bytes(), 0).min(source.len())];
        // What is said may hang on what else has been fixed since.
        let of_rule = |line: &str| line.rfind('[').map(|at| line[at..].trim_end().to_owned());
        let known: HashSet<_> = head
            .lines()
            .filter(|line| line.trim_start().starts_with("-- dsql: "))
            .map(of_rule)
            .collect();
        marks.retain(|mark| !known.contains(&of_rule(mark)));
        let start = span.start + head.len();
        self.text.push_str(&self.sql[self.kept..start]);
        self.kept = start;
        self.start_line(&marks);
    }

    /// Writes comments as lines of their own, and leaves the text at the
    /// beginning of a line, indented as before.
    fn start_line(&mut self, comments: &[String]) {
        if comments.is_empty() {
            return;
        }
        let line = self.text.rsplit('\n').next().unwrap_or_default();
        let indent = if line.trim().is_empty() {
            line.to_owned()
        } else {
            self.text.push_str(self.newline);
            String::new()
        };
        for comment in comments {
            self.text.push_str(comment);
            self.text.push_str(self.newline);
            self.text.push_str(&indent);
        }
    }

    /// Nothing but comments in a unit's place: its semicolon goes too.
    fn instead(&mut self, comments: &[String]) {
        self.start_line(comments);
        let bytes = self.sql.as_bytes();
        let semicolon = skip_space(bytes, self.kept);
        if bytes.get(semicolon) == Some(&b';') {
            self.kept = semicolon + 1;
            let rest = &self.sql[self.kept..];
            self.kept += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        }
        // The line that the last comment has ended.
        for end in ["\r\n", "\n"] {
            if self.sql[self.kept..].starts_with(end) {
                self.kept += end.len();
                break;
            }
        }
    }

    /// Statements of a transaction that nothing takes the place of.
    fn left_out(&self, unit: &[Statement<'_>]) -> Vec<String> {
        let inner = unit.get(1..unit.len() - 1).unwrap_or_default();
        inner
            .iter()
            .filter(|statement| {
                let plan = alone(std::slice::from_ref(statement), self.options);
                plan.steps.is_empty() && plan.errors.is_empty()
            })
            .flat_map(|statement| commented_out(statement.text()))
            .collect()
    }
}

/// The texts of a step, to be ended with semicolons.
fn pieces(step: &Step) -> Vec<String> {
    match step {
        Step::Ddl(sql) | Step::AsyncDdl(sql) | Step::Dml(sql) => vec![sql.clone()],
        Step::Transaction(transaction) => {
            let mut pieces = vec![transaction.begin().to_owned()];
            pieces.extend_from_slice(transaction.statements());
            pieces.push("COMMIT".to_owned());
            pieces
        }
        Step::Batches(batches) => vec![format!(
            "-- dsql: all rows at once, which the service refuses beyond 3,000: dsql apply cuts it \
             into batches\n{}",
            batches.whole()
        )],
        // What hangs on the catalog is not written: its statement stays.
        Step::Lookup(_) => Vec::new(),
    }
}

fn marks<'d>(word: &str, diagnostics: impl Iterator<Item = &'d Diagnostic>) -> Vec<String> {
    marks_of(
        word,
        diagnostics.map(|diagnostic| (diagnostic.advice.as_str(), diagnostic.rule)),
    )
}

/// One comment for each thing that is said by a rule.
fn marks_of<'d>(word: &str, said: impl Iterator<Item = (&'d str, &'d str)>) -> Vec<String> {
    let mut known = HashSet::new();
    said.map(|(message, rule)| {
        let message: Vec<_> = message.split_whitespace().collect();
        format!("-- dsql: {word}: {} [{rule}]", message.join(" "))
    })
    .filter(|mark| known.insert(mark.clone()))
    .collect()
}

/// Each line as a comment.
fn commented_out(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| {
        if line.trim_start().starts_with("--") {
            line.to_owned()
        } else {
            format!("-- {line}")
        }
    })
}

/// Comments of the source that the pieces do not hold.
fn lost_comments(source: &str, pieces: &[String]) -> Vec<String> {
    let mut kept: HashMap<&str, usize> = HashMap::new();
    for comment in pieces.iter().flat_map(|piece| comments(piece)) {
        *kept.entry(comment).or_default() += 1;
    }
    comments(source)
        .filter(|comment| match kept.get_mut(comment) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .map(str::to_owned)
        .collect()
}

fn comments(text: &str) -> impl Iterator<Item = &str> {
    let end = Token {
        kind: crate::lex::TokenKind::Word,
        start: text.len(),
        end: text.len(),
    };
    let mut at = 0;
    Lexer::new(text)
        .chain(std::iter::once(end))
        .flat_map(move |token| {
            let gap = at..token.start;
            at = token.end;
            comments_in_gap(text.get(gap).unwrap_or_default())
        })
}

/// The comments of a text that holds nothing else but space.
fn comments_in_gap(gap: &str) -> impl Iterator<Item = &str> {
    let mut rest = gap;
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return None;
        }
        let end = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            end_of_block(rest)
        };
        let (comment, after) = rest.split_at(end);
        rest = after;
        Some(comment.trim_ascii_end())
    })
}

/// Where the block comment at the beginning ends; they nest.
fn end_of_block(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::strategy::Strategy as _;

    use super::*;
    use crate::lint;

    /// Fixed, without the rules' own words in the marks.
    fn shown(sql: &str) -> String {
        let lines: Vec<_> = fixed(sql)
            .lines()
            .map(|line| match (line.find("dsql: "), line.rfind('[')) {
                (Some(mark), Some(rule)) => {
                    let word = line[mark + 6..].find(": ").map_or(0, |end| mark + 8 + end);
                    format!("{}… {}", &line[..word], &line[rule..])
                }
                _ => line.to_owned(),
            })
            .collect();
        lines.join("\n")
    }

    /// Fixed, and fixed once more to the same.
    fn fixed(sql: &str) -> String {
        let once = fix(sql, &Options::default());
        assert_eq!(fix(&once, &Options::default()), once, "fixed again");
        once
    }

    #[test]
    fn what_is_accepted_stays_byte_for_byte() {
        for script in [
            "",
            " \r\n-- only a comment\r\n",
            "BEGIN;\n  CREATE TABLE a (b int); -- one\nCOMMIT;\n\n\n;SELECT 1\n-- end",
        ] {
            assert_eq!(fixed(script), script);
        }
        let script = "-- a\r\nSELECT 1 ; /* b */\r\n\r\nCREATE INDEX ON c (d) ;-- e\r\n";
        assert_eq!(fixed(script), script.replace("INDEX", "INDEX ASYNC"));
    }

    #[test]
    fn what_needs_a_look_is_marked() {
        assert_snapshot!(shown("SELECT 1; CREATE TABLE a (b serial /* the key */); -- one\n  ALTER TABLE a -- grows\n    ADD COLUMN c int NOT NULL DEFAULT 1;\nSELECT 2"), @"
        SELECT 1; 
        -- dsql: to be reviewed: … [serial]
        CREATE TABLE a (b bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 65536) /* the key */); -- one
          -- grows
        -- dsql: to be reviewed: … [add_column]
        ALTER TABLE a ADD COLUMN c int;
        ALTER TABLE a ALTER COLUMN c SET DEFAULT 1;
        -- dsql: all rows at once, which the service refuses beyond 3,000: dsql apply cuts it into batches
        UPDATE a AS dsql_row SET c = 1 WHERE dsql_row.c IS NULL;
        ALTER TABLE a ADD CONSTRAINT a_c_not_null CHECK (c IS NOT NULL) NOT VALID;
        ALTER TABLE ASYNC a VALIDATE CONSTRAINT a_c_not_null;
        SELECT 2
        ");
    }

    #[test]
    fn what_cannot_be_had_stays_and_is_marked_once() {
        assert_snapshot!(shown("CREATE INDEX ON a (b);\n\n-- why\nCREATE EXTENSION c;\nBEGIN; CREATE TABLE d (e serial); VACUUM; COMMIT;\n"), @r#"
        CREATE INDEX ASYNC ON a (b);

        -- why
        -- dsql: not fixed: … [create_extension]
        CREATE EXTENSION c;
        -- dsql: not fixed: … [serial]
        -- dsql: not fixed: … [vacuum]
        BEGIN; CREATE TABLE d (e serial); VACUUM; COMMIT;
        "#);
    }

    #[test]
    fn what_is_left_out_becomes_a_comment() {
        assert_snapshot!(shown("\\restrict k\nSET statement_timeout = 0; SELECT 1;\nBEGIN;\nTRUNCATE a;\nROLLBACK; -- never\n"), @r#"
        -- dsql: to be reviewed: … [psql_command]
        -- \restrict k
        -- dsql: to be reviewed: … [set_parameter]
        -- SET statement_timeout = 0
        SELECT 1;
        -- dsql: to be reviewed: … [truncate]
        -- BEGIN;
        -- TRUNCATE a;
        -- ROLLBACK
        -- never
        "#);
    }

    #[test]
    fn a_transaction_is_cut_and_keeps_its_comments() {
        assert_snapshot!(shown("BEGIN; -- first\nCREATE TABLE a (b int);\n/* then */ SET lock_timeout = 0;\nINSERT INTO a VALUES (1);\n-- done\nCOMMIT;\n"), @r#"
        /* then */
        -- done
        -- first
        -- dsql: to be reviewed: … [set_parameter]
        -- dsql: to be reviewed: … [ddl_and_dml]
        -- /* then */ SET lock_timeout = 0
        CREATE TABLE a (b int);
        BEGIN;
        INSERT INTO a VALUES (1);
        COMMIT;
        "#);
    }

    #[test]
    fn a_fixed_script_is_not_refused() {
        let script = "BEGIN; CREATE TABLE a (b bigserial, c text[]); CREATE INDEX ON a (b DESC); COMMIT;\n\
                      TRUNCATE a; ALTER TABLE a ADD UNIQUE (b); SELECT 1 FOR SHARE;";
        assert!(!lint(script).is_empty());
        let fixed = fixed(script);
        assert_eq!(lint(&fixed), [], "{fixed}");
    }

    #[test]
    fn a_dump_is_folded_and_keeps_its_text() {
        let dump = "-- of a dump\nCREATE TABLE public.pet (\n    id integer NOT NULL, -- key\n    name text\n);\n\n\
                    -- Name: pet_id_seq\nCREATE SEQUENCE public.pet_id_seq AS integer CACHE 1;\n\
                    ALTER SEQUENCE public.pet_id_seq OWNED BY public.pet.id;\n\
                    ALTER TABLE ONLY public.pet ALTER COLUMN id SET DEFAULT nextval('public.pet_id_seq'::regclass);\n\
                    -- Name: pet pet_pkey\nALTER TABLE ONLY public.pet\n    ADD CONSTRAINT pet_pkey PRIMARY KEY (id);\n-- the end\n";
        let fixed = fixed(dump);
        assert_eq!(lint(&fixed), [], "{fixed}");
        assert!(
            fixed.starts_with("-- of a dump\nCREATE TABLE public.pet ("),
            "{fixed}"
        );
        assert!(fixed.ends_with("\n-- the end\n"), "{fixed}");
        for folded in [
            "-- ALTER SEQUENCE public.pet_id_seq OWNED BY public.pet.id\n",
            "-- ALTER TABLE ONLY public.pet\n--     ADD CONSTRAINT pet_pkey PRIMARY KEY (id)\n",
        ] {
            assert!(fixed.contains(folded), "{fixed}");
        }
    }

    /// Bits of SQL in any order: what a script may look like at worst.
    fn scripts() -> impl proptest::strategy::Strategy<Value = String> {
        let bits = vec![
            "CREATE TABLE t (a serial PRIMARY KEY, b text[])",
            "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 1",
            "ALTER TABLE ONLY t ADD CONSTRAINT k PRIMARY KEY (a)",
            "CREATE INDEX ON t (a)",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "TRUNCATE t",
            "VACUUM",
            "SET lock_timeout = 0",
            "SELECT 1 FOR SHARE",
            "\\restrict k\n",
            "COPY t FROM stdin;\n1\n\\.\n",
            ";",
            ";\n",
            "\n",
            "\r\n",
            " ",
            "-- é\n",
            "/* /* x */ */",
            "'",
            "\"",
            "$$",
            "(",
            ")",
            "é",
            "\t",
            "CREATE TYPE m AS ENUM ('a')",
            "CREATE TABLE u AS SELECT 1",
            "INSERT INTO t VALUES (1)",
        ];
        proptest::collection::vec(proptest::sample::select(bits), 0..14)
            .prop_map(|bits| bits.concat())
    }

    proptest::proptest! {
        #[test]
        fn no_comment_is_lost_and_nothing_panics(script in scripts()) {
            let fixed = fix(&script, &Options::default());
            let mut kept: HashMap<&str, usize> = HashMap::new();
            for comment in comments(&fixed) {
                *kept.entry(comment).or_default() += 1;
            }
            for comment in comments(&script) {
                // What is left out becomes a comment, and so may a comment in it.
                let is_kept = kept.contains_key(comment) || comments(&fixed).any(|kept| kept.contains(comment));
                proptest::prop_assert!(is_kept, "{comment} of {script:?} is not in {fixed:?}");
            }
            for found in lint(&script) {
                proptest::prop_assert!(script.get(found.offset..found.end).is_some(), "{found:?} in {script:?}");
            }
        }
    }
}
