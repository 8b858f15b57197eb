//! Bodies as a terminal may show them, without loss.

use proto_events::shown::written_out;
use serde_json::Value;

/// Lines stay lines.
const LINES: &[char] = &['\n'];

/// A body in lines, with a remark on how it is written where that is not plain.
pub(super) fn shown(body: &[u8]) -> (Option<&'static str>, String) {
    let Ok(text) = std::str::from_utf8(body) else {
        let remark = "not UTF-8: what is not printable ASCII is written as \\xNN";
        return (Some(remark), body.escape_ascii().to_string());
    };
    match serde_json::from_str::<Value>(text).and_then(|json| serde_json::to_string_pretty(&json)) {
        Ok(pretty) => (None, written_out(&pretty, LINES)),
        Err(_) => {
            let remark = "no JSON: a backslash is written as \\\\, what moves or turns other text as \\uNNNN";
            (
                Some(remark),
                written_out(&text.replace('\\', "\\\\"), LINES),
            )
        }
    }
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
    fn what_turns_other_text_is_written_out_in_json_and_elsewhere() {
        assert_eq!(shown("\"a\u{202e}b\"".as_bytes()).1, "\"a\\u202eb\"");
        assert_eq!(shown("a\u{202e}b".as_bytes()).1, "a\\u202eb");
    }

    #[test]
    fn bytes_that_are_no_text_are_told_one_by_one() {
        let (remark, text) = shown(b"a\\\xff\x00");
        assert!(remark.unwrap().contains("not UTF-8"));
        assert_eq!(text, "a\\\\\\xff\\x00");
    }
}
