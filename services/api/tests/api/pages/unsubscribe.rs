//! The way out of mails.
