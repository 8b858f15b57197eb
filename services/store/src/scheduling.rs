//! What the scheduler keeps and reads.
//!
//! | module | what it is for |
//! |---|---|
//! | [`lease`] | which replica acts |
//! | [`progress`] | how far each job has come |
//! | [`told`] | what was told already |
//! | [`settings`] | System Settings whole |
//! | [`engagements`], [`sla`], [`risk_acceptances`] | what is to be told of |
//! | [`held`] | jobs that wait for a digest, or for the end of quiet hours |
//! | [`alerts`], [`webhooks`], [`retention`] | what is to be cleaned up |

pub mod alerts;
pub mod engagements;
pub mod held;
pub mod lease;
pub mod progress;
pub mod retention;
pub mod risk_acceptances;
pub mod settings;
pub mod sla;
pub mod told;
pub mod webhooks;
