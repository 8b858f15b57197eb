//! What is set where the service is started. No variable overrides a setting of this page; these
//! stand beside them, and are shown where they matter.

use maud::{Markup, html};

use crate::config::ApiConfig;

/// A variable, what it is for, and what it is now.
type Variable = (&'static str, &'static str, String);

/// What bounds webhooks.
pub(super) fn webhooks(config: &ApiConfig) -> Markup {
    let endpoint = &config.endpoint;
    let networks = endpoint.webhook_allowed_networks.to_string();
    let proxy = endpoint.webhook_proxy.as_ref();
    table(&[
        (
            "DD_WEBHOOK_ALLOWED_NETWORKS",
            "networks that are not public and get webhooks all the same",
            or_none(networks),
        ),
        (
            "DD_WEBHOOK_PROXY",
            "the proxy that webhooks go through",
            proxy.map_or("none", |_| "set").to_owned(),
        ),
        (
            "DD_DEFECTDOJO_VERSION",
            "the version that requests name",
            endpoint.defectdojo_version.clone(),
        ),
    ])
}

/// What texts hold besides the settings.
pub(super) fn texts(config: &ApiConfig) -> Markup {
    let folder = config.template_dir.as_ref();
    let folder = folder.map(|folder| folder.display().to_string());
    table(&[
        (
            "DD_SITE_URL",
            "DefectDojo's address, where links lead",
            config.site_url.clone(),
        ),
        (
            "DD_NOTIFY_URL",
            "the address of these pages",
            or_none(config.notify_url.clone().unwrap_or_default()),
        ),
        (
            "DD_TEMPLATE_DIR",
            "files that stand above templates of the Templates page",
            or_none(folder.unwrap_or_default()),
        ),
    ])
}

fn or_none(text: String) -> String {
    if text.is_empty() {
        "none".to_owned()
    } else {
        text
    }
}

fn table(variables: &[Variable]) -> Markup {
    html! {
        details.variables {
            summary { "Set by variables of the service" }
            p.help { "As this service was started with them; they are changed there, and each sender has its own." }
            dl {
                @for (name, meaning, value) in variables {
                    div { dt { code { (name) } ": " (meaning) } dd { code { (value) } } }
                }
            }
        }
    }
}
