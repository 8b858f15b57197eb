//! Medians with their spread, and how they are shown.

use std::fmt::Write as _;

/// A spread above this makes a figure doubtful.
const CALM: f64 = 0.2;

/// One figure, measured several times.
#[derive(Clone, Debug, Default)]
pub struct Figures(Vec<f64>);

impl Figures {
    /// Adds a measurement.
    pub fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// The middle one; 0 if there is none.
    #[must_use]
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    }

    /// The distance from the lowest to the highest, as a share of the median.
    #[must_use]
    pub fn spread(&self) -> f64 {
        let least = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if self.0.is_empty() {
            0.0
        } else {
            (most - least) / self.median()
        }
    }

    /// Round by round, this against another: what swings with the machine goes out.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect())
    }

    /// Whether the machine was calm enough for the figure to mean something.
    #[must_use]
    pub fn calm(&self) -> bool {
        self.spread() <= CALM
    }

    /// The median with thousands apart, and the spread.
    #[must_use]
    pub fn shown(&self) -> String {
        let (median, spread) = (thousands(self.median()), self.spread() * 100.0);
        format!("{median} (spread {spread:.0} %)")
    }
}

impl FromIterator<f64> for Figures {
    fn from_iter<I: IntoIterator<Item = f64>>(figures: I) -> Self {
        Self(figures.into_iter().collect())
    }
}

/// A whole number with thousands apart.
#[must_use]
pub fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// What is said of a figure that has a goal.
#[must_use]
pub fn verdict(met: bool, calm: bool) -> String {
    let verdict = if met { "met" } else { "below the goal" };
    if calm {
        verdict.to_owned()
    } else {
        format!("{verdict}; machine not calm")
    }
}

/// Rows under a header, as Markdown.
#[must_use]
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .chain([header[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut table = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = (&str, usize)>| {
        for (cell, width) in cells {
            let _ = write!(table, "| {cell:<width$} ");
        }
        table.push_str("|\n");
    };
    line(&mut header.iter().copied().zip(widths.iter().copied()));
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(&mut rules.iter().map(String::as_str).zip(widths.iter().copied()));
    for row in rows {
        line(&mut row.iter().map(String::as_str).zip(widths.iter().copied()));
    }
    table
}

/// The value below which so many percent of the values lie; 0 if there are none.
#[must_use]
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() * percent).div_ceil(100);
    sorted.get(place.saturating_sub(1)).copied().unwrap_or(0.0)
}
