//! What people look through, page by page, each as far as they may: whose rows are wanted is a
//! part of every filter, so that no list is read whole and cut afterwards.

mod alerts;
mod attempts;
mod deliveries;
mod destinations;
mod endpoint_log;
mod events;
mod labels;
mod people;
mod product_names;
mod products;
mod rules;
mod story;
mod webhooks;

pub use alerts::{AlertCount, ListedAlert};
pub use attempts::ListedDelivery;
pub use deliveries::{DeliveryFilter, Tally};
pub use destinations::{DestinationFilter, ListedDestination};
pub use endpoint_log::Backlog;
pub use events::{EventFilter, EventText, ListedEvent, NewestEvents};
pub use people::PeopleFilter;
pub use products::{ListedProduct, ListedProductType, ProductFilter};
pub use rules::{ListedRule, Named, RuleFilter};
pub use story::{DestinationOf, EventAlert, HeldBack, ParkedJob};
pub use webhooks::{ListedWebhook, WebhookEdit, WebhookFilter};
