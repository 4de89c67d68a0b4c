//! CREATE SEQUENCE and its CACHE.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "sequence_cache",
    summary: "A sequence names a CACHE of 1 or of at least 65536",
    since: "2026-02-13",
    page: page::SEQUENCES,
    forms: &[Form::CreateSequence, Form::CreateSchema],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for sequence in tree::descendants(tree, &[K::CREATE_SEQUENCE]) {
        if let Some(option) = tree::child(&sequence, K::OPTION_CACHE) {
            if let Some(finding) = wrong(RULE.id, subject, &option) {
                findings.push(finding);
            }
            continue;
        }
        let Some(name) = tree::child(&sequence, K::SEQUENCE) else {
            continue;
        };
        let cache = subject.options.cache();
        findings.push(Finding {
            rule: RULE.id,
            at: tree::start(&sequence),
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "CREATE SEQUENCE is not supported without an explicit cache size. please define \
                 CACHE greater than or equal to 65536 or equal to 1",
            )),
            // CACHE goes first, where the documented syntax has it.
            fix: Fix::Edits(
                vec![Edit::insert(tree::end(&name), format!(" CACHE {cache}"))],
                note(cache),
            ),
        });
    }
}

/// A CACHE option whose value the service refuses.
pub(super) fn wrong(
    rule: &'static str,
    subject: &Subject<'_>,
    option: &SyntaxNode,
) -> Option<Finding> {
    let value = option.children().next()?;
    let (start, end) = tree::span(&value);
    let number: u64 = subject.text[start..end].parse().ok()?;
    if number == 1 || number >= 65_536 {
        return None;
    }
    let cache = subject.options.cache();
    Some(Finding {
        rule,
        at: start,
        refusal: Some(Refusal::new(
            rule,
            "22023",
            format!("CACHE ({number}) must be greater than or equal to 65536 or equal to 1"),
        )),
        fix: Fix::Edits(
            vec![Edit::replace(start, end, cache.to_string())],
            format!("CACHE {number} becomes CACHE {cache}: it must be 1, or at least 65536"),
        ),
    })
}

/// What a cache means to the application.
pub(super) fn note(cache: u64) -> String {
    if cache == 1 {
        "CACHE 1 is added: values come nearly in order, each at the price of a round trip"
            .to_owned()
    } else {
        format!(
            "CACHE {cache} is added: values are unique but neither gapless nor in order of \
             insertion"
        )
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE SEQUENCE IF NOT EXISTS s CACHE 65536 AS bigint START 10"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE SEQUENCE s"), @"0A000 CREATE SEQUENCE is not supported without an explicit cache size. please define CACHE greater than or equal to 65536 or equal to 1");
    }

    #[test]
    fn refused_between() {
        assert_snapshot!(checked("CREATE SEQUENCE s CACHE 20"), @"22023 CACHE (20) must be greater than or equal to 65536 or equal to 1");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE SEQUENCE clinic.\"S\" START WITH 10"), @r#"
        -- note: CACHE 65536 is added: values are unique but neither gapless nor in order of insertion [sequence_cache]

        CREATE SEQUENCE clinic."S" CACHE 65536 START WITH 10;
        "#);
    }

    #[test]
    fn fixed_between() {
        assert_snapshot!(planned("CREATE SEQUENCE s CACHE 20"), @"
        -- note: CACHE 20 becomes CACHE 65536: it must be 1, or at least 65536 [sequence_cache]

        CREATE SEQUENCE s CACHE 65536;
        ");
    }
}
