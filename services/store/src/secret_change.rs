//! What a person does with a secret that they cannot read.

use secrecy::SecretString;

use crate::error::StoreError;
use crate::store::Store;
use crate::vault::Cell;

/// What is to become of a secret.
#[derive(Clone, Debug)]
pub enum SecretChange {
    /// It stays as it is.
    Leave,
    /// It is forgotten.
    Clear,
    /// It is replaced.
    Set(SecretString),
}

impl From<Option<&SecretString>> for SecretChange {
    fn from(secret: Option<&SecretString>) -> Self {
        secret.map_or(Self::Clear, |secret| Self::Set(secret.clone()))
    }
}

impl Store {
    /// The parameters of a statement: whether the cell stays, and else what is to stand in it.
    pub(crate) fn sealed(
        &self,
        cell: Cell,
        change: &SecretChange,
    ) -> Result<(bool, Option<Vec<u8>>), StoreError> {
        Ok(match change {
            SecretChange::Leave => (true, None),
            SecretChange::Clear => (false, None),
            SecretChange::Set(secret) => (false, Some(self.vault.seal(cell, secret)?)),
        })
    }
}
