//! Signatures of requests, as Standard Webhooks has them (standardwebhooks.com): HMAC-SHA256
//! over `id.timestamp.body`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{self, HMAC_SHA256};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};

/// How a secret begins, so that people know one when they see it.
const PREFIX: &str = "whsec_";

/// How many bytes a secret may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// How many bytes a new secret has.
const NEW_LENGTH: usize = 32;

/// A text that is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is whsec_ and 24 to 64 bytes in base64")]
pub struct NoSecret;

/// What requests are signed with. Shows nothing of it.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    /// The key of a secret.
    ///
    /// # Errors
    /// If the text is none.
    pub fn read(secret: &SecretString) -> Result<Self, NoSecret> {
        let text = secret
            .expose_secret()
            .strip_prefix(PREFIX)
            .ok_or(NoSecret)?;
        let bytes = STANDARD.decode(text).map_err(|_| NoSecret)?;
        if !LENGTHS.contains(&bytes.len()) {
            return Err(NoSecret);
        }
        Ok(Self(hmac::Key::new(HMAC_SHA256, &bytes)))
    }

    /// A new secret; none if the system gives no random numbers.
    #[must_use]
    pub fn new_secret() -> Option<SecretString> {
        let mut bytes = [0; NEW_LENGTH];
        SystemRandom::new().fill(&mut bytes).ok()?;
        Some(format!("{PREFIX}{}", STANDARD.encode(bytes)).into())
    }

    /// The signature of a message.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut signing = hmac::Context::with_key(&self.0);
        signing.update(format!("{id}.{timestamp}.").as_bytes());
        signing.update(body);
        format!("v1,{}", STANDARD.encode(signing.sign()))
    }
}
