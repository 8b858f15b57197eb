//! Addresses as people entered them.

use lettre::Address;
use lettre::address::AddressError;
use url::Host;

/// Reads an address. Its domain becomes ASCII (RFC 5891), so that only an address whose part
/// before the `@` is not asks the relay for SMTPUTF8.
///
/// # Errors
/// If it is none.
pub fn address(text: &str) -> Result<Address, AddressError> {
    let given: Address = text.trim().parse()?;
    if given.domain().is_ascii() {
        return Ok(given);
    }
    let domain = Host::parse(given.domain()).map_err(|_| AddressError::InvalidDomain)?;
    Address::new(given.user(), domain.to_string())
}
