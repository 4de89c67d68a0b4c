//! Operator classes in an index.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "index_operator_class",
    summary: "A key's operator class cannot be chosen",
    since: "2026-10-01",
    page: page::CREATE_INDEX,
    forms: &[Form::CreateIndex],
    matches: Match::Places(find),
};

/// What the only collation, C, makes the same as the default class.
const SAME: &[&str] = &[
    "bpchar_ops",
    "bpchar_pattern_ops",
    "date_ops",
    "int2_ops",
    "int4_ops",
    "int8_ops",
    "numeric_ops",
    "text_ops",
    "text_pattern_ops",
    "timestamp_ops",
    "timestamptz_ops",
    "uuid_ops",
    "varchar_ops",
    "varchar_pattern_ops",
];

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(tree) = subject.tree() else { return };
    for class in tree::descendants(tree, &[K::OP_CLASS_REF]) {
        let (start, end) = tree::span(&class);
        let name = super::last_name(subject, start, end);
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            refusal: Some(Refusal::unsupported(
                RULE.id,
                "opclass not supported for index keys",
            )),
            fix: if SAME.contains(&name.as_str()) {
                Fix::Edits(
                    vec![Edit::remove(subject.text, start, end)],
                    format!("{name} is left out: under the collation C the default does the same"),
                )
            } else {
                Fix::Refuse(format!(
                    "the operator class {name} cannot be had: index the values or an expression \
                     that queries compare"
                ))
            },
        });
    }
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
        assert_snapshot!(checked("CREATE INDEX ASYNC i ON t (a text_pattern_ops)"), @"0A000 opclass not supported for index keys");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE INDEX ASYNC i ON t (a text_pattern_ops, b)"), @"
        -- note: text_pattern_ops is left out: under the collation C the default does the same [index_operator_class]

        CREATE INDEX ASYNC i ON t (a, b);
        -- answers a job id; then: CALL sys.wait_for_job('<job id>')
        ");
    }

    #[test]
    fn fixed_unless_it_compares_otherwise() {
        assert_snapshot!(planned("CREATE INDEX ASYNC i ON t (a gin_trgm_ops)"), @"-- error: the operator class gin_trgm_ops cannot be had: index the values or an expression that queries compare [index_operator_class]; the service answers 0A000: opclass not supported for index keys");
    }
}
