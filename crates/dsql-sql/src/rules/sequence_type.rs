//! Types of sequences.

use super::column::canonical;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "sequence_type",
    summary: "A sequence counts in bigint",
    since: "2026-02-13",
    page: page::SEQUENCES,
    forms: &[Form::CreateSequence, Form::CreateSchema],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for option in tree::descendants(tree, &[K::OPTION_AS_TYPE]) {
        let Some(kind) = option.children().next() else {
            continue;
        };
        let name = canonical(subject, &kind);
        if name == "bigint" {
            continue;
        }
        let (start, end) = tree::span(&kind);
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            refusal: Some(Refusal::new(
                RULE.id,
                "22023",
                "sequence type must be bigint",
            )),
            fix: Fix::Edits(
                vec![Edit::replace(start, end, "bigint")],
                format!("the sequence counts in bigint, so it does not stop at the end of {name}"),
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE SEQUENCE s CACHE 1 AS int8"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE SEQUENCE s CACHE 1 AS integer"), @"22023 sequence type must be bigint");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE SEQUENCE s AS smallint CACHE 1"), @"
        -- note: the sequence counts in bigint, so it does not stop at the end of smallint [sequence_type]

        CREATE SEQUENCE s AS bigint CACHE 1;
        ");
    }
}
