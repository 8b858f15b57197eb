//! What is read first, because objects are put together of it: small beside the rest.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use proto_events::directory::Role;
use proto_events::upstream::SlaConfiguration;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::client::Client;
use super::people::{ApiRole, Contact, GlobalRole};
use super::reading::Reading;
use super::refusal::ApiError;
use super::scheduled::Accepting;

/// What was read first.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// A moment before it was read: what is put together of it is no newer.
    pub(super) asked_at: DateTime<Utc>,
    /// Contact info, by user.
    pub(super) contacts: HashMap<i64, Contact>,
    /// Roles, by id.
    pub(super) roles: HashMap<i64, Role>,
    /// Global roles, by user.
    pub(super) user_roles: HashMap<i64, Role>,
    /// Global roles, by group.
    pub(super) group_roles: HashMap<i64, Role>,
    /// Whether this version lists memberships as resources of their own.
    pub(super) memberships_are_listed: bool,
    /// SLA configurations, by id.
    pub(super) slas: HashMap<i64, SlaConfiguration>,
    /// Engagement and its product, by risk acceptance.
    pub(super) acceptances: HashMap<i64, (i64, i64)>,
}

/// `sla_configurations`.
#[derive(Deserialize)]
struct ApiSla {
    id: i64,
    #[serde(flatten)]
    configuration: SlaConfiguration,
}

impl Lookups {
    /// Reads what users, groups and memberships are put together of.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn read(client: &Client, page_size: u32) -> Result<Self, ApiError> {
        let asked_at = Utc::now();
        let contacts: Vec<Contact> = all(client, "user_contact_infos", page_size).await?;
        let roles: Vec<ApiRole> = all(client, "roles", page_size).await?;
        let given: Vec<GlobalRole> = all(client, "global_roles", page_size).await?;
        let slas: Vec<ApiSla> = all(client, "sla_configurations", page_size).await?;
        let roles: HashMap<i64, Role> = roles
            .iter()
            .filter_map(|role| Some((role.id, role.role()?)))
            .collect();
        let role = |given: &GlobalRole| roles.get(&given.role?).copied();
        Ok(Self {
            asked_at,
            user_roles: given
                .iter()
                .filter_map(|it| Some((it.user?, role(it)?)))
                .collect(),
            group_roles: given
                .iter()
                .filter_map(|it| Some((it.group?, role(it)?)))
                .collect(),
            contacts: contacts.into_iter().map(|it| (it.user, it)).collect(),
            slas: slas
                .into_iter()
                .map(|sla| (sla.id, sla.configuration))
                .collect(),
            memberships_are_listed: client.exists("product_members/?limit=1").await?,
            acceptances: HashMap::new(),
            roles,
        })
    }

    /// Reads which risk acceptance belongs to which engagement: only the engagements say so.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn read_acceptances(
        &mut self,
        client: &Client,
        page_size: u32,
    ) -> Result<(), ApiError> {
        self.asked_at = Utc::now();
        let mut reading = Reading::new("engagements", page_size);
        while let Some(page) = reading.next(client).await? {
            for engagement in parsed::<Accepting>(page.results) {
                let belongs = (engagement.id, engagement.product);
                let acceptances = engagement.risk_acceptance.into_iter();
                self.acceptances.extend(acceptances.map(|id| (id, belongs)));
            }
        }
        Ok(())
    }
}

/// All objects of a list; none where this version has no such list.
pub(super) async fn all<T: DeserializeOwned>(
    client: &Client,
    path: &'static str,
    page_size: u32,
) -> Result<Vec<T>, ApiError> {
    let mut reading = Reading::new(path, page_size);
    let mut objects = Vec::new();
    loop {
        match reading.next(client).await {
            Ok(Some(page)) => objects.extend(parsed(page.results)),
            Ok(None) => return Ok(objects),
            Err(ApiError::Missing { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
    }
}

/// Those that are what is expected. What is not is left out: a user without contact info is
/// better than none.
fn parsed<T: DeserializeOwned>(from: Vec<serde_json::Value>) -> impl Iterator<Item = T> {
    from.into_iter()
        .filter_map(|value| match T::deserialize(&value) {
            Ok(object) => Some(object),
            Err(error) => {
                tracing::warn!(%error, "an object of DefectDojo's is passed over");
                None
            }
        })
}
