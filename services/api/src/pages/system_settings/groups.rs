//! The settings, group by group.

use maud::{Markup, html};
use proto_events::{Channel, JobId};
use store::browse::ListedDelivery;

use super::values::Values;
use super::variables;
use crate::config::ApiConfig;
use crate::pages::component::Field;
use crate::pages::{deliveries, sent, templates, webhooks};
use crate::refusal::Errors;

/// The channels that have a group, in its order.
pub(super) const CHANNELS: [Channel; 4] = [
    Channel::Slack,
    Channel::Msteams,
    Channel::Mail,
    Channel::Webhooks,
];

/// What came of a test.
pub(super) struct Tested {
    pub(super) channel: Channel,
    pub(super) outcomes: Vec<(JobId, Option<ListedDelivery>)>,
}

/// Why a channel has no place to send a test to.
pub(super) const fn missing(channel: Channel) -> &'static str {
    match channel {
        Channel::Slack => "set a Slack channel and save first",
        Channel::Msteams => "set the Teams URL and save first",
        Channel::Mail => "set an address that mails go to and save first",
        Channel::Webhooks => "add an endpoint of the system on the Webhooks page first",
        Channel::Alert => "alerts are everybody's own",
    }
}

/// All that the groups are made of.
pub(super) struct Page<'p> {
    pub(super) config: &'p ApiConfig,
    pub(super) values: &'p Values,
    pub(super) errors: &'p Errors,
    pub(super) tested: Option<&'p Tested>,
}

impl Page<'_> {
    /// Every group.
    pub(super) fn all(&self) -> Markup {
        html! {
            (self.slack()) (self.teams()) (self.mail()) (self.webhooks())
            (self.texts()) (self.sla()) (self.engagements()) (self.risk_acceptances())
        }
    }

    fn slack(&self) -> Markup {
        group(
            "Slack",
            &html! {
                (self.flag("enable_slack_notifications", "Enable Slack notifications", ""))
                (self.text("slack_channel", "Channel", "Where the system's messages go, e.g. #security. Up to 100 characters."))
                (self.secret("slack_token", "Token", "Of the Slack app, xoxb-…; kept encrypted, and never shown. Up to 100 characters."))
                (self.text("slack_username", "Username", "The name that messages come from. Up to 100 characters."))
                (self.test(Channel::Slack, "the system's Slack channel"))
            },
        )
    }

    fn teams(&self) -> Markup {
        group(
            "Microsoft Teams",
            &html! {
                (self.flag("enable_msteams_notifications", "Enable Microsoft Teams notifications", ""))
                (self.secret("msteams_url", "Workflow URL", "Of the Teams channel's workflow. Whoever has it can post there, so it is kept like a password. Up to 400 characters."))
                (self.test(Channel::Msteams, "the Teams channel"))
            },
        )
    }

    fn mail(&self) -> Markup {
        group(
            "Mail",
            &html! {
                (self.flag("enable_mail_notifications", "Enable mail notifications", ""))
                (self.text("mail_notifications_to", "Mails of the system go to", "Addresses, separated by commas. Up to 200 characters."))
                (self.text("email_from", "From", "The address, or name and address, that every mail comes from. Up to 200 characters."))
                p.help { "The relay is set where " code { "email-sender" } " is started (" code { "DD_EMAIL_URL" } "); this page does not know it." }
                (self.test(Channel::Mail, "each of the system's addresses"))
            },
        )
    }

    fn webhooks(&self) -> Markup {
        group(
            "Webhooks",
            &html! {
                (self.flag("enable_webhooks_notifications", "Enable webhook notifications", ""))
                (self.number("webhooks_notifications_timeout", "Timeout (seconds)", "How long an endpoint may take to answer.", 1))
                p { "Endpoints are kept, and pinged one by one, on the page " a href=(webhooks::PATH) { "Webhooks" } "." }
                (variables::webhooks(self.config))
                (self.test(Channel::Webhooks, "each endpoint of the system, up to 5"))
            },
        )
    }

    fn texts(&self) -> Markup {
        group(
            "Texts",
            &html! {
                (self.text("team_name", "Team name", "Begins the subjects of mails. Up to 100 characters."))
                (self.field("disclaimer_notifications", "Disclaimer", "Stands below every message. Up to 3,000 characters.").area(4, &self.values.text("disclaimer_notifications")))
                p { "What is said of each event is on the page " a href=(templates::PATH) { "Templates" } "." }
                (variables::texts(self.config))
            },
        )
    }

    fn sla(&self) -> Markup {
        group(
            "SLA of findings",
            &html! {
                (self.flag("enable_finding_sla", "Findings have an SLA", "Without it nobody is told of breaches."))
                (self.flag("enable_notify_sla_active", "Tell of active findings", ""))
                (self.flag("enable_notify_sla_active_verified", "Tell of active findings that somebody verified", ""))
                (self.flag("enable_notify_sla_jira_only", "Only of findings with a JIRA issue", ""))
                (self.flag("enable_notify_sla_exponential_backoff", "After a breach tell ever more rarely", "After 1, 2, 4, 8 … days."))
            },
        )
    }

    fn engagements(&self) -> Markup {
        group(
            "Engagements",
            &html! {
                (self.flag("engagement_auto_close", "Close engagements when their time is over", ""))
                (self.number("engagement_auto_close_days", "Days after the end", "How long they stay open beyond it.", 0))
            },
        )
    }

    fn risk_acceptances(&self) -> Markup {
        group(
            "Risk acceptances",
            &html! {
                (self.number("risk_acceptance_notify_before_expiration", "Tell so many days before they end", "Empty: nobody is told before.", 0))
                (self.number("risk_acceptance_form_default_days", "Days that they last", "Unless somebody says otherwise. Empty: without an end.", 0))
            },
        )
    }

    const fn field<'f>(&'f self, name: &'f str, label: &'f str, help: &'f str) -> Field<'f> {
        self.errors.field(name, label, help)
    }

    fn text(&self, name: &str, label: &str, help: &str) -> Markup {
        self.field(name, label, help)
            .input("text", &self.values.text(name))
    }

    fn number(&self, name: &str, label: &str, help: &str, least: i32) -> Markup {
        let field = self.field(name, label, help);
        field.number(least, i32::MAX, &self.values.text(name))
    }

    fn flag(&self, name: &str, label: &str, help: &str) -> Markup {
        self.field(name, label, help).flag(self.values.is_on(name))
    }

    fn secret(&self, name: &str, label: &str, help: &str) -> Markup {
        self.field(name, label, help)
            .secret(self.values.is_set(name))
    }

    /// The test of a channel, and what came of it.
    fn test(&self, channel: Channel, to: &str) -> Markup {
        let tested = self.tested.filter(|tested| tested.channel == channel);
        html! {
            div.test id={ "test-" (channel) } {
                button.quiet form={ "send-" (channel) } aria-label={ "Send a test message to " (to) } { "Send a test message" }
                span.soft { " to " (to) ", with what is saved" }
                @if let Some(tested) = tested {
                    ul role="status" {
                        @for (job, last) in &tested.outcomes {
                            li { (sent::words(last.as_ref())) " " a href={ (deliveries::PATH) "?job=" (job) } { "See its story" } }
                        }
                    }
                }
            }
        }
    }
}

fn group(title: &str, content: &Markup) -> Markup {
    html! { section.card { h2 { (title) } (content) } }
}
