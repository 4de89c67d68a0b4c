//! COPY from and to files.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "copy_file",
    summary: "COPY reads STDIN and writes STDOUT only",
    since: GA,
    page: page::COMPATIBILITY,
    forms: &[Form::Query],
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.word_at(0, "copy") {
        return;
    }
    let mut depth = 0usize;
    for at in 1..subject.tokens.len() {
        match subject.tokens[at].kind {
            TokenKind::Symbol(b'(') => depth += 1,
            TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
            TokenKind::Word
                if depth == 0 && (subject.word_at(at, "from") || subject.word_at(at, "to")) =>
            {
                let next = subject.tokens.get(at + 1);
                let file = next.is_some_and(|next| next.kind == TokenKind::String)
                    || subject.word_at(at + 1, "program");
                if file {
                    findings.push(Finding {
                        rule: RULE.id,
                        at: subject.tokens[at].start,
                        // Refused, but its words are not recorded.
                        refusal: None,
                        fix: Fix::Refuse(
                            "the server reads and writes no files: use COPY … FROM STDIN or TO \
                             STDOUT (psql: \\copy)"
                                .to_owned(),
                        ),
                    });
                }
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("COPY pet FROM STDIN"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("COPY pet FROM '/tmp/pet.csv'"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("COPY (SELECT 1) TO PROGRAM 'gzip'"), @r"-- error: the server reads and writes no files: use COPY … FROM STDIN or TO STDOUT (psql: \copy) [copy_file]");
    }
}
