//! What people read: an event and a channel become text, card, mail or body. No I/O.
//!
//! In two steps, so that every channel says the same:
//!
//! 1. [`Message::compose`] makes the channel-neutral message: title, sentences from the
//!    catalogue, note, facts, findings, link. What the recipient may not see is taken
//!    away before anything else ([`Context::redacted`]), and what the channel is not to
//!    tell ([`Context::sensitivity`]).
//! 2. A layout writes it down for one channel: [`alert`], [`mail`], [`slack`], [`teams`] (and
//!    [`connector`], for old Teams addresses), [`webhook`]. It cuts to the channel's
//!    limits, and keeps the event's texts what they are: text, never markup.
//!
//! | module | subject |
//! |---|---|
//! | [`templates`] | the catalogue: one file of sentences for each event; operators' own |
//! | [`message`], `digest` | the channel-neutral message; one of several events |
//! | [`layout`] | one file a channel |
//! | [`link`], [`text`] | addresses, and text that is to stay text |
//! | [`sensitivity`] | how much of an event a channel tells |
//! | [`unsubscribe`] | the links that stop somebody's mails |

pub mod layout;
pub mod link;
pub mod message;
pub mod sensitivity;
pub mod templates;
pub mod text;
pub mod unsubscribe;

mod digest;
mod facts;
mod findings;
mod redaction;
mod sample;
mod terms;

use proto_events::Channel;
use proto_events::directory::Settings;

pub use layout::alert::{AlertText, alert};
pub use layout::connector::connector;
pub use layout::mail::{Mail, mail};
pub use layout::slack::slack;
pub use layout::teams::teams;
pub use layout::webhook::webhook;
pub use message::Message;
pub use sample::EVENT as SAMPLE;
pub use sensitivity::Sensitivity;
pub use templates::{MessageError, Templates};
pub use unsubscribe::{Subscription, UnsubscribeTokens};

/// What a message depends on besides the event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Where the message goes; operators may say a thing differently there.
    pub channel: Channel,
    /// DefectDojo's address (`DD_SITE_URL`); events' paths are below it.
    pub site_url: &'a str,
    /// Address of the pages on which people choose what reaches them (`DD_NOTIFY_URL`);
    /// where there are none, DefectDojo's own.
    pub notify_url: &'a str,
    /// Team name and disclaimer are read.
    pub settings: &'a Settings,
    /// The recipient may not view the object: note and finding details stay out.
    pub redacted: bool,
    /// How much the channel tells, whoever reads it.
    pub sensitivity: Sensitivity,
    /// The message goes to a person, not to one of the system's own destinations.
    pub personal: bool,
}
