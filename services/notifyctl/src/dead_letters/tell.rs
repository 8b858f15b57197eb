//! How letters are told to people.

use store::LetterHead;

use super::id::short;
use crate::screen::printable;

/// The state of most letters.
pub(super) const WAITING: &str = "waiting";

/// A letter in one line.
pub(super) fn line(letter: &LetterHead) -> String {
    let mut line = format!("{}  {} {}", short(letter.id), letter.service, letter.reason);
    if let Some(job) = letter.job {
        line += &format!(", job {job}");
    }
    if let Some((source, id)) = &letter.event {
        line += &format!(", event {} of {}", printable(id), printable(source));
    }
    line
}

/// So many letters, in words.
pub(super) fn counted(letters: u64) -> String {
    match letters {
        1 => "1 letter".to_owned(),
        _ => format!("{letters} letters"),
    }
}

/// Where a letter stands, in a word.
pub(super) fn state(letter: &LetterHead) -> &'static str {
    match letter.resolved {
        Some((_, how)) => how.as_str(),
        None if letter.arrived => "arrived",
        None => WAITING,
    }
}
