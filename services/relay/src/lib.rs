//! The way to the mail relay, for whoever sends mail and whoever asks whether it could be sent.
//!
//! | module | what it is for |
//! |---|---|
//! | `url` | `DD_EMAIL_URL` |
//! | `way` | opening a connection: TLS, greeting, login |

mod url;
mod way;

pub use crate::url::{EmailUrl, Login, RelayUrl, Security};
pub use crate::way::Way;
