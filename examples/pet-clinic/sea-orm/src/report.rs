//! Tables for the reader.

use std::sync::mpsc::{Receiver, channel};

use comfy_table::presets::{UTF8_FULL, UTF8_FULL_CONDENSED};
use comfy_table::{ContentArrangement, Table};
use dsql_sea_orm::{Dsql, Translation};

/// Prints rows under a title.
pub fn table<const N: usize>(
    title: &str,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let rows: Vec<_> = rows.into_iter().collect();
    let long = rows.iter().flatten().any(|cell| cell.len() > 80);
    let mut table = Table::new();
    // Lines between the rows where cells are broken.
    table.load_style(if long { UTF8_FULL } else { UTF8_FULL_CONDENSED });
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(110);
    table.set_header(head).add_rows(rows);
    println!("\n{title}\n{table}");
}

/// What was translated since it was made.
pub struct Translations(Receiver<[String; 3]>);

impl Translations {
    pub fn of(db: &Dsql) -> Self {
        let (send, receive) = channel();
        // Nobody listening any more is no reason to stop.
        db.on_translate(move |translation| drop(send.send(row(translation))));
        Self(receive)
    }

    pub fn print(&self) {
        table(
            "Translated for Aurora DSQL",
            ["PostgreSQL", "Aurora DSQL", "notes [rule]"],
            self.0.try_iter(),
        );
    }
}

fn row(translation: &Translation<'_>) -> [String; 3] {
    let steps: Vec<_> = translation
        .steps()
        .iter()
        .map(|step| step.to_string())
        .collect();
    let notes: Vec<_> = translation
        .notes()
        .iter()
        .map(|note| note.to_string())
        .collect();
    [
        translation.sql().to_owned(),
        steps.concat().trim_end().to_owned(),
        notes.join("\n"),
    ]
}
