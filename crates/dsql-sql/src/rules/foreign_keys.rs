//! Foreign keys, when they are not wanted.

use super::prelude::*;
use crate::ForeignKeys;

pub(super) static RULE: Rule = Rule {
    id: "foreign_keys",
    summary: "Foreign keys are kept, unless the translator is asked to leave them out",
    since: "2026-08-26",
    page: page::FOREIGN_KEYS,
    forms: Form::TABLES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.options.foreign_keys == ForeignKeys::Native {
        return;
    }
    let Some(tree) = subject.tree() else {
        return;
    };
    for key in tree::descendants(tree, &[K::REFERENCES_CONSTRAINT, K::FOREIGN_KEY_CONSTRAINT]) {
        let at = tree::start(&key);
        let words: Vec<_> = subject.written(&key).split_whitespace().collect();
        let note = format!("the foreign key is left out, as asked: {}", words.join(" "));
        let item = match key.parent() {
            Some(parent) if parent.kind() == K::ADD_CONSTRAINT => parent,
            _ => key.clone(),
        };
        let (start, end) = tree::span(&item);
        let first_after = subject.tokens.partition_point(|token| token.start < end);
        let first = subject.tokens.partition_point(|token| token.start < start);
        let before = first
            .checked_sub(1)
            .filter(|&before| subject.symbol_at(before, b','));
        let mut is_first = false;
        let fix = if key.kind() == K::REFERENCES_CONSTRAINT {
            Fix::Edits(vec![Edit::remove(subject.text, start, end)], note)
        } else if let Some(comma) = before {
            Fix::Edits(
                vec![Edit::replace(subject.tokens[comma].start, end, "")],
                note,
            )
        } else if subject.symbol_at(first_after, b',') {
            let comma = subject.tokens[first_after];
            let next = crate::lex::skip_space(subject.text.as_bytes(), comma.end);
            is_first = true;
            Fix::Edits(vec![Edit::replace(start, next, "")], note)
        } else if subject.form == Form::AlterTable {
            let words: Vec<_> = subject.text.split_whitespace().collect();
            Fix::Drop(format!(
                "the foreign key is left out, as asked: {}",
                words.join(" ")
            ))
        } else {
            Fix::Edits(vec![Edit::replace(start, end, "")], note)
        };
        findings.push(Finding {
            rule: RULE.id,
            at,
            refusal: None,
            fix,
        });
        if is_first {
            // Its comma is gone with it: the next round sees to the others.
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE visit (pet bigint REFERENCES pet (id) ON DELETE CASCADE)"), @"accepted");
    }

    #[test]
    fn passed_on_since_the_refusal_is_not_recorded() {
        assert_snapshot!(checked("CREATE TABLE visit (pet bigint, FOREIGN KEY (pet) REFERENCES pet)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE visit (pet bigint REFERENCES pet)"), @"CREATE TABLE visit (pet bigint REFERENCES pet);");
    }

    #[test]
    fn left_out_when_asked() {
        let options = crate::Options {
            foreign_keys: crate::ForeignKeys::Omit,
            ..Default::default()
        };
        let planned = |sql| crate::translate(sql, &options).to_string();
        assert_snapshot!(planned("CREATE TABLE visit (id uuid PRIMARY KEY, pet bigint NOT NULL CONSTRAINT p REFERENCES pet (id) ON DELETE CASCADE, vet bigint, FOREIGN KEY (vet) REFERENCES vet (id))"), @"
        -- note: the foreign key is left out, as asked: CONSTRAINT p REFERENCES pet (id) ON DELETE CASCADE [foreign_keys]
        -- note: the foreign key is left out, as asked: FOREIGN KEY (vet) REFERENCES vet (id) [foreign_keys]

        CREATE TABLE visit (id uuid PRIMARY KEY, pet bigint NOT NULL, vet bigint);
        ");
        assert_snapshot!(planned("ALTER TABLE visit ADD FOREIGN KEY (vet) REFERENCES vet (id), ADD COLUMN b int"), @"
        -- note: the foreign key is left out, as asked: FOREIGN KEY (vet) REFERENCES vet (id) [foreign_keys]

        ALTER TABLE visit ADD COLUMN b int;
        ");
        assert_snapshot!(planned("ALTER TABLE visit ADD FOREIGN KEY (vet) REFERENCES vet (id)"), @"-- note: the foreign key is left out, as asked: ALTER TABLE visit ADD FOREIGN KEY (vet) REFERENCES vet (id) [foreign_keys]");
    }
}
