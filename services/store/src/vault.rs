//! Secrets at rest: AES-256-GCM, bound to the cell they stand in.
//!
//! A sealed value is the key's id (4 bytes), the nonce (12 bytes), the ciphertext and its
//! tag. Table, column and row id are authenticated with it, so that a value copied to
//! another row cannot be read there.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};

use crate::error::StoreError;

const VARIABLE: &str = "DD_CREDENTIAL_AES_256_KEY";
const KEY_LEN: usize = 32;
const KEY_ID_LEN: usize = 4;

/// Why a secret cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no key.
    #[error(
        "{0} is kept encrypted, but {VARIABLE} is not set; make a key with `openssl rand -base64 32` and give the same to every service"
    )]
    NoKey(Cell),
    /// It was encrypted with a key that is not among ours.
    #[error(
        "{0} was encrypted with a key that {VARIABLE} does not hold; add that key behind the present one, separated by a comma, or set the secret anew"
    )]
    OtherKey(Cell),
    /// It is not what was written there.
    #[error("{0} is damaged or was copied from another row; set the secret anew")]
    Damaged(Cell),
    /// The system gives no random numbers.
    #[error("{0} cannot be encrypted: the system gives no random numbers")]
    NoRandomness(Cell),
}

/// The cell a secret stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its table.
    pub table: &'static str,
    /// Its column.
    pub column: &'static str,
    /// The row's id.
    pub row: i64,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of row {}", self.table, self.column, self.row)
    }
}

/// The keys. The first one encrypts, all decrypt.
pub(crate) struct Vault {
    keys: Vec<Key>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({} keys)", self.keys.len())
    }
}

struct Key {
    id: [u8; KEY_ID_LEN],
    key: LessSafeKey,
}

impl Vault {
    /// Reads the keys of `DD_CREDENTIAL_AES_256_KEY`; none is a vault that stays shut.
    pub(crate) fn new(keys: Option<&SecretString>) -> Result<Self, StoreError> {
        let list = keys.map_or("", |keys| keys.expose_secret()).trim();
        let keys = if list.is_empty() {
            Ok(Vec::new())
        } else {
            list.split(',')
                .enumerate()
                .map(|(index, text)| Key::read(text.trim()).ok_or(index + 1))
                .collect()
        };
        keys.map(|keys| Self { keys }).map_err(|position| StoreError::Config {
            variable: VARIABLE,
            problem: format!(
                "key {position} of the list is not 32 bytes as base64 or as 64 hex digits; make one with `openssl rand -base64 32`"
            ),
        })
    }

    /// Encrypts a secret for its cell.
    pub(crate) fn seal(&self, cell: Cell, secret: &SecretString) -> Result<Vec<u8>, VaultError> {
        let Key { id, key } = self.keys.first().ok_or(VaultError::NoKey(cell))?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| VaultError::NoRandomness(cell))?;
        let mut text = secret.expose_secret().as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), cell.aad(), &mut text)
            .map_err(|_| VaultError::Damaged(cell))?;
        Ok([id.as_slice(), &nonce, &text].concat())
    }

    /// Whether a value was encrypted with the newest key; none has to be there.
    pub(crate) fn is_newest(&self, sealed: &[u8]) -> bool {
        self.keys
            .first()
            .is_some_and(|key| sealed.starts_with(&key.id))
    }

    /// Encrypts what a cell holds anew, with the newest key.
    pub(crate) fn reseal(&self, cell: Cell, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.seal(cell, &self.open(cell, sealed)?)
    }

    /// Decrypts what a cell holds.
    pub(crate) fn open(&self, cell: Cell, sealed: &[u8]) -> Result<SecretString, VaultError> {
        if self.keys.is_empty() {
            return Err(VaultError::NoKey(cell));
        }
        let damaged = || VaultError::Damaged(cell);
        let (id, rest) = sealed
            .split_first_chunk::<KEY_ID_LEN>()
            .ok_or_else(damaged)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
        let Key { key, .. } = self
            .keys
            .iter()
            .find(|key| key.id == *id)
            .ok_or(VaultError::OtherKey(cell))?;
        let mut text = text.to_vec();
        let opened = key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), cell.aad(), &mut text)
            .map_err(|_| damaged())?;
        std::str::from_utf8(opened)
            .map(SecretString::from)
            .map_err(|_| damaged())
    }
}

impl Cell {
    fn aad(self) -> Aad<Vec<u8>> {
        Aad::from(format!("{}.{}.{}", self.table, self.column, self.row).into_bytes())
    }
}

impl Key {
    fn read(text: &str) -> Option<Self> {
        let bytes = hex(text).or_else(|| STANDARD.decode(text).ok())?;
        let bytes: [u8; KEY_LEN] = bytes.try_into().ok()?;
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&digest(&SHA256, &bytes).as_ref()[..KEY_ID_LEN]);
        let key = UnboundKey::new(&AES_256_GCM, &bytes).ok()?;
        Some(Self {
            id,
            key: LessSafeKey::new(key),
        })
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * KEY_LEN || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..KEY_LEN)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok())
        .collect()
}
