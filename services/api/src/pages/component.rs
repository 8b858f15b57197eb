//! What several pages have.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};
use url::Url;

use crate::refusal::Errors;
use crate::rest::query::{Filter, List};

/// A line of a form: what it is called, what to write there, and what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'p> {
    /// As the resource calls it.
    pub(super) name: &'p str,
    /// As people read it.
    pub(super) label: &'p str,
    /// One sentence below it; may be empty.
    pub(super) help: &'p str,
    /// What was wrong with what was sent.
    pub(super) errors: &'p Errors,
}

impl Field<'_> {
    /// A line of text; `kind` is the input's type.
    pub(super) fn input(self, kind: &str, value: &str) -> Markup {
        self.around(&html! {
            input id=(self.name) name=(self.name) type=(kind) value=(value)
                aria-invalid=[self.invalid()] aria-describedby=(self.described());
        })
    }

    /// A whole number within bounds; may be empty.
    pub(super) fn number(self, least: i32, most: i32, value: &str) -> Markup {
        self.around(&html! {
            input id=(self.name) name=(self.name) type="number" min=(least) max=(most) step="1" inputmode="numeric"
                value=(value) aria-invalid=[self.invalid()] aria-describedby=(self.described());
        })
    }

    /// A line of text for which there are suggestions.
    pub(super) fn suggested<'o>(
        self,
        options: impl IntoIterator<Item = (&'o str, &'o str)>,
        value: &str,
    ) -> Markup {
        let list = format!("{}-list", self.name);
        self.around(&html! {
            input id=(self.name) name=(self.name) value=(value) list=(list)
                aria-invalid=[self.invalid()] aria-describedby=(self.described());
            datalist id=(list) {
                @for (value, words) in options { option value=(value) { (words) } }
            }
        })
    }

    /// A moment to choose, in UTC. What is none is shown as it was written.
    pub(super) fn instant(self, value: &str) -> Markup {
        match <DateTime<Utc> as Filter>::read(value) {
            Some(at) => self.input("datetime-local", &at.format("%Y-%m-%dT%H:%M").to_string()),
            None if value.is_empty() => self.input("datetime-local", ""),
            None => self.input("text", value),
        }
    }

    /// Several lines of text.
    pub(super) fn area(self, rows: u8, value: &str) -> Markup {
        self.around(&html! {
            textarea id=(self.name) name=(self.name) rows=(rows) spellcheck="false"
                aria-invalid=[self.invalid()] aria-describedby=(self.described()) { (value) }
        })
    }

    /// The source of something, which may only be for reading.
    pub(super) fn source(self, rows: u8, value: &str, is_read_only: bool) -> Markup {
        self.around(&html! {
            // A browser passes over the first line end.
            textarea.source id=(self.name) name=(self.name) rows=(rows) spellcheck="false" readonly[is_read_only]
                aria-invalid=[self.invalid()] aria-describedby=(self.described()) { "\n" (value) }
        })
    }

    /// A box to tick.
    pub(super) fn flag(self, is_ticked: bool) -> Markup {
        html! {
            div.field.flag {
                label { input name=(self.name) type="checkbox" value="true" checked[is_ticked]; " " (self.label) }
                (self.below())
            }
        }
    }

    /// One of several values, each with its words.
    pub(super) fn choice<'o>(
        self,
        options: impl IntoIterator<Item = (&'o str, &'o str)>,
        chosen: &str,
    ) -> Markup {
        self.around(&html! {
            select id=(self.name) name=(self.name) aria-invalid=[self.invalid()] aria-describedby=(self.described()) {
                @for (value, words) in options { option value=(value) selected[value == chosen] { (words) } }
            }
        })
    }

    /// A secret, which can be written and not read.
    pub(super) fn secret(self, is_set: bool) -> Markup {
        self.around(&html! {
            input id=(self.name) name=(self.name) type="password" autocomplete="off"
                placeholder=(if is_set { "set; write to replace it" } else { "not set" })
                aria-invalid=[self.invalid()] aria-describedby=(self.described());
            @if is_set {
                label.clear { input type="checkbox" name={ "clear_" (self.name) } value="true"; " Clear it" }
            }
        })
    }

    fn around(self, input: &Markup) -> Markup {
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                (input)
                (self.below())
            }
        }
    }

    fn below(self) -> Markup {
        html! {
            div id=(self.described()) {
                @for error in self.errors.of(self.name) { p.error role="alert" { (error) } }
                @if !self.help.is_empty() { p.help { (self.help) } }
            }
        }
    }

    fn described(self) -> String {
        format!("{}-help", self.name)
    }

    fn invalid(self) -> Option<&'static str> {
        (!self.errors.of(self.name).is_empty()).then_some("true")
    }
}

/// What is wrong with a form as a whole.
pub(super) fn complaints(errors: &Errors) -> Markup {
    html! { @for error in errors.general() { p.error role="alert" { (error) } } }
}

/// A moment; a script shows it in the reader's own time.
pub(super) fn moment(at: DateTime<Utc>) -> Markup {
    let machine = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    html! { time datetime=(machine) { (at.format("%Y-%m-%d %H:%M UTC")) } }
}

/// An address that a link may lead to: a page, and nothing that a browser would run.
pub(super) fn href(address: &str) -> Option<&str> {
    let leads_to_page = match Url::parse(address) {
        Ok(url) => matches!(url.scheme(), "http" | "https"),
        Err(_) => address.starts_with('/'),
    };
    leads_to_page.then_some(address)
}

/// The way to the pages before and after.
pub(super) fn pager<T>(list: &List<T>) -> Markup {
    html! {
        @if list.previous.is_some() || list.next.is_some() {
            nav.pager aria-label="Pages" {
                @if let Some(previous) = &list.previous { a href=(previous) rel="prev" { "← Newer" } }
                @if let Some(next) = &list.next { a href=(next) rel="next" { "Older →" } }
            }
        }
    }
}

/// A button that asks before it sends a form. `id` is unique on the page.
pub(super) fn ask(id: &str, label: &str, question: &str, action: &str, hidden: &Markup) -> Markup {
    html! {
        button type="button" popovertarget=(id) { (label) }
        div.question id=(id) popover role="dialog" aria-label=(label) {
            p { (question) }
            form method="post" action=(action) {
                (hidden)
                button.danger { (label) }
                button.quiet type="button" popovertarget=(id) popovertargetaction="hide" { "Keep" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::href;

    #[test]
    fn a_link_leads_to_a_page_and_runs_nothing() {
        for page in [
            "https://dojo.example/test/1",
            "HTTP://dojo.example",
            "/test/1",
        ] {
            assert_eq!(href(page), Some(page));
        }
        for trick in [
            "javascript:alert(1)",
            " java\nscript:alert(1)",
            "data:text/html,x",
            "",
            "test",
        ] {
            assert_eq!(href(trick), None, "{trick:?}");
        }
    }
}
