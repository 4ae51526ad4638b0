//! Where orders were executed: proofs of every order, whichever way the blocks came in.

use super::{chain::TestChain, *};
use crate::{
    follow::{Follower, Step},
    store::Changes,
    Index,
};
use specie_primitives::{accumulator::Accumulator, orders::block_entry, OrderId};

/// Number of orders of the block at this place in the list.
fn count(place: u64) -> u64 {
    1 + place % 3
}

fn executed(place: u64) -> ExecutedOrders {
    let order = |number: u64| OrderId::of(&[place.to_le_bytes(), number.to_le_bytes()].concat());
    ExecutedOrders { place, orders: (0..count(place)).map(order).collect() }
}

/// Blocks with orders have even numbers.
fn block(place: u64) -> BlockNumber {
    BlockNumber::try_from(place).unwrap() * 2 + 2
}

fn root(places: u64) -> Hash {
    Accumulator::of((0..places).map(|place| block_entry(block(place), &executed(place).orders))).root()
}

/// What a block changes: nothing but orders.
fn changes(place: u64) -> Changes {
    let moved = Moved { executed: executed(place), ..moved(block(place), []) };
    Changes { coins: Vec::new(), moved }
}

/// Asserts that the orders of these places are proven, and no others.
fn proven(store: &Store, places: u64, known: impl Fn(u64) -> bool) {
    for place in 0..places {
        for order in executed(place).orders {
            let proof = store.execution(order).unwrap().unwrap().proof;
            assert_eq!(proof.is_some(), known(place), "place {place} of {places}");
            if let Some(proof) = proof {
                assert_eq!((proof.block, proof.root(order)), (block(place), Some(root(places))));
            }
        }
    }
    assert_eq!(store.execution(OrderId([9; 32])).unwrap().unwrap().proof, None);
}

fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("index.redb")).unwrap();
    (folder, store)
}

#[test]
fn every_order_is_proven_after_every_block() {
    let (_folder, store) = open();
    assert_eq!(store.execution(OrderId([9; 32])).unwrap(), None);
    store.load(&[], Some(&head(0))).unwrap();
    proven(&store, 0, |_| true);
    for place in 0..20 {
        store.apply(&head(block(place)), &changes(place), false).unwrap();
        proven(&store, place + 1, |_| true);
    }
    assert_eq!(store.execution(executed(3).orders[0]).unwrap().unwrap().head, head(block(19)));
    // A block that comes again after a crash changes nothing.
    store.apply(&head(block(19)), &changes(19), false).unwrap();
    proven(&store, 20, |_| true);
    store.clear().unwrap();
    assert_eq!(store.execution(executed(3).orders[0]).unwrap(), None);
}

#[test]
fn earlier_blocks_come_later() {
    // Given: an index that began behind the fifth block with orders.
    let (_folder, store) = open();
    store.load(&[], Some(&head(block(4) + 1))).unwrap();
    for place in 5..8 {
        store.apply(&head(block(place)), &changes(place), false).unwrap();
    }
    // Then: what lies in trees with blocks that are not known is not proven, and nothing false is.
    proven(&store, 8, |_| false);
    // When: they come, from the youngest back.
    for place in (0..5).rev() {
        proven(&store, 8, |_| false);
        store.apply_past(&head(block(7)), &changes(place).moved, false).unwrap();
    }
    proven(&store, 8, |_| true);
}

#[test]
fn where_an_order_was_executed_is_known_before_it_can_be_proven() {
    // Given: an index that began behind the fifth block with orders.
    let (_folder, store) = open();
    assert_eq!(store.known(executed(0).orders[0]).unwrap(), None);
    store.load(&[], Some(&head(block(4) + 1))).unwrap();
    store.apply(&head(block(5)), &changes(5), false).unwrap();
    let known = |place| store.known(executed(place).orders[0]).unwrap().unwrap();
    assert_eq!((known(5).executed, known(5).head), (Some(block(5)), head(block(5))));
    assert_eq!(store.execution(executed(5).orders[0]).unwrap().unwrap().proof, None);
    // Then: what lies in blocks that are not known is found when they come.
    assert_eq!(known(3).executed, None);
    store.apply_past(&head(block(5)), &changes(3).moved, false).unwrap();
    assert_eq!(known(3).executed, Some(block(3)));
}

#[test]
fn the_follower_takes_orders_in() {
    let chain = TestChain::with(&[]);
    for number in 1..=20 {
        chain.add(&[], vec![]);
        if number % 2 == 0 {
            let place = u64::from(number / 2 - 1);
            chain.0.lock().orders.insert(number, executed(place));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let index = Index::new(folder.path().into(), GENESIS);
    let mut follower = Follower::new(chain, index.clone(), Box::new(|_, _| {}));
    // Movements of the past come in after the register.
    for _ in 0..50 {
        if follower.step().unwrap() == Step::Done {
            break;
        }
    }
    index
        .ask(|store| {
            proven(store, 10, |_| true);
            Ok(Some(()))
        })
        .unwrap();
}
