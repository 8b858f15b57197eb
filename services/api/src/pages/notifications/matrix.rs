//! The form of a rule: events by channels.

use maud::{Markup, html};
use proto_events::{Channel, Column, Severity};

use super::scope::Scope;
use super::values::{SHOWN, Values};
use super::words::help;
use crate::pages::outcome::channel_words;
use crate::pages::system_settings;
use crate::refusal::Errors;

/// All that the form is made of.
pub(super) struct Sheet<'p> {
    pub(super) scope: &'p Scope,
    pub(super) values: &'p Values,
    pub(super) errors: &'p Errors,
    /// Channels that can be chosen.
    pub(super) offered: &'p [Channel],
    /// Channels that could be, were they not switched off.
    pub(super) off: &'p [Channel],
    pub(super) is_superuser: bool,
}

impl Sheet<'_> {
    /// The form.
    pub(super) fn form(&self) -> Markup {
        html! {
            form method="post" action=(self.scope.path()) {
                @if !self.values.is_stored { p { (self.not_yet()) } }
                @for channel in self.offered { input type="hidden" name=(SHOWN) value=(channel); }
                div.table { table.matrix {
                    caption.unseen { "Channels for each event" }
                    thead { tr {
                        th scope="col" { "Event" }
                        @for channel in self.offered { th scope="col" { (head(*channel)) } }
                    } }
                    tbody { @for column in Column::ALL { (self.row(column)) } }
                } }
                (self.switched_off())
                (self.limits())
                div.save { button { "Save" } }
            }
        }
    }

    /// What holds while there is no rule.
    const fn not_yet(&self) -> &'static str {
        match self.scope {
            Scope::Product { .. } => {
                "You have no rule for this product yet. It is made when you save."
            }
            Scope::Template => {
                "There is no template yet, so new users begin as shown. It is made when you save."
            }
            Scope::Personal | Scope::System => {
                "Nothing is stored yet; this is what it begins with. It is made when you save."
            }
        }
    }

    fn row(&self, column: Column) -> Markup {
        let (name, label) = (column.as_str(), column.label());
        let help_id = format!("{name}-help");
        let errors = self.errors.of(name);
        let invalid = (!errors.is_empty()).then_some("true");
        html! {
            tr {
                th scope="row" {
                    @if self.offered.len() > 1 {
                        input type="checkbox" data-all=(name) aria-label={ "Every channel: " (label) } hidden;
                        " "
                    }
                    strong { (label) }
                    div id=(help_id) {
                        p.help { (help(column)) }
                        @for error in errors { p.error role="alert" { (error) } }
                    }
                }
                @for channel in self.offered {
                    td { label {
                        input type="checkbox" name=(name) value=(channel) checked[self.values.has(column, *channel)]
                            aria-label={ (label) ": " (channel_words(*channel)) } aria-invalid=[invalid] aria-describedby=(help_id);
                        span.channel aria-hidden="true" { (channel_words(*channel)) }
                    } }
                }
            }
        }
    }

    fn switched_off(&self) -> Markup {
        let words: Vec<&str> = self.off.iter().map(|it| channel_words(*it)).collect();
        html! {
            @if !words.is_empty() {
                p.soft {
                    "Switched off in "
                    @if self.is_superuser { a href=(system_settings::PATH) { "System Settings" } } @else { "System Settings" }
                    ": " (words.join(", ")) ". What was chosen for them is kept, and counts again once they are switched on."
                }
            }
        }
    }

    fn limits(&self) -> Markup {
        let field = |name, label, help| self.errors.field(name, label, help);
        let severities = Severity::ALL
            .iter()
            .map(|it| (it.as_str(), it.as_str()))
            .rev();
        html! {
            @if self.scope.has_minimum() {
                (field(
                    "minimum_severity",
                    "Minimum severity",
                    "Where every finding of an event is less severe, this rule adds nothing. Events without findings always pass.",
                ).choice([("", "none: every severity")].into_iter().chain(severities), &self.values.minimum_severity))
            }
            @if self.scope.has_mute() {
                (field(
                    "muted",
                    "Mute this product",
                    "Nothing of it reaches you, whatever other rules say; only what names you still does.",
                ).flag(self.values.muted))
            }
        }
    }
}

/// The head of a column; with a script, a box that ticks all of it.
fn head(channel: Channel) -> Markup {
    html! {
        label {
            input type="checkbox" data-value=(channel) aria-label={ "Every event: " (channel_words(channel)) } hidden;
            " " (channel_words(channel))
        }
    }
}
