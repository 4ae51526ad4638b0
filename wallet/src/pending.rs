//! Which coins are on their way: spent by transactions that are not final yet.
//!
//! A node lists the coins of the last final block, so a coin that was just spent is still in the list. Until the list
//! says otherwise, only the wallet knows that it must not spend that coin again. These are the rules of that memory;
//! where it is kept is the caller's business. Coins that [orders](crate::promises) name are part of it.

use crate::{HeldCoin, Promise};
use serde::{Deserialize, Serialize};
use specie_primitives::{BlockNumber, CoinId, Hash, OrderId};
use std::collections::{BTreeMap, BTreeSet};

/// A coin on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingCoin {
    /// The coin.
    pub coin: CoinId,
    /// Its revision, which the transaction names.
    pub revision: u32,
    /// Hash of the extrinsic that spends it.
    pub extrinsic: Hash,
    /// Last final block when the transaction was signed: only later ones can have it.
    pub after: BlockNumber,
    /// Last block that the transaction may enter.
    pub until: BlockNumber,
}

/// The coins of one holder that are on their way, or may go there by orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    coins: Vec<PendingCoin>,
    #[serde(default)]
    orders: Vec<Promise>,
}

impl Pending {
    /// Remembers that a transaction, which may enter the blocks after `after` up to `until`, spends these coins.
    pub fn record(&mut self, spent: &[HeldCoin], extrinsic: Hash, after: BlockNumber, until: BlockNumber) {
        let revisions: BTreeMap<CoinId, u32> = spent.iter().map(|coin| (coin.coin, coin.revision)).collect();
        self.coins.retain(|known| !revisions.contains_key(&known.coin));
        self.coins.extend(revisions.into_iter().map(|(coin, revision)| PendingCoin {
            coin,
            revision,
            extrinsic,
            after,
            until,
        }));
    }

    /// Remembers the coins of an order.
    pub fn promise(&mut self, promise: Promise) {
        self.orders.retain(|known| known.order != promise.order);
        self.orders.push(promise);
    }

    /// Forgets orders that are over.
    pub fn forget(&mut self, over: &BTreeSet<OrderId>) {
        self.orders.retain(|known| !over.contains(&known.order));
    }

    /// Forgets a transaction that came to nothing.
    pub fn release(&mut self, extrinsic: Hash) {
        self.coins.retain(|known| known.extrinsic != extrinsic);
    }

    /// Forgets what the list of all coins of the holder as of the final block `block` settles: coins that left or moved
    /// on, and those whose transaction can enter no block any more; and orders that lost a coin. Tells whether anything was
    /// forgotten.
    pub fn settle(&mut self, held: &[HeldCoin], block: BlockNumber) -> bool {
        let revisions: BTreeMap<CoinId, u32> = held.iter().map(|coin| (coin.coin, coin.revision)).collect();
        let before = (self.coins.len(), self.orders.len());
        self.orders.retain(|known| !known.is_settled(&revisions, block));
        self.coins.retain(|known| {
            // An older list, of a node that lags behind the one asked before, knows nothing of the coin's fate.
            let moved = block > known.after && revisions.get(&known.coin) != Some(&known.revision);
            let too_late = block >= known.until;
            // No node lags behind for as long as a transaction may wait: this chain was started anew.
            let another_chain = block < known.after.saturating_sub(known.until.saturating_sub(known.after));
            !(moved || too_late || another_chain)
        });
        (self.coins.len(), self.orders.len()) != before
    }

    /// What is known of a coin, if it is on its way at this revision.
    pub fn of(&self, coin: &HeldCoin) -> Option<&PendingCoin> {
        self.coins.iter().find(|known| known.coin == coin.coin && known.revision == coin.revision)
    }

    /// Parts held coins into those that can be spent and those that are on their way.
    pub fn split(&self, held: &[HeldCoin]) -> (Vec<HeldCoin>, Vec<HeldCoin>) {
        let known: BTreeMap<CoinId, u32> = self.coins.iter().map(|known| (known.coin, known.revision)).collect();
        held.iter().copied().partition(|coin| known.get(&coin.coin) != Some(&coin.revision))
    }

    /// The order that names a coin at this revision, if one does.
    pub fn promised(&self, coin: &HeldCoin) -> Option<&Promise> {
        self.orders.iter().find(|known| known.names(coin))
    }

    /// Orders that name coins.
    pub fn orders(&self) -> &[Promise] {
        &self.orders
    }

    /// Every coin on its way.
    pub fn coins(&self) -> &[PendingCoin] {
        &self.coins
    }

