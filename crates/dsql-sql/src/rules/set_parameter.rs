//! SET of parameters.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "set_parameter",
    summary: "Only some parameters can be set",
    since: GA,
    page: page::SESSIONS,
    forms: &[Form::Session],
    matches: Match::Places(find),
};

/// What can be set, in lower case.
const SETTABLE: &[&str] = &[
    "application_name",
    "client_encoding",
    "datestyle",
    "disable_sync_create_index",
    "dsql.enable_batched_nestloop",
    "enable_bitmapscan",
    "enable_hashjoin",
    "enable_indexonlyscan",
    "enable_indexscan",
    "enable_material",
    "enable_mergejoin",
    "enable_nestloop",
    "enable_seqscan",
    "extra_float_digits",
    "intervalstyle",
    "search_path",
    "timezone",
];

/// What dumps set to the value that the service has anyway, or that has no
/// meaning there. An empty value stands for any.
const NEEDLESS: &[(&str, &str)] = &[
    ("check_function_bodies", "false"),
    ("check_function_bodies", "off"),
    ("client_min_messages", ""),
    ("default_table_access_method", "heap"),
    ("default_tablespace", "''"),
    ("default_with_oids", "false"),
    ("idle_in_transaction_session_timeout", "0"),
    ("lock_timeout", "0"),
    ("row_security", "off"),
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "0"),
    ("synchronize_seqscans", ""),
    ("transaction_timeout", "0"),
    ("xmloption", "content"),
];

/// Can this parameter, in lower case, be set?
pub(super) fn is_settable(parameter: &str) -> bool {
    SETTABLE.contains(&parameter)
}

/// The refusal of any other parameter.
pub(super) fn refusal(rule: &'static str, parameter: &str) -> Refusal {
    Refusal::unsupported(
        rule,
        format!("setting configuration parameter \"{parameter}\" not supported"),
    )
}

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    let Some((parameter, value)) = parameter(subject) else {
        return;
    };
    if is_settable(&parameter) {
        return;
    }
    let needless = NEEDLESS.iter().any(|(name, usual)| {
        *name == parameter && (usual.is_empty() || usual.eq_ignore_ascii_case(value))
    });
    findings.push(Finding {
        rule: RULE.id,
        at: subject.start(),
        refusal: Some(refusal(RULE.id, &parameter)),
        fix: if needless {
            Fix::Drop(format!(
                "{parameter} cannot be set and need not be: left out"
            ))
        } else {
            Fix::Refuse(format!(
                "{parameter} cannot be set: take the statement out, or set it in the driver or \
                 the application where that has it"
            ))
        },
    });
}

/// The parameter a SET names, in lower case, and its value where it is one
/// token. `None` for the forms that are allowed or have a rule of their own.
fn parameter<'a>(subject: &Subject<'a>) -> Option<(String, &'a str)> {
    if !subject.word_at(0, "set") {
        return None;
    }
    let mut at = 1;
    if subject.word_at(at, "local") || subject.word_at(at, "session") {
        at += 1;
    }
    let is = |words: &[&str]| subject.words_at(at, words);
    if is(&["transaction"])
        || is(&["characteristics"])
        || is(&["constraints"])
        || is(&["names"])
        || is(&["schema"])
        || is(&["time", "zone"])
    {
        return None;
    }
    if is(&["role"]) {
        return Some(("role".to_owned(), ""));
    }
    if is(&["authorization"]) {
        return Some(("session_authorization".to_owned(), ""));
    }
    if is(&["xml", "option"]) {
        return Some(("xmloption".to_owned(), subject.text_at(at + 2)));
    }
    let first = *subject.tokens.get(at)?;
    if !first.is_name() {
        return None;
    }
    let end = crate::job::end_of_name(subject.text, first);
    let mut name = String::new();
    while let Some(token) = subject.tokens.get(at).filter(|token| token.start < end) {
        name.push_str(&super::name::folded(token.text(subject.text)));
        at += 1;
    }
    let assigns = subject.symbol_at(at, b'=') || subject.word_at(at, "to");
    let value = if assigns && at + 2 == subject.tokens.len() {
        subject.text_at(at + 1)
    } else {
        "?"
    };
    // A parameter's name has no case, quoted or not.
    assigns.then(|| (name.to_ascii_lowercase(), value))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("SET LOCAL search_path TO clinic, public"), @"accepted");
    }

    #[test]
    fn accepted_spelled_otherwise() {
        assert_snapshot!(checked("SET TIME ZONE 'UTC'"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("SET statement_timeout = 5000"), @r#"0A000 setting configuration parameter "statement_timeout" not supported"#);
    }

    #[test]
    fn refused_of_a_custom_name() {
        assert_snapshot!(checked("set session \"App\".tenant to '1'"), @r#"0A000 setting configuration parameter "app.tenant" not supported"#);
    }

    #[test]
    fn refused_of_the_role() {
        assert_snapshot!(checked("SET ROLE clerk"), @r#"0A000 setting configuration parameter "role" not supported"#);
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("SET lock_timeout = 0; SET search_path = clinic"), @"
        -- note: lock_timeout cannot be set and need not be: left out [set_parameter]

        SET search_path = clinic;
        ");
    }

    #[test]
    fn fixed_unless_it_matters() {
        assert_snapshot!(planned("SET statement_timeout = 5000"), @r#"-- error: statement_timeout cannot be set: take the statement out, or set it in the driver or the application where that has it [set_parameter]; the service answers 0A000: setting configuration parameter "statement_timeout" not supported"#);
    }
}
