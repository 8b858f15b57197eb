//! The organisation "Hafenwerk": who exists, who may see what, who wants what.

use anyhow::Context;
use proto_events::directory::{
    Group, GroupMember, Membership, Product, ProductType, Rule, Settings, User,
};
use secrecy::SecretString;
use serde::Deserialize;
use store::{NewRule, NewWebhook, Store};

use crate::stage::Receivers;

const HAFENWERK: &str = include_str!("../../demo/directory.json");

/// The Slack token; the receivers take any.
const SLACK_TOKEN: &str = "xoxb-local-demo";

/// A directory in the contract's terms, as a data file holds it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// System Settings.
    pub settings: Settings,
    /// Users.
    pub users: Vec<User>,
    /// Product types.
    pub product_types: Vec<ProductType>,
    /// Products.
    pub products: Vec<Product>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Who is in which group.
    pub group_members: Vec<GroupMember>,
    /// Memberships of products and product types.
    pub memberships: Vec<Membership>,
    /// Rules of every scope.
    pub rules: Vec<Rule>,
    /// Webhook endpoints.
    pub webhooks: Vec<Webhook>,
}

/// A webhook endpoint at the local receiver.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The endpoint's unique name.
    pub name: String,
    /// What the receiver calls it.
    pub hook: String,
    /// The user it belongs to; none: the system's.
    #[serde(default)]
    pub owner: Option<i64>,
    /// A header that every request carries.
    #[serde(default)]
    pub header_name: Option<String>,
    /// That header's value.
    #[serde(default)]
    pub header_value: Option<String>,
    /// Whether a person switched it off.
    #[serde(default)]
    pub switched_off: bool,
}

impl Directory {
    /// The demo's own.
    ///
    /// # Errors
    /// If its file is not in the contract's terms.
    pub fn hafenwerk() -> anyhow::Result<Self> {
        serde_json::from_str(HAFENWERK).context("in demo/directory.json")
    }

    /// The username of a user.
    #[must_use]
    pub fn username(&self, id: i64) -> Option<&str> {
        let user = self.users.iter().find(|user| user.id == id)?;
        Some(&user.username)
    }

    /// Writes everything to the database; Teams and webhooks lead to the receivers.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn load(&self, store: &Store, receivers: &Receivers) -> anyhow::Result<()> {
        store.put_product_types(&self.product_types).await?;
        store.put_products(&self.products).await?;
        store.put_groups(&self.groups).await?;
        store.put_users(&self.users).await?;
        store.put_group_members(&self.group_members).await?;
        store.put_memberships(&self.memberships).await?;
        let rules: Vec<NewRule> = self
            .rules
            .iter()
            .map(|rule| NewRule {
                scope: rule.scope,
                channels: rule.channels,
            })
            .collect();
        store.put_rules(&rules).await?;
        store.put_settings(&self.settings).await?;
        let token = SecretString::from(SLACK_TOKEN);
        let teams = SecretString::from(receivers.teams_url());
        store
            .put_settings_secrets(Some(&token), Some(&teams))
            .await?;
        for webhook in &self.webhooks {
            webhook.load(store, receivers).await?;
        }
        Ok(())
    }
}

impl Webhook {
    async fn load(&self, store: &Store, receivers: &Receivers) -> anyhow::Result<()> {
        let id = store
            .put_webhook(&NewWebhook {
                name: self.name.clone(),
                url: receivers.hook_url(&self.hook),
                header_name: self.header_name.clone(),
                header_value: self.header_value.clone().map(SecretString::from),
                owner: self.owner,
            })
            .await?;
        if self.switched_off {
            store.switch_off_webhook(id).await?;
        }
        Ok(())
    }
}
