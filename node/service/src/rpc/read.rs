//! Reads what callers send.

use super::errors::{Error, Excerpt};
use codec::DecodeAll;
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::Value;
use sp_core::crypto::Ss58Codec;
use specie_index::records::{Order, Query};
use specie_primitives::{
    api::PickupCursor, flow::FlowKind, orders::MAX_PARTIES, AccountId, BankId, BlockNumber, CoinId, OrderId, OwnerId,
};

/// Entries of a page unless asked otherwise.
pub const USUAL_LIMIT: u32 = 1_000;
/// Most entries of a page.
pub const MAX_LIMIT: u32 = 10_000;
/// Most coins of a page with their proof, of about a kilobyte each.
pub const MAX_PROVEN: u32 = 500;
/// Most kinds in a query: every row is compared with each.
pub const MAX_KINDS: usize = 64;

/// An owner id.
pub fn read_owner(text: String) -> Result<OwnerId, Error> {
    text.parse().map_err(|_| Error::BadOwner(text.into()))
}

/// A coin.
pub fn read_coin(text: String) -> Result<CoinId, Error> {
    text.parse().map_err(|_| Error::BadCoin(text.into()))
}

/// The name of an order.
pub fn read_order(text: String) -> Result<OrderId, Error> {
    text.parse().map_err(|_| Error::BadOrder(text.into()))
}

/// The parties of an order, if they are named.
pub fn read_parties(parties: Option<Vec<String>>) -> Result<Vec<OwnerId>, Error> {
    let parties = parties.unwrap_or_default();
    if parties.len() > MAX_PARTIES as usize {
        return Err(Error::BadQuery(
            parties.concat().into(),
            format!("an order has {MAX_PARTIES} parties at most").into(),
        ));
    }
    parties.into_iter().map(read_owner).collect()
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

/// How many entries a page may have, where `most` are allowed.
pub fn read_limit(limit: Option<u32>, most: u32) -> Result<usize, Error> {
    let limit = limit.unwrap_or(USUAL_LIMIT.min(most));
    let in_range = (1..=most).contains(&limit);
    usize::try_from(limit).ok().filter(|_| in_range).ok_or(Error::BadLimit(limit, most))
}

/// A query as it is sent. Names that it does not know are mistakes: a condition that is not looked at would be worse.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SentQuery {
    coin: Option<CoinId>,
    owner: Option<OwnerId>,
    bank: Option<BankId>,
    order_id: Option<OrderId>,
    kinds: Vec<FlowKind>,
    from_block: Option<BlockNumber>,
    to_block: Option<BlockNumber>,
    from_ms: Option<u64>,
    to_ms: Option<u64>,
    order: SentOrder,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SentOrder {
    #[default]
    Newest,
    Oldest,
}

/// Which movements are asked for; all of them if nothing is said.
pub fn read_query(query: Option<Value>) -> Result<Query, Error> {
    let Some(value) = query else { return Ok(Query::default()) };
    let bad = |why: String| Error::BadQuery(value.to_string().into(), why.into());
    // A list would be read as the conditions in their order.
    if !value.is_object() {
        return Err(bad("an object is wanted".into()));
    }
    let sent: SentQuery = serde_json::from_value(value.clone()).map_err(|error| bad(error.to_string()))?;
    let SentQuery { coin, owner, bank, order_id, kinds, from_block, to_block, from_ms, to_ms, order } = sent;
    if kinds.len() > MAX_KINDS {
        return Err(bad(format!("more than {MAX_KINDS} kinds")));
    }
    let order = match order {
        SentOrder::Newest => Order::Newest,
        SentOrder::Oldest => Order::Oldest,
    };
    Ok(Query { coin, owner, bank, order_id, kinds, from_block, to_block, from_ms, to_ms, order })
}

/// Which movements are subscribed to. They are told oldest first, and without an end.
pub fn read_endless_query(query: Option<Value>) -> Result<Query, Error> {
    let sent = query.clone().unwrap_or_default();
    let bad = |why: &str| Err(Error::BadQuery(sent.to_string().into(), why.into()));
    let read = read_query(query)?;
    if read.to_block.is_some() || read.to_ms.is_some() {
        return bad("a subscription has no end");
    }
    // Nothing said is the newest, too.
    if read.order == Order::Newest && sent.get("order").is_some() {
        return bad("a subscription tells the oldest first");
    }
    Ok(Query { order: Order::Oldest, ..read })
}
