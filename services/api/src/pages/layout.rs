//! What all pages have.

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::bell::bell;
use super::visitor::Visitor;
use super::{
    alerts, dead_letters, deliveries, destinations, notifications, profile, said, sign_in,
    system_settings, templates, webhooks,
};
use crate::access::Way;

/// Nothing but what this service itself serves, and no script or style within a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A part of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Alerts,
    Notifications,
    Webhooks,
    Deliveries,
    DeadLetters,
    Destinations,
    Templates,
    SystemSettings,
    Profile,
}

impl Section {
    /// The entries of the menu; the profile stands in the corner.
    const MENU: [Self; 8] = [
        Self::Alerts,
        Self::Notifications,
        Self::Webhooks,
        Self::Deliveries,
        Self::DeadLetters,
        Self::Destinations,
        Self::Templates,
        Self::SystemSettings,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Alerts => "Alerts",
            Self::Notifications => "Notifications",
            Self::Webhooks => "Webhooks",
            Self::Deliveries => "Deliveries",
            Self::DeadLetters => "Dead letters",
            Self::Destinations => "Destinations",
            Self::Templates => "Templates",
            Self::SystemSettings => "System Settings",
            Self::Profile => "Profile",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Alerts => alerts::PATH,
            Self::Notifications => notifications::PATH,
            Self::Webhooks => webhooks::PATH,
            Self::Deliveries => deliveries::PATH,
            Self::DeadLetters => dead_letters::PATH,
            Self::Destinations => destinations::PATH,
            Self::Templates => templates::PATH,
            Self::SystemSettings => system_settings::PATH,
            Self::Profile => profile::PATH,
        }
    }

    /// Whether it is for superusers alone.
    const fn is_for_superusers(self) -> bool {
        matches!(
            self,
            Self::DeadLetters | Self::Destinations | Self::Templates | Self::SystemSettings
        )
    }
}

impl Visitor {
    /// A page of a section.
    pub(super) fn page(&self, section: Section, title: &str, content: &Markup) -> Response {
        let body = html! {
            header.top {
                a.brand href="/" { "Dojo Notify" }
                nav aria-label="Main" { ul {
                    @for entry in Section::MENU {
                        @if !entry.is_for_superusers() || self.caller.superuser {
                            li { a href=(entry.path()) aria-current=[(entry == section).then_some("page")] { (entry.label()) } }
                        }
                    }
                } }
                div.corner {
                    @if let Some(count) = self.alerts { (bell(count, self.is_live)) }
                    a.who href=(profile::PATH) aria-current=[(section == Section::Profile).then_some("page")] { (self.caller.username) }
                    @if self.caller.way == Way::Session {
                        form method="post" action=(sign_in::OUT) { button.quiet { "Sign out" } }
                    }
                }
            }
            main #content tabindex="-1" {
                @if let Some(said) = &self.said { p.said role="status" { (said) } }
                (content)
            }
        };
        let mut response = document(title, &body);
        if self.said.is_some() {
            said::forget(&mut response);
        }
        response
    }

    /// As [`Visitor::page`], with a status of its own.
    pub(super) fn answer(
        &self,
        status: StatusCode,
        section: Section,
        title: &str,
        content: &Markup,
    ) -> Response {
        (status, self.page(section, title, content)).into_response()
    }
}

/// A page for somebody who is not known.
pub(super) fn bare(title: &str, content: &Markup) -> Response {
    let body = html! {
        header.top { a.brand href="/" { "Dojo Notify" } }
        main #content tabindex="-1" { (content) }
    };
    document(title, &body)
}

fn document(title: &str, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Dojo Notify" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/app.css";
                script type="module" src="/assets/app.js" {}
                script type="module" src="/assets/bell.js" {}
            }
            body {
                a.skip href="#content" { "Skip to content" }
                (body)
            }
        }
    };
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
    ];
    (headers, page.into_string()).into_response()
}
