//! What is wrong with a template.

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
    pub(super) fn parsing(template: &str, error: &minijinja::Error) -> Self {
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
    pub(super) fn rendering(template: &str, error: &minijinja::Error) -> Self {
        Self {
            template: template.to_owned(),
            line: error.line(),
            problem: error.kind().to_string(),
        }
    }
}
