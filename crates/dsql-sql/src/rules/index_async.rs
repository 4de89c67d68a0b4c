//! CREATE INDEX without ASYNC.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_async",
    summary: "An index is built by an asynchronous job: CREATE INDEX ASYNC",
    since: GA,
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.asynchronous.is_some() {
        return;
    }
    let at = 1 + usize::from(subject.word_at(1, "unique"));
    let Some(word) = subject.tokens.get(at) else {
        return;
    };
    // CONCURRENTLY has a rule of its own, which puts ASYNC in its place.
    if subject.word_at(at + 1, "concurrently") {
        return;
    }
    findings.push(Finding {
        rule: RULE.id,
        at: word.start,
        refusal: Some(Refusal::unsupported(
            RULE.id,
            "unsupported mode. please use CREATE INDEX ASYNC.",
        )),
        fix: Fix::Edits(
            vec![Edit::insert(word.end, " ASYNC")],
            "the index is built by a job; it serves queries once the job has completed".to_owned(),
        ),
    });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE UNIQUE INDEX ASYNC IF NOT EXISTS i ON t (lower(a)) INCLUDE (b) NULLS NOT DISTINCT WHERE c"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE UNIQUE INDEX i ON t (a)"), @"0A000 unsupported mode. please use CREATE INDEX ASYNC.");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("create /* fast */ index  i on t (a) -- soon"), @"
        -- note: the index is built by a job; it serves queries once the job has completed [index_async]

        create /* fast */ index ASYNC  i on t (a) -- soon
        ;
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }
}
