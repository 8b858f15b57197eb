//! Bodies as a terminal may show them, without loss.

use std::fmt::Write;

use serde_json::Value;

/// A body in lines, with a remark on how it is written where that is not plain.
pub(super) fn shown(body: &[u8]) -> (Option<&'static str>, String) {
    let Ok(text) = std::str::from_utf8(body) else {
        let remark = "not UTF-8: what is not printable ASCII is written as \\xNN";
        return (Some(remark), body.escape_ascii().to_string());
    };
    match serde_json::from_str::<Value>(text).and_then(|json| serde_json::to_string_pretty(&json)) {
        Ok(pretty) => (None, without_controls(&pretty)),
        Err(_) => {
            let remark = "no JSON: a backslash is written as \\\\, a control character as \\uNNNN";
            (Some(remark), without_controls(&text.replace('\\', "\\\\")))
        }
    }
}

/// Control characters as JSON may write them, so that none moves the cursor or changes a
/// colour; lines stay lines.
fn without_controls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && letter != '\n' {
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
    fn json_is_written_in_lines_that_mean_the_same() {
        let (remark, text) = shown(r#"{"a":["ü \u001b[2J \u009b"],"b":1}"#.as_bytes());
        assert_eq!(remark, None);
        assert_eq!(
            text,
            "{\n  \"a\": [\n    \"ü \\u001b[2J \\u009b\"\n  ],\n  \"b\": 1\n}"
        );
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["a"][0], "ü \u{1b}[2J \u{9b}");
    }

    #[test]
    fn other_text_stays_what_it_is_but_for_what_moves_the_cursor() {
        let (remark, text) = shown("no\nJSON\r\u{1b}[2J \\u001b 🚢".as_bytes());
        assert!(remark.unwrap().contains("no JSON"));
        assert_eq!(text, "no\nJSON\\u000d\\u001b[2J \\\\u001b 🚢");
    }

    #[test]
    fn bytes_that_are_no_text_are_told_one_by_one() {
        let (remark, text) = shown(b"a\\\xff\x00");
        assert!(remark.unwrap().contains("not UTF-8"));
        assert_eq!(text, "a\\\\\\xff\\x00");
    }
}
