//! Text that is to stay text: one line where one line is shown, cut where space ends.

/// Longest title in a text, in characters; DefectDojo's own are at most 511.
pub const TITLE_CHARS: usize = 1000;

/// Ends a text that was cut.
const ELLIPSIS: char = '…';

/// The text on one line: line ends and other control characters become one blank.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if !breaks_line(c) {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.trim().to_owned()
}

/// A title: one line of at most [`TITLE_CHARS`].
#[must_use]
pub fn title(text: &str) -> String {
    shortened(&one_line(text), TITLE_CHARS)
}

/// The text with `\n` as its only line end, no other control characters but tabs, and
/// at most one empty line in a row.
#[must_use]
pub fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut kept = String::with_capacity(text.len());
    for line in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        let line: String = line
            .trim_end()
            .chars()
            .filter(|c| *c == '\t' || !c.is_control())
            .collect();
        if !line.is_empty() || !kept.ends_with("\n\n") {
            kept.push_str(&line);
            kept.push('\n');
        }
    }
    kept.trim_matches('\n').to_owned()
}

/// The text within `limit` characters; what was cut ends with an ellipsis.
#[must_use]
pub fn shortened(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push(ELLIPSIS);
    cut
}

/// The first `limit` characters, as DefectDojo cuts the fields of an alert.
#[must_use]
pub fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// Python's `str.title()`, which names the source of DefectDojo's alerts: each run of
/// letters begins with a capital and goes on in small letters.
#[must_use]
pub fn title_case(text: &str) -> String {
    let mut cased = String::with_capacity(text.len());
    let mut within_word = false;
    for c in text.chars() {
        if within_word {
            cased.extend(c.to_lowercase());
        } else {
            cased.extend(c.to_uppercase());
        }
        within_word = c.is_alphabetic();
    }
    cased
}

/// The text in pieces, cut between neighbours that must not stand together in one piece.
#[must_use]
pub fn pieces(text: &str, apart: fn(char, char) -> bool) -> Vec<&str> {
    let neighbours = text.chars().zip(text.char_indices().skip(1));
    let mut pieces = Vec::new();
    let mut start = 0;
    for (before, (at, after)) in neighbours {
        if apart(before, after) {
            pieces.push(&text[start..at]);
            start = at;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// `1 finding`, `2 findings`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

fn breaks_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
