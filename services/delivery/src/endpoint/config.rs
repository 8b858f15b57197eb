//! The variables that requests to endpoints depend on.

use clap::Args;
use secrecy::SecretString;

use crate::guard::Guard;
use crate::guard::allowed::{Networks, Ports};

/// How endpoints are reached.
#[derive(Clone, Debug, Default, Args)]
pub struct EndpointConfig {
    /// Networks that are not public and get webhooks all the same, separated by commas, e.g.
    /// 10.1.0.0/16,fd12::/64 [default: none]
    #[arg(
        long,
        env = "DD_WEBHOOK_ALLOWED_NETWORKS",
        default_value = "",
        hide_default_value = true
    )]
    pub webhook_allowed_networks: Networks,
    /// Ports that webhooks go to, separated by commas, e.g. 443,8000-8999 [default: all]
    #[arg(
        long,
        env = "DD_WEBHOOK_ALLOWED_PORTS",
        default_value = "",
        hide_default_value = true
    )]
    pub webhook_allowed_ports: Ports,
    /// HTTP proxy that webhooks go through; it looks names up, so it has to refuse private
    /// addresses. HTTPS_PROXY and the like do not count for webhooks [default: none]
    #[arg(long, env = "DD_WEBHOOK_PROXY", hide_env_values = true)]
    pub webhook_proxy: Option<SecretString>,
    /// Version of DefectDojo, for the User-Agent of requests
    #[arg(long, env = "DD_DEFECTDOJO_VERSION", default_value = "3.2.0")]
    pub defectdojo_version: String,
}

impl EndpointConfig {
    /// The guard with the exceptions of this configuration.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard::new(
            self.webhook_allowed_networks.clone(),
            self.webhook_allowed_ports.clone(),
        )
    }
}
