//! The catalogue, `catalogue/<event>.txt`: what there is to say of each event. And the
//! layout of mails, `layouts/mail.html`.
//!
//! An event's texts are values, never templates: what looks like an expression in them
//! stays the text it is. Catalogue and layouts are apart, so that no event name
//! reaches a layout.

mod error;
mod place;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use proto_events::{Channel, EventName};
use serde::Serialize;

pub use self::error::MessageError;
use self::place::{MAIL, Place};
use crate::message::Message;
use crate::terms::{self, Terms};
use crate::{layout, sample, text};

/// The name of the template for events that have none of their own.
pub const FALLBACK: &str = "other";

/// How many steps a template may take: a loop without end must not stop a sender.
const FUEL: u64 = 500_000;

macro_rules! catalogue {
    ($($event:literal)*) => {
        [$(($event, include_str!(concat!("../catalogue/", $event, ".txt")))),*]
    };
}

/// The built-in templates by event name: DefectDojo's call sites, `ping` and `digest`.
const CATALOGUE: [(&str, &str); 41] = catalogue![
    "auto_close_engagement" "close_engagement" "code_review" "digest" "endpoint_deleted" "engagement_added"
    "engagement_closed" "engagement_copied" "engagement_deleted" "engagement_reopened" "finding_added"
    "finding_closed" "finding_copied" "finding_deleted" "finding_group_deleted" "finding_reopened"
    "jira_comment" "jira_config_added" "jira_config_deleted" "jira_config_edited" "jira_update" "other"
    "ping" "product_added" "product_deleted" "product_type_added" "product_type_deleted" "review_requested"
    "risk_acceptance_expiration" "scan_added" "scan_added_empty" "sla_breach" "sla_breach_combined"
    "sonarqube_failed" "stale_engagement" "test_added" "test_copied" "test_deleted" "upcoming_engagement"
    "url_deleted" "user_mentioned"
];

/// The name of a template that is for one channel. No event's name is like it in
/// another channel, since no channel's name holds a slash.
fn within(channel: Channel, event: &str) -> String {
    format!("{channel}/{event}")
}

/// The parsed templates.
#[derive(Clone, Debug)]
pub struct Templates {
    catalogue: Environment<'static>,
    /// What operators say differently in one channel, by [`within`].
    channels: Environment<'static>,
    layouts: Environment<'static>,
}

impl Templates {
    /// The built-in templates.
    ///
    /// # Errors
    /// [`MessageError`] if one does not parse; a test sees to it that they do.
    pub fn built_in() -> Result<Self, MessageError> {
        let mut templates = Self {
            catalogue: environment(AutoEscape::None)?,
            channels: environment(AutoEscape::None)?,
            layouts: environment(AutoEscape::Html)?,
        };
        for (event, source) in CATALOGUE {
            let place = Place::Everywhere(event.to_owned());
            let parsed = templates.put(&place, source.to_owned());
            parsed.map_err(|error| MessageError::parsing(&format!("{event}.txt"), &error))?;
        }
        let parsed = templates.put(
            &Place::Mail,
            include_str!("../layouts/mail.html").to_owned(),
        );
        parsed.map_err(|error| MessageError::parsing(MAIL, &error))?;
        Ok(templates)
    }

    /// Every template in force: the name of its file, and its source. By name.
    #[must_use]
    pub fn in_force(&self) -> Vec<(String, String)> {
        let file = |name: &str| {
            if name == MAIL {
                name.to_owned()
            } else {
                format!("{name}.txt")
            }
        };
        let all = [&self.catalogue, &self.channels, &self.layouts];
        let mut all: Vec<(String, String)> = all
            .into_iter()
            .flat_map(|environment| environment.templates())
            .map(|(name, template)| (file(name), template.source().to_owned()))
            .collect();
        all.sort_unstable();
        all
    }

    /// Whether there is a built-in template for events of this name.
    #[must_use]
    pub fn knows(event: &str) -> bool {
        CATALOGUE.iter().any(|(known, _)| *known == event)
    }

    /// Whether a template's file can be called so.
    #[must_use]
    pub fn can_be_called(file: &str) -> bool {
        Place::of(file).is_some()
    }

    /// The one channel that a file is for; none if it is for all of them.
    #[must_use]
    pub fn only_for(file: &str) -> Option<Channel> {
        match Place::of(file)? {
            Place::Everywhere(_) => None,
            Place::In(channel, _) => Some(channel),
            Place::Mail => Some(Channel::Mail),
        }
    }

    /// The events that a file has the words of; none if it is a layout.
    #[must_use]
    pub fn event_of(file: &str) -> Option<EventName> {
        match Place::of(file)? {
            Place::Everywhere(event) | Place::In(_, event) => Some(EventName::new(&event)),
            Place::Mail => None,
        }
    }