    /// The last block that any of the transactions may enter.
    pub fn until(&self) -> Option<BlockNumber> {
        self.coins.iter().map(|known| known.until).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{select, SelectionError};
    use specie_primitives::Denomination;

    const FIRST: Hash = Hash::repeat_byte(1);
    const SECOND: Hash = Hash::repeat_byte(2);

    fn coin(index: u32, revision: u32) -> HeldCoin {
        HeldCoin { coin: CoinId { batch: 1, index }, revision, denomination: Denomination(100) }
    }

    /// Three coins, of which the first transaction spends coin 0, signed at block 10 and good up to block 73.
    fn one_of_three() -> (Vec<HeldCoin>, Pending) {
        let held = vec![coin(0, 4), coin(1, 0), coin(2, 7)];
        let mut pending = Pending::default();
        pending.record(&held[..1], FIRST, 10, 73);
        (held, pending)
    }

    #[test]
    fn a_second_payment_takes_other_coins() {
        let (held, mut pending) = one_of_three();
        let (free, away) = pending.split(&held);
        assert_eq!((free.as_slice(), away.as_slice()), (&held[1..], &held[..1]));
        assert_eq!(pending.of(&held[0]).map(|known| known.extrinsic), Some(FIRST));
        assert_eq!(pending.of(&held[1]), None);

        let chosen = select(&free, 100).unwrap();
        assert_eq!(chosen, [held[1]]);
        pending.record(&chosen, SECOND, 11, 74);
        let (free, away) = pending.split(&held);
        assert_eq!((free.as_slice(), away.as_slice()), (&held[2..], &held[..2]));
        assert_eq!(select(&free, 200), Err(SelectionError::NotEnough { have: 100, need: 200 }));
        assert_eq!(pending.until(), Some(74));
    }

    #[test]
    fn nothing_is_forgotten_while_the_coin_stays_as_it_is() {
        let (held, mut pending) = one_of_three();
        for block in [10, 11, 40, 72] {
            assert!(!pending.settle(&held, block), "block {block}");
            assert_eq!(pending.coins().len(), 1);
        }
    }

    #[test]
    fn boundary_of_the_last_block() {
        // Given a transaction that may enter block 73 // When block 73 is final and has it not // Then it never comes.
        let (held, mut pending) = one_of_three();
        assert!(pending.settle(&held, 73));
        assert_eq!(pending, Pending::default());
        assert_eq!(pending.split(&held), (held, vec![]));
    }

    #[test]
    fn a_coin_that_left_or_came_back_is_forgotten() {
        let (held, mut pending) = one_of_three();
        assert!(pending.settle(&held[1..], 12));
        assert_eq!(pending.until(), None);

        let (_, mut pending) = one_of_three();
        let back = [coin(0, 6), coin(1, 0)];
        assert_eq!(pending.split(&back), (back.to_vec(), vec![]), "another revision can be spent");
        assert!(pending.settle(&back, 12));
        assert_eq!(pending, Pending::default());
    }

    #[test]
    fn a_node_that_lags_behind_settles_nothing() {
        let (_, mut pending) = one_of_three();
        // Asked at block 9, this node has not even seen the coin arrive.
        assert!(!pending.settle(&[coin(0, 3)], 9));
        assert!(!pending.settle(&[], 10));
        assert!(pending.settle(&[], 11));
    }

    #[test]
    fn a_chain_that_starts_anew_does_not_hold_coins_back() {
        let held = vec![coin(0, 1)];
        let mut pending = Pending::default();
        pending.record(&held, FIRST, 5_000, 5_063);
        assert!(!pending.settle(&held, 4_937));
        assert!(pending.settle(&held, 4_936));
    }

    #[test]
    fn a_transaction_that_came_to_nothing_frees_its_coins_only() {
        let (held, mut pending) = one_of_three();
        pending.record(&held[1..], SECOND, 11, 74);
        pending.release(FIRST);
        assert_eq!(pending.split(&held), (held[..1].to_vec(), held[1..].to_vec()));
        pending.release(Hash::repeat_byte(3));
        assert_eq!(pending.coins().len(), 2);
    }

    #[test]
    fn a_coin_is_remembered_once() {
        let (_, mut pending) = one_of_three();
        pending.record(&[coin(0, 6), coin(0, 6)], SECOND, 20, 83);
        let expected = PendingCoin { coin: coin(0, 6).coin, revision: 6, extrinsic: SECOND, after: 20, until: 83 };
        assert_eq!(pending.coins(), [expected]);
        assert_eq!(pending.of(&coin(0, 4)), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (_, pending) = one_of_three();
        let text = serde_json::to_string(&pending).unwrap();
        assert!(text.contains("\"coin\":\"1-0\"") && text.contains(&format!("{FIRST:?}")), "{text}");
        assert_eq!(serde_json::from_str::<Pending>(&text).unwrap(), pending);
    }
}
