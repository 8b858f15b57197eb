//! A line of a form.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::refusal::Errors;
use crate::rest::query::Filter;

/// A line of a form: what it is called, what to write there, and what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub(in crate::pages) struct Field<'p> {
    /// As the resource calls it.
    name: &'p str,
    /// As people read it.
    label: &'p str,
    /// One sentence below it; may be empty.
    help: &'p str,
    /// What was wrong with what was sent.
    errors: &'p Errors,
    /// Whether a browser sends the form only with it.
    is_required: bool,
}

impl Errors {
    /// A line of the form that these are the errors of.
    pub(in crate::pages) const fn field<'p>(
        &'p self,
        name: &'p str,
        label: &'p str,
        help: &'p str,
    ) -> Field<'p> {
        Field {
            name,
            label,
            help,
            errors: self,
            is_required: false,
        }
    }
}

impl Field<'_> {
    /// One that may not be left empty.
    pub(in crate::pages) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// A line of text; `kind` is the input's type.
    pub(in crate::pages) fn input(self, kind: &str, value: &str) -> Markup {
        self.around(&html! {
            input id=(self.name) name=(self.name) type=(kind) value=(value) required[self.is_required]
                aria-invalid=[self.invalid()] aria-describedby=(self.described());
        })
    }

    /// A whole number within bounds; may be empty.
    pub(in crate::pages) fn number(self, least: i32, most: i32, value: &str) -> Markup {
        self.around(&html! {
            input id=(self.name) name=(self.name) type="number" min=(least) max=(most) step="1" inputmode="numeric"
                value=(value) aria-invalid=[self.invalid()] aria-describedby=(self.described());
        })
    }

    /// A line of text for which there are suggestions.
    pub(in crate::pages) fn suggested<'o>(
        self,
        options: impl IntoIterator<Item = (&'o str, &'o str)>,
        value: &str,
    ) -> Markup {
        let list = format!("{}-list", self.name);
        self.around(&html! {
            input id=(self.name) name=(self.name) value=(value) list=(list) required[self.is_required]
                aria-invalid=[self.invalid()] aria-describedby=(self.described());
            datalist id=(list) {
                @for (value, words) in options { option value=(value) { (words) } }
            }
        })
    }

    /// A moment to choose, in UTC. What is none is shown as it was written.
    pub(in crate::pages) fn instant(self, value: &str) -> Markup {
        match <DateTime<Utc> as Filter>::read(value) {
            Some(at) => self.input("datetime-local", &at.format("%Y-%m-%dT%H:%M").to_string()),
            None if value.is_empty() => self.input("datetime-local", ""),
            None => self.input("text", value),
        }
    }

    /// Several lines of text.
    pub(in crate::pages) fn area(self, rows: u8, value: &str) -> Markup {
        self.around(&html! {
            textarea id=(self.name) name=(self.name) rows=(rows) spellcheck="false"
                aria-invalid=[self.invalid()] aria-describedby=(self.described()) { (value) }
        })
    }

    /// The source of something, which may only be for reading.
    pub(in crate::pages) fn source(self, rows: u8, value: &str, is_read_only: bool) -> Markup {
        self.around(&html! {
            // A browser passes over the first line end.
            textarea.source id=(self.name) name=(self.name) rows=(rows) spellcheck="false" readonly[is_read_only]
                aria-invalid=[self.invalid()] aria-describedby=(self.described()) { "\n" (value) }
        })
    }

    /// A box to tick.
    pub(in crate::pages) fn flag(self, is_ticked: bool) -> Markup {
        html! {
            div.field.flag {
                label {
                    input name=(self.name) type="checkbox" value="true" checked[is_ticked]
                        aria-invalid=[self.invalid()] aria-describedby=(self.described());
                    " " (self.label)
                }
                (self.below())
            }
        }
    }

    /// One of several values, each with its words.
    pub(in crate::pages) fn choice<'o>(
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
    pub(in crate::pages) fn secret(self, is_set: bool) -> Markup {
        self.around(&html! {
            input id=(self.name) name=(self.name) type="password" autocomplete="off"
                placeholder=(if is_set { "set; write to replace it" } else { "not set" })
                aria-invalid=[self.invalid()] aria-describedby=(self.described());
            @if is_set {
                label.clear {
                    input type="checkbox" name={ "clear_" (self.name) } value="true" aria-label={ "Clear it: " (self.label) };
                    " Clear it"
                }
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