    /// The values that a file may ask for.
    #[must_use]
    pub fn values_of(file: &str) -> &'static [&'static str] {
        match Place::of(file) {
            Some(Place::Mail) => &layout::mail::NAMES,
            _ => &terms::NAMES,
        }
    }

    /// Puts an operator's template in the place of a built-in one, or adds one for an
    /// event that has none: `<event>.txt` for every channel, `<channel>/<event>.txt` for
    /// one, `mail.html` for the layout of mails. It is tried with an event that has
    /// everything; what fails there changes nothing.
    ///
    /// # Errors
    /// [`MessageError`] if its name is none of these, it does not parse, it names a value
    /// that there is not, or it does not render.
    pub fn replace(&mut self, file: &str, source: &str) -> Result<(), MessageError> {
        let broken = |problem: &str| MessageError {
            template: file.to_owned(),
            line: None,
            problem: problem.to_owned(),
        };
        let place = Place::of(file).ok_or_else(|| {
            broken("its name is neither <event>.txt nor <channel>/<event>.txt nor mail.html")
        })?;
        let mut changed = self.clone();
        let parsed = changed.put(&place, source.to_owned());
        parsed.map_err(|error| MessageError::parsing(file, &error))?;
        if let Some(name) = changed.unknown(&place) {
            let line = source.lines().position(|line| line.contains(&name));
            return Err(MessageError {
                line: line.map(|before| before + 1),
                ..broken(&format!("there is no value {name:?}"))
            });
        }
        let mut sample = sample::event().map_err(|error| broken(&error.to_string()))?;
        if let Place::Everywhere(event) | Place::In(_, event) = &place {
            sample.name = EventName::new(event);
        }
        let settings = sample::settings();
        let context = sample::context(place.channel(), &settings);
        let message =
            Message::compose(&changed, &sample, &context).map_err(|error| MessageError {
                template: file.to_owned(),
                ..error
            })?;
        if matches!(place, Place::Mail) {
            layout::mail::mail(&changed, &message)?;
        }
        *self = changed;
        Ok(())
    }

    fn put(&mut self, place: &Place, source: String) -> Result<(), minijinja::Error> {
        match place {
            Place::Everywhere(event) => self.catalogue.add_template_owned(event.clone(), source),
            Place::In(channel, event) => self
                .channels
                .add_template_owned(within(*channel, event), source),
            Place::Mail => self.layouts.add_template_owned(MAIL, source),
        }
    }

    /// A value that a template asks for and that there is not.
    fn unknown(&self, place: &Place) -> Option<String> {
        let (environment, name, names) = match place {
            Place::Everywhere(event) => (&self.catalogue, event.clone(), &terms::NAMES[..]),
            Place::In(channel, event) => {
                (&self.channels, within(*channel, event), &terms::NAMES[..])
            }
            Place::Mail => (&self.layouts, MAIL.to_owned(), &layout::mail::NAMES[..]),
        };
        let template = environment.get_template(&name).ok()?;
        let global = |name: &str| environment.globals().any(|(global, _)| global == name);
        let mut asked: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        asked.sort_unstable();
        asked
            .into_iter()
            .find(|name| !names.contains(&name.as_str()) && !global(name))
    }

    /// The sentences of an event in a channel, from the nearest template there is: that of
    /// channel and event, of the event, of other events in the channel, of other events.
    pub(crate) fn sentences(
        &self,
        event: &EventName,
        channel: Channel,
        terms: Terms,
    ) -> Result<String, MessageError> {
        let broken =
            |template: &str, error| MessageError::rendering(&format!("{template}.txt"), &error);
        let own = |event: &str| self.channels.get_template(&within(channel, event));
        let general = |event: &str| self.catalogue.get_template(event);
        let template = own(event.as_str())
            .or_else(|_| general(event.as_str()))
            .or_else(|_| own(FALLBACK))
            .or_else(|_| general(FALLBACK))
            .map_err(|error| broken(FALLBACK, error))?;
        template
            .render(Value::from(terms))
            .map(|text| text::lines(text.trim()))
            .map_err(|error| broken(template.name(), error))
    }

    /// A mail's HTML part.
    pub(crate) fn mail(&self, values: impl Serialize) -> Result<String, MessageError> {
        let template = self.layouts.get_template(MAIL);
        template
            .and_then(|template| template.render(Value::from(Serde(values))))
            .map_err(|error| MessageError::rendering(MAIL, &error))
    }
}

/// An environment in which tags that stand alone on a line leave no trace.
fn environment(escape: AutoEscape) -> Result<Environment<'static>, MessageError> {
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    let mut environment = Environment::new();
    environment.set_syntax(syntax.map_err(|error| MessageError::parsing("syntax", &error))?);
    environment.set_auto_escape_callback(move |_| escape.clone());
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.add_filter("quoted", quoted);
    Ok(environment)
}

/// A name in quotation marks, after a blank; nothing if there is no name.
fn quoted(name: &Value) -> String {
    if name.is_undefined() {
        String::new()
    } else {
        format!(" “{name}”")
    }
}
