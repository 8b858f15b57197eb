//! Links that stop somebody's mails of some events with one click, without a login (RFC 8058).
//!
//! A token names a user and rule columns, with an HMAC-SHA256 over both: only who has the key
//! makes one, and whoever reads it learns nothing but these. It never ends, since the link in an
//! old mail is to work, and it gives no right but this one.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proto_events::Column;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;

use crate::link::Site;

/// The path of the pages below `DD_NOTIFY_URL`; the token follows it.
pub const PATH: &str = "/unsubscribe/";

/// What keeps these keys apart from whatever else is made of the same variable.
const PURPOSE: &[u8] = b"dojo-notify unsubscribe 1";

/// Stands between the columns of a token; no column has it in its name.
const AND: &str = "-";

/// What a link stops: one person's mails of events that follow these columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The user.
    pub user: i64,
    /// The columns; of a mail about several events there may be several.
    pub columns: BTreeSet<Column>,
}

impl Subscription {
    /// The columns, as a token names them.
    fn words(&self) -> String {
        let words: Vec<&str> = self.columns.iter().map(|column| column.as_str()).collect();
        words.join(AND)
    }
}

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

    /// The token of a subscription.
    #[must_use]
    pub fn token(&self, of: &Subscription) -> String {
        let words = of.words();
        let signature = hmac::sign(&self.signing, &signed(of.user, &words));
        format!("{}.{words}.{}", of.user, URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a token was made for; none if it was not made here, or names a column that this
    /// release does not know.
    #[must_use]
    pub fn subscription(&self, token: &str) -> Option<Subscription> {
        let (id, rest) = token.split_once('.')?;
        let (words, signature) = rest.split_once('.')?;
        let user: i64 = id.parse().ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let message = signed(user, words);
        let made_here = |key| hmac::verify(key, &message, &signature).is_ok();
        // One spelling for each id: no sign, no leading zero.
        if user.to_string() != id || !(made_here(&self.signing) || self.older.iter().any(made_here))
        {
            return None;
        }
        let columns: Result<BTreeSet<Column>, _> = words.split(AND).map(str::parse).collect();
        let columns = columns.ok()?;
        Some(Subscription { user, columns })
    }

    /// The link that ends a subscription, on the pages at `notify_url` (`DD_NOTIFY_URL`).
    #[must_use]
    pub fn link(&self, notify_url: &str, of: &Subscription) -> String {
        Site::new(notify_url).absolute(&format!("{PATH}{}", self.token(of)))
    }
}

/// What is signed. The id is of a fixed length, so that nothing else reads the same.
fn signed(user: i64, columns: &str) -> Vec<u8> {
    [&user.to_be_bytes()[..], columns.as_bytes()].concat()
}

fn derived(key: &str) -> Option<hmac::Key> {
    let material = Salt::new(HKDF_SHA256, &[]).extract(key.as_bytes());
    let key = material.expand(&[PURPOSE], hmac::HMAC_SHA256).ok()?;
    Some(hmac::Key::from(key))
}
