//! Names, without the addresses that are refused.

use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Guard;

/// Looks names up as the system does.
#[derive(Clone, Copy, Debug)]
pub struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<_> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Gives a client only addresses that it may connect to. The client connects to what it is
/// given, so nothing changes between the judgement and its use.
#[derive(Clone)]
pub(crate) struct GuardedNames {
    guard: Guard,
    names: Arc<dyn Resolve>,
}

impl GuardedNames {
    pub(crate) const fn new(guard: Guard, names: Arc<dyn Resolve>) -> Self {
        Self { guard, names }
    }
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        let host = name.as_str().to_owned();
        let looking = self.names.resolve(name);
        Box::pin(async move {
            let found: Vec<_> = looking.await?.collect();
            let sifted = guard.sift(found.iter().copied());
            if let Err(refusal) = &sifted {
                // Only here stands what the name resolves to: for whoever runs the service.
                tracing::info!(host, ?found, %refusal, "nothing is sent to a webhook's host");
            }
            Ok(Box::new(sifted?.into_iter()) as Addrs)
        })
    }
}
