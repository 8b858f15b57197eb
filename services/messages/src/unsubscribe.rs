//! Links that stop somebody's mails with one click, without a login (RFC 8058).
//!
//! A token is a user's id and an HMAC-SHA256 over it: only who has the key makes one, and
//! whoever reads it learns nothing but the id. It never ends, since the link in an old mail
//! is to work, and it gives no right but this one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;

use crate::link::Site;

/// The path of the pages below `DD_NOTIFY_URL`; the token follows it.
pub const PATH: &str = "/unsubscribe/";

/// What keeps these keys apart from whatever else is made of the same variable.
const PURPOSE: &[u8] = b"dojo-notify unsubscribe 1";

/// Makes and reads the tokens.
#[derive(Clone, Debug)]
pub struct UnsubscribeTokens {
    signing: hmac::Key,
    /// Those before a change of keys: links in older mails go on working.
    older: Vec<hmac::Key>,
}

impl UnsubscribeTokens {
    /// The tokens of an installation, from what `DD_CREDENTIAL_AES_256_KEY` says: the first
    /// key of the list signs, each of them is accepted. No key, no tokens.
    ///
    /// Keys are derived (HKDF, RFC 5869) from the text of each key as it is written there,
    /// so that no token tells anything of the key that secrets are encrypted with.
    #[must_use]
    pub fn from_keys(list: &str) -> Option<Self> {
        let mut keys = list
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .filter_map(derived);
        Some(Self {
            signing: keys.next()?,
            older: keys.collect(),
        })
    }

    /// The token of a user.
    #[must_use]
    pub fn token(&self, user: i64) -> String {
        let signature = hmac::sign(&self.signing, &user.to_be_bytes());
        format!("{user}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The user a token was made for; none if it was not made here.
    #[must_use]
    pub fn user(&self, token: &str) -> Option<i64> {
        let (id, signature) = token.split_once('.')?;
        let user: i64 = id.parse().ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let made_here = |key| hmac::verify(key, &user.to_be_bytes(), &signature).is_ok();
        // One spelling for each id: no sign, no leading zero.
        (user.to_string() == id && (made_here(&self.signing) || self.older.iter().any(made_here)))
            .then_some(user)
    }

    /// The link that stops a user's mails, on the pages at `notify_url` (`DD_NOTIFY_URL`).
    #[must_use]
    pub fn link(&self, notify_url: &str, user: i64) -> String {
        Site::new(notify_url).absolute(&format!("{PATH}{}", self.token(user)))
    }
}

fn derived(key: &str) -> Option<hmac::Key> {
    let material = Salt::new(HKDF_SHA256, &[]).extract(key.as_bytes());
    let key = material.expand(&[PURPOSE], hmac::HMAC_SHA256).ok()?;
    Some(hmac::Key::from(key))
}
