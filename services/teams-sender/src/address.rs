//! What a Teams address tells by its form.

use url::Url;

/// What stands behind an address, and so which card it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// A Workflow: takes an adaptive card. Also what stands on a site of one's own.
    Workflow,
    /// A Workflow whose address has the old form (`logic.azure.com`); Microsoft moves these
    /// to `environment.api.powerplatform.com`, and the old ones stop working.
    OldWorkflow,
    /// A Microsoft 365 connector (`webhook.office.com`, `outlook.office.com`): takes a
    /// `MessageCard`. Microsoft is switching them off.
    Connector,
}

/// Domains of connectors.
const CONNECTORS: [&str; 3] = [
    "webhook.office.com",
    "outlook.office.com",
    "outlook.office365.com",
];

/// Domain of Workflows' old addresses.
const OLD_WORKFLOWS: &str = "logic.azure.com";

impl Behind {
    /// What stands behind an address; one that cannot be read is found out by the attempt.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let url = Url::parse(address).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let within = |domain: &str| {
            host.strip_suffix(domain)
                .is_some_and(|name| name.is_empty() || name.ends_with('.'))
        };
        if CONNECTORS.into_iter().any(within) {
            Self::Connector
        } else if within(OLD_WORKFLOWS) {
            Self::OldWorkflow
        } else {
            Self::Workflow
        }
    }

    /// What an operator should know and do, if Microsoft retires such addresses.
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Workflow => None,
            Self::OldWorkflow => Some(
                "this Teams Workflow's address is of a form that Microsoft retires (logic.azure.com); open the Workflow, copy its new address, and set that (docs/teams.md)",
            ),
            Self::Connector => Some(
                "this is the address of a Microsoft 365 connector, which Microsoft switches off; make a Workflow in its place (docs/teams.md)",
            ),
        }
    }
}
