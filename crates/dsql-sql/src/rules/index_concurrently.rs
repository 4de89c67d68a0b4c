//! CREATE INDEX CONCURRENTLY.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_concurrently",
    summary: "CONCURRENTLY is not supported: ASYNC takes its place",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let at =
        2 + usize::from(subject.word_at(1, "unique")) + usize::from(subject.asynchronous.is_some());
    if !subject.word_at(at, "concurrently") {
        return;
    }
    let word = subject.tokens[at];
    let edit = if subject.asynchronous.is_some() {
        Edit::remove(subject.text, word.start, word.end)
    } else {
        Edit::replace(word.start, word.end, "ASYNC")
    };
    findings.push(Finding {
        rule: RULE.id,
        at: word.start,
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "CONCURRENTLY not supported for CREATE INDEX",
        )),
        fix: Fix::Edits(
            vec![edit],
            "CONCURRENTLY becomes ASYNC: a job builds the index, and it serves queries once the \
             job has completed"
                .to_owned(),
        ),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE INDEX CONCURRENTLY i ON t (a)"), @"0A000 CONCURRENTLY not supported for CREATE INDEX");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("create unique index concurrently if not exists i on t (a)"), @"
        -- note: CONCURRENTLY becomes ASYNC: a job builds the index, and it serves queries once the job has completed [index_concurrently]

        create unique index ASYNC if not exists i on t (a);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }
}
