//! Whose rule is meant: from the names that people use to the store's ids.

use anyhow::{Context as _, bail};
use proto_events::directory::{RuleScope, Snapshot};

use super::args::Whose;
use crate::people::user;

impl Whose {
    /// The scope that is meant.
    ///
    /// # Errors
    /// If the directory holds nobody and nothing of this name or id.
    pub(super) fn scope(&self, directory: &Snapshot) -> anyhow::Result<RuleScope> {
        if let Some(name) = &self.group {
            let mut named = directory.groups.iter().filter(|group| group.name == *name);
            let group = named.next();
            let group = group
                .with_context(|| format!("no group is called \"{name}\""))?
                .id;
            if named.next().is_some() {
                bail!("several groups are called \"{name}\"");
            }
            return Ok(RuleScope::Group { group });
        }
        let name = self.user.as_deref().unwrap_or_default();
        let user = user(directory, name)?.id;
        Ok(match (self.product, self.product_type) {
            (Some(product), _) => {
                let mut all = directory.products.iter();
                all.find(|known| known.id == product)
                    .with_context(|| format!("there is no product {product}"))?;
                RuleScope::Product { user, product }
            }
            (None, Some(product_type)) => {
                let mut all = directory.product_types.iter();
                all.find(|known| known.id == product_type)
                    .with_context(|| format!("there is no product type {product_type}"))?;
                RuleScope::ProductType { user, product_type }
            }
            (None, None) => RuleScope::Personal { user },
        })
    }
}
