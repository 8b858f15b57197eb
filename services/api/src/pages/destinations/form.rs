//! The form of a destination with a filter.

use maud::{Markup, html};
use proto_events::{Channel, Column, Severity};

use super::told::Names;
use super::written::Written;
use crate::pages::component::complaints;
use crate::refusal::Errors;

/// What the form is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Adding one.
    New,
    /// Changing one of this channel.
    Edit(Channel),
}

/// Channels to choose from.
const CHANNELS: [(Channel, &str); 4] = [
    (Channel::Slack, "Slack: a channel"),
    (Channel::Mail, "mail: an address"),
    (Channel::Msteams, "Teams: a workflow"),
    (Channel::Webhooks, "webhooks: an endpoint"),
];

/// The form; `names` are of the products and types that are ticked.
pub(super) fn form(
    written: &Written,
    names: &Names,
    errors: &Errors,
    purpose: Purpose,
    action: &str,
) -> Markup {
    html! {
        form.card method="post" action=(action) {
            (complaints(errors))
            (place(written, errors, purpose))
            fieldset {
                legend { "What it is told" }
                p.help { "An event must pass every part that is filled in, by any of its words. With nothing filled in, everything that names no recipients goes there." }
                @for error in errors.of("filter") { p.error role="alert" { (error) } }
                (events(written, errors))
                (products(written, names, errors))
                (errors.field("tags", "Tags", "Events about products with one of these tags; a line each.").area(2, &written.tags))
                (severity(written, errors))
            }
            button { @match purpose { Purpose::New => "Add", Purpose::Edit(_) => "Save" } }
        }
    }
}

/// Where it is: all of it for a new one, and what may change of one that is there.
fn place(written: &Written, errors: &Errors, purpose: Purpose) -> Markup {
    let secret = "Whoever knows it may post there: it is kept encrypted, and never shown again.";
    let any = "Mail address, Slack channel, or URL of a webhook endpoint. Empty for Teams.";
    match purpose {
        Purpose::New => html! {
            (errors.field("name", "Name", "Up to 100 characters; no two destinations have the same.").input("text", &written.name))
            (errors.field("channel", "Channel", "").choice(CHANNELS.map(|(channel, words)| (channel.as_str(), words)), &written.channel))
            (errors.field("address", "Address", any).input("text", &written.address))
            (errors.field("msteams_url", "Workflow URL (Teams only)", secret).secret(false))
        },
        Purpose::Edit(Channel::Msteams) => html! {
            // One that is cleared would be a destination without a place, so that there is no box for it.
            (errors.field("msteams_url", "Teams URL", "Write one to replace the present one. It is kept encrypted, and never shown.").input("password", ""))
        },
        Purpose::Edit(Channel::Slack) => html! {
            (errors.field("address", "Slack channel", "By its name or id.").input("text", &written.address))
        },
        Purpose::Edit(Channel::Mail) => html! {
            (errors.field("address", "Mail address", "").input("email", &written.address))
        },
        Purpose::Edit(_) => html! {},
    }
}

fn events(written: &Written, errors: &Errors) -> Markup {
    html! {
        fieldset {
            legend { "Events" }
            div.choices {
                @for column in Column::ALL {
                    label {
                        input type="checkbox" name="events" value=(column.as_str())
                            checked[written.columns.iter().any(|it| it == column.as_str())];
                        " " (column.label())
                    }
                }
            }
            p.help { "“Other” stands for all events without a column of their own." }
            (errors.field("other_events", "Single events", "By name, such as engagement_closed; a line each.").area(2, &written.other_events))
        }
    }
}

fn products(written: &Written, names: &Names, errors: &Errors) -> Markup {
    html! {
        fieldset {
            legend { "Products and product types" }
            @if !written.products.is_empty() {
                div.choices {
                    @for id in &written.products {
                        label { input type="checkbox" name="products" value=(id) checked; " " (names.product(*id)) }
                    }
                }
            }
            (errors.field("more_products", "Add products", "By name or id; a line each.").area(2, &written.more_products))
            @if !written.product_types.is_empty() {
                div.choices {
                    @for id in &written.product_types {
                        label { input type="checkbox" name="product_types" value=(id) checked; " " (names.product_type(*id)) }
                    }
                }
            }
            (errors.field("more_product_types", "Add product types", "Events about their products, or about the types themselves. By name or id; a line each.").area(2, &written.more_product_types))
        }
    }
}

fn severity(written: &Written, errors: &Errors) -> Markup {
    let all = Severity::ALL.map(|severity| (severity.as_str(), severity.as_str()));
    let options = [("", "any severity")].into_iter().chain(all);
    let help =
        "Events with findings count only if one of them is that severe; those without always do.";
    errors
        .field("minimum_severity", "Minimum severity", help)
        .choice(options, &written.minimum_severity)
}
