//! What people look through, page by page, each as far as they may: whose rows are wanted is a
//! part of every filter, so that no list is read whole and cut afterwards.

mod alerts;
mod deliveries;
mod destinations;
mod events;
mod people;
mod products;
mod rules;
mod webhooks;

pub use alerts::ListedAlert;
pub use deliveries::{DeliveryFilter, ListedDelivery};
pub use destinations::{DestinationFilter, ListedDestination};
pub use events::{EventFilter, ListedEvent};
pub use people::PeopleFilter;
pub use products::{ListedProduct, ListedProductType, ProductFilter};
pub use rules::{Named, RuleFilter};
pub use webhooks::{ListedWebhook, WebhookEdit, WebhookFilter};
