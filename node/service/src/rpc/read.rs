//! Reads what callers send.

use super::errors::{Error, Excerpt};
use codec::DecodeAll;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sp_core::crypto::Ss58Codec;
use specie_primitives::{api::PickupCursor, AccountId, CoinId, OwnerId};

/// Entries of a page unless asked otherwise.
pub const USUAL_LIMIT: u32 = 1_000;
/// Most entries of a page.
pub const MAX_LIMIT: u32 = 10_000;

/// An owner id.
pub fn read_owner(text: String) -> Result<OwnerId, Error> {
    text.parse().map_err(|_| Error::BadOwner(text.into()))
}

/// A coin.
pub fn read_coin(text: String) -> Result<CoinId, Error> {
    text.parse().map_err(|_| Error::BadCoin(text.into()))
}

/// An account, by address or in hexadecimal.
pub fn read_account(text: String) -> Result<AccountId, Error> {
    let raw = match text.strip_prefix("0x") {
        Some(digits) => hex::decode(digits).ok().and_then(|raw| <[u8; 32]>::try_from(raw).ok()).map(AccountId::new),
        None => AccountId::from_ss58check(&text).ok(),
    };
    raw.ok_or_else(|| Error::BadAccount(text.into()))
}

/// A value that has a form in JSON.
pub fn read_value<T: DeserializeOwned>(value: Value, bad: fn(Excerpt) -> Error) -> Result<T, Error> {
    serde_json::from_value(value.clone()).map_err(|_| bad(value.to_string().into()))
}

/// Where a page begins.
pub fn read_cursor<const N: usize>(cursor: Option<String>) -> Result<Option<[u8; N]>, Error> {
    let read = |text: String| {
        let mut place = [0; N];
        hex::decode_to_slice(&text, &mut place).map_err(|_| Error::BadCursor(text.into()))?;
        Ok(place)
    };
    cursor.map(read).transpose()
}

/// Where a page of payments that wait begins.
pub fn read_pickup_cursor(cursor: Option<String>) -> Result<Option<PickupCursor>, Error> {
    let read = |text: String| {
        let place = hex::decode(&text).ok().and_then(|raw| PickupCursor::decode_all(&mut raw.as_slice()).ok());
        place.ok_or_else(|| Error::BadCursor(text.into()))
    };
    cursor.map(read).transpose()
}

/// How many entries a page may have.
pub fn read_limit(limit: Option<u32>) -> Result<usize, Error> {
    let limit = limit.unwrap_or(USUAL_LIMIT);
    let in_range = (1..=MAX_LIMIT).contains(&limit);
    usize::try_from(limit).ok().filter(|_| in_range).ok_or(Error::BadLimit(limit))
}
