//! Entries of the state that others than the runtime read and prove: their keys, and how their values begin.
//!
//! | entry | key, after the names of pallet and map | value begins with |
//! |---|---|---|
//! | `Ownership.Coins` | coin | holder, revision |
//! | `Ownership.Purses` | blake2_128 of the owner, the owner | number of coins, their value |
//! | `Issuance.Batches` | twox of the batch, the batch | face value |
//! | `Grandpa.Authorities` | | who votes on finality |
//! | `Orders.Blocks` | | the list of blocks in which orders were executed, an [`Accumulator`](crate::accumulator::Accumulator) |
//!
//! Whatever a value may gain later comes behind what is named here.

use crate::{Balance, CoinId, Holder, OwnerId};
use alloc::{collections::BTreeSet, vec::Vec};
use codec::{Decode, Encode};
use sp_crypto_hashing::{blake2_128, twox_128, twox_64};

/// What an owner holds, as the chain counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct PurseTotals {
    /// Number of coins.
    pub coins: u32,
    /// Their value in minor units.
    pub value: Balance,
}

/// A coin's place in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CoinPlace {
    /// Who holds it.
    pub holder: Holder,
    /// How often it changed hands.
    pub revision: u32,
}

fn key(pallet: &str, entry: &str, rest: &[u8]) -> Vec<u8> {
    [&twox_128(pallet.as_bytes())[..], &twox_128(entry.as_bytes())[..], rest].concat()
}

/// Key of a coin's entry, a [`CoinPlace`].
pub fn coin(coin: CoinId) -> Vec<u8> {
    key("Ownership", "Coins", &coin.encode())
}

/// Key of what an owner holds, a [`PurseTotals`]. Without an entry it is nothing.
pub fn purse(owner: OwnerId) -> Vec<u8> {
    key("Ownership", "Purses", &[&blake2_128(&owner.0)[..], &owner.0[..]].concat())
}

/// Key of a batch; its value begins with the face value, a [`crate::Denomination`].
pub fn batch(batch: u32) -> Vec<u8> {
    let number = batch.encode();
    key("Issuance", "Batches", &[&twox_64(&number)[..], &number[..]].concat())
}

/// Key of the list of those who vote on finality.
pub fn voters() -> Vec<u8> {
    key("Grandpa", "Authorities", &[])
}

/// Key of the list of blocks in which orders were executed.
pub fn order_blocks() -> Vec<u8> {
    key("Orders", "Blocks", &[])
}

/// Keys that a proof of holdings is about: the coins' entries, their batches, and the purse of an owner.
pub fn of_holdings(holder: Holder, coins: impl IntoIterator<Item = CoinId>) -> Vec<Vec<u8>> {
    let coins: BTreeSet<CoinId> = coins.into_iter().collect();
    let batches: BTreeSet<u32> = coins.iter().map(|coin| coin.batch).collect();
    let owner = match holder {
        Holder::Owner(owner) => Some(owner),
        _ => None,
    };
    let coins = coins.into_iter().map(coin);
    coins.chain(batches.into_iter().map(batch)).chain(owner.map(purse)).collect()
}

/// The beginning of a value; `None` if it is none.
pub fn begin<T: Decode>(value: &[u8]) -> Option<T> {
    T::decode(&mut &value[..]).ok()
}
