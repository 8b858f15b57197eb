//! PostgreSQL: all SQL of the workspace, and secrets at rest.
//!
//! Every query is checked against the schema when it is compiled; the descriptions in
//! `.sqlx` stand for a database (`services/store/queries update` writes them).
//! Two shapes of grouped write occur. The directory comes as rows of JSON, in the
//! contract's own form; what happens per message (claims, outcomes, alerts, events)
//! comes as arrays, the fastest way into PostgreSQL short of COPY.
//!
//! | module | tables |
//! |---|---|
//! | [`directory`] | users, product types, products, groups, memberships |
//! | [`snapshot`] | the directory's rows: all, or those that changed |
//! | [`change_log`] | which rows changed since a moment; pruning it; being woken by it |
//! | [`sync`] | changes of the directory, and what the scheduler reads |
//! | [`rules`] | rules |
//! | [`mail_stop`] | rules that send somebody mails, and the way out of them |
//! | [`templates`] | templates that people wrote |
//! | [`timetables`] | when people and destinations want to hear |
//! | [`settings`] | system settings |
//! | [`webhooks`], [`webhook_endpoint`], [`webhook_secrets`] | webhook endpoints, and what their requests are signed with |
//! | [`choices`] | the three above, as they stand upstream |
//! | [`import`] | the directory as one table, and how far an import has come |
//! | [`destinations`] | where jobs go |
//! | [`surroundings`] | what jobs find there when they are about to be attempted |
//! | [`named`] | those of them that have a filter, as people keep them |
//! | [`endpoint_states`] | what outcomes make of webhook endpoints |
//! | [`alerts`] | in-app alerts, and whose became more or fewer |
//! | [`events`] | one row an event: what was decided |
//! | [`ledger`] | one row an attempt |
//! | [`condition`] | server, rights and secrets, as a doctor looks at them |
//! | [`deliveries`] | decisions, attempts and lines, as an operator follows them |
//! | [`dead_letters`] | what was given up |
//! | [`parking`] | jobs that wait in their destination's line |
//! | [`pauses`] | who is left alone until when, and how often somebody is tried |
//! | [`holds`] | channels that a person holds |
//! | [`rekey`] | every secret, encrypted anew |
//! | [`scheduling`] | what the scheduler keeps, reads and cleans up |
//! | [`slack`] | people who were looked up in Slack, threads there |
//! | [`settlement`] | what is written of a group of messages, over the four above |
//! | [`tokens`], [`sessions`] | tokens of the API, and browsers that signed in with one |
//! | [`browse`], [`pages`] | what people look through, page by page |
//! | [`account`] | sums over all of them |
//! | [`survey`] | figures over what waits, rests and was given up |
//! | [`review`] | decisions and dead letters, read back |
//! | [`scratch`] | databases for tests |

pub mod account;
pub mod alerts;
pub mod browse;
pub mod change_log;
pub mod choices;
pub mod condition;
pub mod config;
pub mod dead_letters;
pub mod deliveries;
pub mod destinations;
pub mod directory;
pub mod endpoint_states;
pub mod error;
pub mod events;
pub mod holds;
pub mod import;
pub mod ledger;
mod listen;
pub mod mail_stop;
pub mod named;
pub mod pages;
pub mod parking;
pub mod pauses;
pub mod rekey;
pub mod review;
mod rows;
mod rule_words;
pub mod rules;
pub mod scheduling;
pub mod schema;
pub mod scratch;
pub mod secret_change;
pub mod sessions;
pub mod settings;
pub mod settlement;
pub mod slack;
pub mod snapshot;
mod store;
pub mod surroundings;
pub mod survey;
pub mod sync;
pub mod templates;
pub mod timetables;
pub mod tokens;
mod unknown;
pub mod vault;
pub mod webhook_endpoint;
pub mod webhook_review;
pub mod webhook_secrets;
pub mod webhooks;

pub use account::{Account, LedgerEntry};
pub use alerts::{AlertNews, AlertsWritten, NewAlert, Whose};
pub use change_log::{DirectoryReader, Moment, News, WakeUps};
pub use choices::{ChoicesMade, SystemSettings, UpstreamWebhook};
pub use condition::Condition;
pub use config::StoreConfig;
pub use dead_letters::{
    DeadLetter, Kind, LetterCount, LetterFilter, LetterHead, Order, Resolution, Standing,
};
pub use deliveries::{Decision, Delivery, JobFilter};
pub use destinations::{Endpoint, Place};
pub use endpoint_states::EndpointNews;
pub use error::StoreError;
pub use events::EventRecord;
pub use holds::Hold;
pub use import::{ImportProgress, StoredObject};
pub use ledger::{Attempt, Claim, Finished};
pub use mail_stop::StillMailing;
pub use named::{NamedDestination, NewDestination, NewPlace, Overseen};
pub use pages::{Change, Page, Window};
pub use parking::{Letter, Parked, Taken, Turn};
pub use pauses::{Pause, Slots};
pub use rekey::{Rekeyed, SealedSecret};
pub use review::{DecidedEvent, FiledLetter, ShownAlert};
pub use rules::NewRule;
pub use schema::{create_database, drop_database};
pub use scratch::Scratch;
pub use secret_change::SecretChange;
pub use settings::DeliverySettings;
pub use settlement::Settlement;
pub use slack::{SlackLookup, SlackThread};
pub use store::Store;
pub use surroundings::Surroundings;
pub use survey::{ParkedJobs, Survey};
pub use sync::Fate;
pub use templates::StoredTemplate;
pub use tokens::{Identity, ListedToken};
pub use vault::VaultError;
pub use webhook_review::{ReviewedWebhook, WebhookTransition};
pub use webhooks::NewWebhook;
