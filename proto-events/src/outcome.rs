//! What became of an attempt: one closed vocabulary for retry, ledger, header and metric label.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The result of one delivery attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It arrived, or was accepted.
    Delivered(Receipt),
    /// It did not, but may later.
    Retry {
        /// What went wrong.
        reason: Reason,
        /// What was seen, for the ledger: no secret, no personal data.
        detail: String,
        /// How long the receiver asked us to wait.
        after: Option<Duration>,
    },
    /// It never will.
    Rejected {
        /// What went wrong.
        reason: Reason,
        /// What was seen, for the ledger: no secret, no personal data.
        detail: String,
    },
}

impl Outcome {
    /// It may succeed later; the receiver named no time.
    #[must_use]
    pub fn retry(reason: Reason, detail: impl Into<String>) -> Self {
        Self::Retry {
            reason,
            detail: detail.into(),
            after: None,
        }
    }

    /// It never will.
    #[must_use]
    pub fn rejected(reason: Reason, detail: impl Into<String>) -> Self {
        Self::Rejected {
            reason,
            detail: detail.into(),
        }
    }
}

/// What a receiver gave back for a message it took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Taken, but nobody said that it arrived (Teams' 202).
    pub accepted_only: bool,
    /// The receiver's own identifier of the message.
    pub provider_id: Option<String>,
    /// The protocol's status, e.g. 200 or 250.
    pub status: Option<u16>,
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every word of the vocabulary.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word on the wire, in the database and in metric labels.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
                    .ok_or_else(|| UnknownWord(text.to_owned()))
            }
        }
    };
}

/// A text outside the vocabulary.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a word of this vocabulary")]
pub struct UnknownWord(pub String);

words! {
    /// Why an attempt did not succeed, or a message was given up.
    Reason {
        /// The receiver did not answer in time.
        Timeout = "timeout",
        /// No connection, or it broke.
        Connection = "connection",
        /// The name did not resolve.
        Dns = "dns",
        /// TLS failed: certificate, protocol.
        Tls = "tls",
        /// The receiver is asking us to slow down.
        RateLimited = "rate_limited",
        /// The receiver has a fault of its own (5xx, SMTP 4yz).
        ReceiverError = "receiver_error",
        /// The answer made no sense.
        BadResponse = "bad_response",
        /// The receiver pointed elsewhere; redirects are not followed.
        Redirected = "redirected",
        /// Our credentials are missing, wrong or without the right.
        Unauthorized = "unauthorized",
        /// The receiver refuses this message, and would again.
        Refused = "refused",
        /// The endpoint refuses what it is sent, whatever that is.
        EndpointRefuses = "endpoint_refuses",
        /// The receiver says that it is gone.
        EndpointGone = "endpoint_gone",
        /// The endpoint is not in use.
        EndpointInactive = "endpoint_inactive",
        /// The endpoint is not in use, and so many of its jobs lie in the dead letters already
        /// that this one was not kept.
        NotKept = "not_kept",
        /// The person or destination does not exist any more, or has no address.
        RecipientGone = "recipient_gone",
        /// The address is none.
        InvalidAddress = "invalid_address",
        /// The address leads to a network or port to which nothing may be sent.
        AddressRefused = "address_refused",
        /// The channel lacks a setting, such as a token.
        NotConfigured = "not_configured",
        /// Too large for the receiver.
        TooLarge = "too_large",
        /// The message cannot be read.
        Unreadable = "unreadable",
        /// The message is of a newer major version.
        NewerVersion = "newer_version",
        /// Tried until its time was over.
        Expired = "expired",
        /// Crashed its reader again and again; the broker gave it up.
        DeliveryLimit = "delivery_limit",
        /// A fault of ours.
        Internal = "internal",
    }
}

words! {
    /// Where a delivery stands, as the ledger tells it.
    State {
        /// An attempt is under way.
        Claimed = "claimed",
        /// The last attempt failed; another will come.
        Retrying = "retrying",
        /// It arrived.
        Delivered = "delivered",
        /// Taken by the receiver, which does not say whether it arrived.
        Accepted = "accepted",
        /// Finally given up.
        Dead = "dead",
    }
}
