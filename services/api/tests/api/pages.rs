//! Pages, as a browser sees them.

mod alerts;
mod bell;
mod coming_in;
mod controls;
mod dead_letters;
mod deliveries;
mod destinations;
mod events;
mod links;
mod lists;
mod many_bells;
mod notifications;
mod profile;
mod sign_in;
mod system_settings;
mod templates;
mod unsubscribe;
mod webhooks;
