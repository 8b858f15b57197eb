//! Text of who knows where, as pages and terminals may show it.

use std::fmt::Write as _;

/// Whether a letter is an order rather than a sign: it moves the cursor or changes a colour, as
/// control characters do, or turns the direction of other text, which then reads as something else.
#[must_use]
pub fn is_order(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with every order in it written out as JSON may write it, `\uNNNN`, but for those that
/// are `kept`, such as the end of a line.
#[must_use]
pub fn written_out(text: &str, kept: &[char]) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_order(letter) && !kept.contains(&letter) {
            // Writing to a String does not fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(letter));
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_or_turns_other_text_is_an_order() {
        for letter in ['\0', '\n', '\u{1b}', '\u{7f}', '\u{9b}'] {
            assert!(is_order(letter), "{letter:?}");
        }
        for letter in ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert!(is_order(letter), "{letter:?}");
        }
    }

    #[test]
    fn letters_of_every_script_are_signs_and_so_are_marks_that_turn_nothing_else() {
        for letter in ['a', ' ', 'ü', 'ש', '港', '🚢', '\\', '\u{200f}', '\u{fffd}'] {
            assert!(!is_order(letter), "{letter:?}");
        }
    }

    #[test]
    fn orders_are_written_out_and_the_rest_stays_as_it_is() {
        assert_eq!(
            written_out("a\r\u{1b}[2J\u{202e}b\n\tü \\u0000", &[]),
            "a\\u000d\\u001b[2J\\u202eb\\u000a\\u0009ü \\u0000"
        );
    }

    #[test]
    fn what_is_to_be_kept_stays() {
        assert_eq!(written_out("a\n\tb\r", &['\n', '\t']), "a\n\tb\\u000d");
    }
}
