//! Buttons that ask before they do something that is not undone.

use maud::{Markup, html};

/// A button that asks before it sends a form. `id` is unique on the page.
pub(in crate::pages) fn ask(
    id: &str,
    label: &str,
    question: &str,
    action: &str,
    hidden: &Markup,
) -> Markup {
    ask_about(id, label, label, question, action, hidden)
}

/// As [`ask`], for one of several buttons with the same label: `name` begins with it, and says what it is
/// about to whoever does not see where it stands.
pub(in crate::pages) fn ask_about(
    id: &str,
    label: &str,
    name: &str,
    question: &str,
    action: &str,
    hidden: &Markup,
) -> Markup {
    let answer = html! {
        form method="post" action=(action) {
            (hidden)
            button.danger aria-label=[called(label, name)] { (label) }
            (keep(id))
        }
    };
    question_of(id, label, name, question, &answer)
}

/// A button of the form around it that asks before it sends it, with `value` for `do`.
pub(in crate::pages) fn ask_within(id: &str, label: &str, question: &str, value: &str) -> Markup {
    let answer = html! {
        button name="do" value=(value) { (label) }
        (keep(id))
    };
    question_of(id, label, label, question, &answer)
}

fn question_of(id: &str, label: &str, name: &str, question: &str, answer: &Markup) -> Markup {
    html! {
        button type="button" popovertarget=(id) aria-label=[called(label, name)] { (label) }
        div.question id=(id) popover role="dialog" aria-label=(name) {
            p { (question) }
            (answer)
        }
    }
}

fn keep(id: &str) -> Markup {
    html! { button.quiet type="button" popovertarget=(id) popovertargetaction="hide" { "Keep" } }
}

/// A name that is not the label itself.
fn called<'p>(label: &str, name: &'p str) -> Option<&'p str> {
    (name != label).then_some(name)
}
