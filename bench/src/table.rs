//! The table that is printed.

use comfy_table::{CellAlignment, Table, presets};

use crate::measure::Comparison;

/// One measurement.
#[derive(Debug)]
pub struct Row {
    what: String,
    ours: String,
    theirs: String,
    ratio: Option<f64>,
    target: String,
    /// `None` where nothing is promised.
    met: Option<bool>,
}

impl Row {
    /// Rates of two sides, the ratio of which is to be no less than `target`.
    pub fn ratio(what: impl Into<String>, unit: &str, measured: Comparison, target: f64) -> Self {
        Row {
            what: what.into(),
            ours: format!("{:.0} {unit}", measured.ours),
            theirs: format!("{:.0} {unit}", measured.theirs),
            ratio: Some(measured.ratio),
            target: format!("ratio ≥ {target}"),
            met: Some(measured.ratio >= target),
        }
    }

    /// Rates of two sides, of which nothing is promised.
    pub fn compared(what: impl Into<String>, unit: &str, measured: Comparison) -> Self {
        Row {
            what: what.into(),
            ours: format!("{:.0} {unit}", measured.ours),
            theirs: format!("{:.0} {unit}", measured.theirs),
            ratio: Some(measured.ratio).filter(|ratio| ratio.is_finite()),
            target: "–".into(),
            met: None,
        }
    }

    /// Times of two sides, the difference of which is to be below `target`.
    pub fn added(what: impl Into<String>, unit: &str, measured: Comparison, target: f64) -> Self {
        Row {
            what: what.into(),
            ours: format!("{:.0} {unit}", measured.ours),
            theirs: format!("{:.0} {unit}", measured.theirs),
            ratio: Some(measured.ratio),
            target: format!("added < {target} {unit}"),
            met: Some(measured.ours - measured.theirs < target),
        }
    }

    /// Times of two sides, the ratio of which is to be no more than `target`.
    pub fn times(what: impl Into<String>, unit: &str, measured: Comparison, target: f64) -> Self {
        Row {
            what: what.into(),
            ours: format!("{:.1} {unit}", measured.ours),
            theirs: format!("{:.1} {unit}", measured.theirs),
            ratio: Some(measured.ratio),
            target: format!("ratio ≤ {target}"),
            met: Some(measured.ratio <= target),
        }
    }

    /// A number that is to be below `target`.
    pub fn below(what: impl Into<String>, unit: &str, measured: f64, target: f64) -> Self {
        Row {
            what: what.into(),
            ours: format!("{measured:.0} {unit}").trim_end().to_owned(),
            theirs: "–".into(),
            ratio: None,
            target: format!("< {target} {unit}").trim_end().to_owned(),
            met: Some(measured < target),
        }
    }

    /// A rate that is to be at least `target`.
    pub fn at_least(what: impl Into<String>, unit: &str, measured: f64, target: f64) -> Self {
        Row {
            what: what.into(),
            ours: format!("{measured:.0} {unit}"),
            theirs: "–".into(),
            ratio: None,
            target: format!("≥ {target} {unit}"),
            met: Some(measured >= target),
        }
    }
}

impl Row {
    /// Whether what is promised is kept, if anything is.
    pub fn is_met(&self) -> bool {
        self.met != Some(false)
    }
}

/// The rows as text.
pub fn print(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["what", "ours", "theirs", "ratio", "target", "met"]);
    for row in rows {
        table.add_row([
            row.what.as_str(),
            &row.ours,
            &row.theirs,
            &row.ratio
                .map_or_else(|| "–".into(), |ratio| format!("{ratio:.2}")),
            &row.target,
            match row.met {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "–",
            },
        ]);
    }
    for column in 1..=3 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
