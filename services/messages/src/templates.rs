//! The catalogue, `catalogue/<event>.txt`: what there is to say of each event. And the
//! layout of mails, `layouts/mail.html`.
//!
//! An event's texts are values, never templates: what looks like an expression in them
//! stays the text it is. Catalogue and layouts are apart, so that no event name
//! reaches a layout.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use proto_events::EventName;
use serde::Serialize;

use crate::terms::Terms;
use crate::text;

/// The name of the template for events that have none of their own.
pub const FALLBACK: &str = "other";

/// The layout of a mail's HTML part.
const MAIL: &str = "mail.html";

macro_rules! catalogue {
    ($($event:literal)*) => {
        [$(($event, include_str!(concat!("../catalogue/", $event, ".txt")))),*]
    };
}

/// The built-in templates by event name: DefectDojo's call sites, and `ping`.
const CATALOGUE: [(&str, &str); 40] = catalogue![
    "auto_close_engagement" "close_engagement" "code_review" "endpoint_deleted" "engagement_added"
    "engagement_closed" "engagement_copied" "engagement_deleted" "engagement_reopened" "finding_added"
    "finding_closed" "finding_copied" "finding_deleted" "finding_group_deleted" "finding_reopened"
    "jira_comment" "jira_config_added" "jira_config_deleted" "jira_config_edited" "jira_update" "other"
    "ping" "product_added" "product_deleted" "product_type_added" "product_type_deleted" "review_requested"
    "risk_acceptance_expiration" "scan_added" "scan_added_empty" "sla_breach" "sla_breach_combined"
    "sonarqube_failed" "stale_engagement" "test_added" "test_copied" "test_deleted" "upcoming_engagement"
    "url_deleted" "user_mentioned"
];

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the template {template} is broken{}: {problem}; correct it, or remove it to use the built-in one", at(*.line))]
pub struct MessageError {
    /// Its file name.
    pub template: String,
    /// The line at fault, where it is known.
    pub line: Option<usize>,
    /// What is wrong with it. Never holds an event's text.
    pub problem: String,
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(" at line {line}"))
        .unwrap_or_default()
}

impl MessageError {
    /// An error of the source, told in full.
    fn parsing(template: &str, error: &minijinja::Error) -> Self {
        let detail = error
            .detail()
            .map(|detail| format!(": {detail}"))
            .unwrap_or_default();
        Self {
            problem: format!("{}{detail}", error.kind()),
            ..Self::rendering(template, error)
        }
    }

    /// An error with values; its detail could hold an event's text.
    fn rendering(template: &str, error: &minijinja::Error) -> Self {
        Self {
            template: template.to_owned(),
            line: error.line(),
            problem: error.kind().to_string(),
        }
    }
}

/// The parsed templates; made once, used for every message.
#[derive(Debug)]
pub struct Templates {
    catalogue: Environment<'static>,
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
            layouts: environment(AutoEscape::Html)?,
        };
        for (event, source) in CATALOGUE {
            templates.replace(&format!("{event}.txt"), source.to_owned())?;
        }
        templates.replace(MAIL, include_str!("../layouts/mail.html").to_owned())?;
        Ok(templates)
    }

    /// Puts an operator's template in the place of a built-in one, or adds one for an
    /// event that has none: `<event>.txt` for the catalogue, `mail.html` for mails.
    ///
    /// # Errors
    /// [`MessageError`] if it does not parse or its name is neither.
    pub fn replace(&mut self, file: &str, source: String) -> Result<(), MessageError> {
        let added = if let Some(event) = file.strip_suffix(".txt") {
            self.catalogue.add_template_owned(event.to_owned(), source)
        } else if file == MAIL {
            self.layouts.add_template_owned(MAIL, source)
        } else {
            let problem = format!("its name is neither {MAIL} nor <event>.txt");
            return Err(MessageError {
                template: file.to_owned(),
                line: None,
                problem,
            });
        };
        added.map_err(|error| MessageError::parsing(file, &error))
    }

    /// The sentences of an event, from its own template or the fallback.
    pub(crate) fn sentences(
        &self,
        event: &EventName,
        terms: Terms,
    ) -> Result<String, MessageError> {
        let broken =
            |template: &str, error| MessageError::rendering(&format!("{template}.txt"), &error);
        let template = self
            .catalogue
            .get_template(event.as_str())
            .or_else(|_| self.catalogue.get_template(FALLBACK))
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
