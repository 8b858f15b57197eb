//! The way to the mail relay, for whoever sends mail and whoever asks whether it could be sent.
//!
//! | module | what it is for |
//! |---|---|
//! | `bounded` | a stream that breaks when the relay talks without end, or out of turn |
//! | `url` | `DD_EMAIL_URL` |
//! | `way` | opening a connection: TLS, greeting, login |

mod bounded;
mod url;
mod way;

pub use crate::url::{EmailUrl, Login, RelayUrl, Security};
pub use crate::way::{OpenError, Way};
