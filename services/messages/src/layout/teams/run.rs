//! Text in the runs of a card, which know no markdown.

use serde_json::{Value, json};

use crate::text;

/// Text with one look.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) text: &'a str,
    pub(super) href: Option<&'a str>,
    pub(super) size: &'static str,
    pub(super) color: &'static str,
    pub(super) bold: bool,
    pub(super) subtle: bool,
}

impl<'a> Run<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            href: None,
            size: "Default",
            color: "Default",
            bold: false,
            subtle: false,
        }
    }

    /// The text in runs. `{{` and the name of the card's functions `DATE` and `TIME`
    /// never share a run, which would make a date of the event's text.
    pub(super) fn inlines(self) -> Vec<Value> {
        let function = |before, after| before == '{' && matches!(after, 'D' | 'T');
        let pieces = text::pieces(self.text, function)
            .into_iter()
            .filter(|piece| !piece.is_empty());
        pieces.map(|piece| self.inline(piece)).collect()
    }

    /// Only what differs from the default is written: the card is short of space.
    fn inline(self, piece: &str) -> Value {
        let mut run = json!({ "type": "TextRun", "text": piece });
        for (name, value) in [("size", self.size), ("color", self.color)] {
            if value != "Default" {
                run[name] = json!(value);
            }
        }
        if self.bold {
            run["weight"] = json!("Bolder");
        }
        if self.subtle {
            run["isSubtle"] = json!(true);
        }
        if let Some(href) = self.href {
            run["selectAction"] = json!({ "type": "Action.OpenUrl", "url": href });
        }
        run
    }
}
