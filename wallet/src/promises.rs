//! Which coins orders name that may still be executed.
//!
//! The coins of an order stay the owner's until somebody submits it, and a node lists them. A second order or a payment with
//! one of them makes the first order fail, so a wallet should choose others. These are the rules of that memory, which is part
//! of [`crate::Pending`].

use crate::HeldCoin;
use serde::{Deserialize, Serialize};
use specie_primitives::{
    orders::{Action, OrderInfo},
    BlockNumber, CoinId, CoinRef, Leg, Order, OrderId, OwnerId,
};
use std::collections::BTreeMap;

/// A node that is so many blocks behind when an order was written belongs to a chain that was started anew.
const LAG: BlockNumber = 64;

/// The coins of one holder that an order names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The order.
    pub order: OrderId,
    /// Whose consent it needs.
    pub parties: Vec<OwnerId>,
    /// Its last block, by the clock of orders.
    pub valid_until: BlockNumber,
    /// Last final block when this was noted: only later ones can have the order.
    pub after: BlockNumber,
    /// The coins.
    pub coins: Vec<CoinRef>,
}

impl Promise {
    /// What an order takes of an owner's coins, noted when `after` was the last final block; nothing if it takes none.
    pub fn of(order: &Order, owner: OwnerId, after: BlockNumber) -> Option<Self> {
        let coins = given(order, owner);
        let parties = order.parties.iter().map(|party| party.owner).collect();
        (!coins.is_empty()).then(|| Self { order: order.id(), parties, valid_until: order.valid_until, after, coins })
    }

    /// Whether the order is over according to what a final block knows of it: executed, taken back by a party, or too late.
    pub fn is_over(&self, info: &OrderInfo) -> bool {
        let is_cancelled = info.cancelled_by.iter().any(|owner| self.parties.contains(owner));
        info.executed.is_some() || is_cancelled || info.now > self.valid_until
    }

    /// Whether the list of all coins of the holder as of the final block `block`, by their revisions, leaves no doubt that the
    /// order is over: one of its coins left or moved on.
    pub fn is_settled(&self, revisions: &BTreeMap<CoinId, u32>, block: BlockNumber) -> bool {
        let moved = |coin: &CoinRef| revisions.get(&coin.coin) != Some(&coin.revision);
        (block > self.after && self.coins.iter().any(moved)) || block < self.after.saturating_sub(LAG)
    }

    /// Whether it names this coin at this revision.
    pub fn names(&self, coin: &HeldCoin) -> bool {
        self.coins.contains(&coin.reference())
    }
}

/// The coins that an owner gives by an order.
pub fn given(order: &Order, owner: OwnerId) -> Vec<CoinRef> {
    let is_party = |place: usize| order.parties.get(place).is_some_and(|party| party.owner == owner);
    match &order.action {
        Action::Coins { coins, .. } if is_party(0) => coins.to_vec(),
        Action::Deposit { coins, .. } if is_party(0) => coins.to_vec(),
        Action::CoinsWithChange(payment) if is_party(0) => {
            payment.coins.iter().chain(payment.give.iter()).copied().collect()
        },
        Action::Exchange { give, take } => {
            let legs = [(0, give), (1, take)].into_iter().filter(|(place, _)| is_party(*place));
            legs.flat_map(|(_, leg)| of_leg(leg)).collect()
        },
        _ => Vec::new(),
    }
}

