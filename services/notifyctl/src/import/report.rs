//! What became of an import, for people. Its order depends on nothing but what was read.

use std::collections::BTreeMap;
use std::fmt;

use comfy_table::{CellAlignment, Table};
use proto_events::Kind;

use crate::screen::{TABLE, printable};

/// How many sentences are shown of each sort.
const SHOWN: usize = 10;

/// What became of the objects of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Written, changed or not.
    pub written: u64,
    /// Passed over: a newer change of the object had come meanwhile.
    pub newer_here: u64,
    /// Passed over: what it hangs below was deleted.
    pub obsolete: u64,
    /// Not written; a sentence says why.
    pub refused: u64,
    /// Deleted here, since it is gone there.
    pub deleted: u64,
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// By the kind of object.
    pub tallies: BTreeMap<Kind, Tally>,
    /// Why something was not written, a sentence each.
    pub problems: Vec<String>,
    /// What else is to be said: of a run that goes on, of rules, of the token.
    pub notes: Vec<String>,
}

impl Report {
    /// What became of this kind so far.
    pub(super) fn of(&mut self, kind: Kind) -> &mut Tally {
        self.tallies.entry(kind).or_default()
    }

    /// Counts an object that was not written.
    pub(super) fn refuse(&mut self, kind: Kind, why: String) {
        self.of(kind).refused += 1;
        self.problems.push(why);
    }

    /// Whether everything that was read is here.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for note in &self.notes {
            writeln!(f, "{}", printable(note))?;
        }
        let titles = [
            "kind",
            "written",
            "newer here",
            "obsolete",
            "refused",
            "deleted",
        ];
        let rows = self.tallies.iter().map(|(kind, tally)| {
            let Tally {
                written,
                newer_here,
                obsolete,
                refused,
                deleted,
            } = tally;
            let numbers = [written, newer_here, obsolete, refused, deleted];
            (kind.as_str(), numbers.map(u64::to_string))
        });
        writeln!(f, "{}", table(titles, rows))?;
        list(f, "Not written:", &self.problems)
    }
}

/// A table of numbers by kind.
pub(super) fn table<const N: usize, const M: usize>(
    titles: [&str; N],
    rows: impl Iterator<Item = (&'static str, [String; M])>,
) -> Table {
    let mut table = Table::new();
    table.load_style(TABLE);
    table.force_no_tty();
    table.set_header(titles);
    for (kind, numbers) in rows {
        table.add_row(std::iter::once(kind.to_owned()).chain(numbers));
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if place > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Sentences, not too many.
fn list(f: &mut fmt::Formatter<'_>, title: &str, sentences: &[String]) -> fmt::Result {
    if sentences.is_empty() {
        return Ok(());
    }
    writeln!(f, "{title}")?;
    for sentence in sentences.iter().take(SHOWN) {
        writeln!(f, "  {}", printable(sentence))?;
    }
    match sentences.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(f, "  and {more} more"),
    }
}