fn of_leg(leg: &Leg) -> Vec<CoinRef> {
    match leg {
        Leg::Coins(coins) => coins.to_vec(),
        Leg::Custody { .. } | Leg::Units { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pending;
    use specie_primitives::{
        change::{ChangePart, ChangePayment},
        orders::{Executed, OrderParty},
        BankId, ChangeFrom, Denomination, InstrumentId,
    };

    const ANN: OwnerId = OwnerId([1; 24]);
    const BEN: OwnerId = OwnerId([2; 24]);

    fn coin(index: u32, revision: u32) -> CoinRef {
        CoinRef { coin: CoinId { batch: 1, index }, revision }
    }

    fn held(coins: &[CoinRef]) -> Vec<HeldCoin> {
        let one = |of: &CoinRef| HeldCoin { coin: of.coin, revision: of.revision, denomination: Denomination(100) };
        coins.iter().map(one).collect()
    }

    fn order(action: Action) -> Order {
        Order::new(Default::default(), [7; 16], (10, 90), ANN, action)
    }

    /// Ann's order of her coins 0 and 1, noted at block 10.
    fn noted() -> (Vec<HeldCoin>, Promise) {
        let coins = vec![coin(0, 4), coin(1, 0)];
        let pays = order(Action::Coins { to: BEN, coins: coins.try_into().unwrap() });
        (held(&[coin(0, 4), coin(1, 0), coin(2, 7)]), Promise::of(&pays, ANN, 10).unwrap())
    }

    fn info(order: OrderId, now: BlockNumber) -> OrderInfo {
        OrderInfo { order, executed: None, cancelled_by: Vec::new(), now }
    }

    #[test]
    fn an_order_takes_what_its_owner_gives() {
        let coins = |indices: &[u32]| indices.iter().map(|index| coin(*index, 0)).collect::<Vec<_>>();
        let leg = |indices: &[u32]| Leg::Coins(coins(indices).try_into().unwrap());
        let part = || ChangePart { fresh: Default::default(), coins: coins(&[8]).try_into().unwrap() };
        let changed = ChangePayment {
            to: BEN,
            coins: coins(&[1]).try_into().unwrap(),
            at: ChangeFrom::Issuer,
            give: coins(&[2]).try_into().unwrap(),
            pay: part(),
            change: part(),
        };
        let units = || Leg::Units { instrument: InstrumentId(1), amount: 5 };
        let cases = [
            (Action::Coins { to: BEN, coins: coins(&[1, 2]).try_into().unwrap() }, vec![1, 2], vec![]),
            (Action::Deposit { bank: BankId(1), coins: coins(&[3]).try_into().unwrap() }, vec![3], vec![]),
            // What comes out of a vault is not hers.
            (Action::CoinsWithChange(changed), vec![1, 2], vec![]),
            (Action::Exchange { give: leg(&[1]), take: leg(&[2, 3]) }, vec![1], vec![2, 3]),
            (Action::Exchange { give: units(), take: leg(&[2]) }, vec![], vec![2]),
            (Action::Release { escrow: OrderId([3; 32]), amount: 5 }, vec![], vec![]),
        ];
        for (action, anns, bens) in cases {
            let mut order = order(action);
            order.parties.try_push(OrderParty { owner: BEN, version: 0 }).unwrap();
            assert_eq!((given(&order, ANN), given(&order, BEN)), (coins(&anns), coins(&bens)), "{order:?}");
            assert_eq!(given(&order, OwnerId([9; 24])), []);
            assert_eq!(Promise::of(&order, ANN, 1).is_some(), !anns.is_empty());
        }
    }

    #[test]
    fn boundary_an_order_is_over_when_it_cannot_be_executed_any_more() {
        let (_, promise) = noted();
        let waits = info(promise.order, 90);
        assert!(!promise.is_over(&waits));
        assert!(promise.is_over(&info(promise.order, 91)), "its last block passed");
        // Anybody may say that it takes no part in it, and only a party's word counts.
        assert!(!promise.is_over(&OrderInfo { cancelled_by: vec![BEN], ..waits.clone() }));
        assert!(promise.is_over(&OrderInfo { cancelled_by: vec![BEN, ANN], ..waits.clone() }));
        let executed = Some(Executed { block: 12, valid_until: 90 });
        assert!(promise.is_over(&OrderInfo { executed, ..waits }));
    }

    #[test]
    fn coins_of_an_order_are_noted_until_one_moves() {
        // Given
        let (all, promise) = noted();
        let mut pending = Pending::default();
        pending.promise(promise.clone());
        pending.promise(promise.clone());
        assert_eq!(pending.orders(), [promise.clone()]);
        let named = |pending: &Pending| all.iter().map(|coin| pending.promised(coin).is_some()).collect::<Vec<_>>();
        assert_eq!(named(&pending), [true, true, false]);
        assert_eq!(pending.promised(&held(&[coin(0, 5)])[0]), None, "another revision");

        // Then: while nothing moves, nothing is forgotten, nor by a node that lags behind.
        for block in [10, 11, 10_000] {
            assert!(!pending.settle(&all, block), "block {block}");
        }
        assert!(!pending.settle(&[], 10));
        // With one coin gone the order never comes, and the other one is free.
        let mut moved = pending.clone();
        assert!(moved.settle(&all[1..], 11));
        assert_eq!(named(&moved), [false; 3]);
        // Or when it is over for another reason.
        let mut over = pending.clone();
        over.forget(&[promise.order].into());
        assert_eq!(over, Pending::default());
        pending.forget(&[OrderId([9; 32])].into());
        assert_eq!(pending.orders().len(), 1);
    }

    #[test]
    fn a_chain_that_starts_anew_does_not_hold_coins_back() {
        let (all, promise) = noted();
        let mut pending = Pending::default();
        pending.promise(Promise { after: 5_000, ..promise });
        assert!(!pending.settle(&all, 5_000 - LAG));
        assert!(pending.settle(&all, 5_000 - LAG - 1));
    }

    #[test]
    fn what_is_written_is_read_back_and_older_files_are_read() {
        let (_, promise) = noted();
        let mut pending = Pending::default();
        pending.promise(promise);
        let text = serde_json::to_string(&pending).unwrap();
        assert_eq!(serde_json::from_str::<Pending>(&text).unwrap(), pending);
        assert_eq!(serde_json::from_str::<Pending>("{\"coins\":[]}").unwrap(), Pending::default());
    }
}
