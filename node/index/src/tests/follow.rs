//! The follower: starting, restarting, and whatever may have happened in between.

use super::{chain::TestChain, *};
use crate::{
    follow::{Follower, Step, StepError},
    Index, Status, Unanswered, AT_ONCE,
};
use std::path::Path;

fn start(chain: &TestChain, folder: &Path) -> (Follower<TestChain>, Index) {
    let genesis = chain.0.lock().genesis;
    let index = Index::new(folder.to_owned(), genesis);
    (Follower::new(chain.clone(), index.clone(), Box::new(|_, _| ())), index)
}

/// Steps until there is nothing to do right now.
fn settle(follower: &mut Follower<TestChain>) -> Step {
    loop {
        match follower.step().unwrap() {
            Step::More => {},
            step => return step,
        }
    }
}

fn coins_of(index: &Index, owner: OwnerId) -> Vec<(u32, u32)> {
    let holdings = index.ask(|store| store.holdings(Holder::Owner(owner), None, 100)).unwrap();
    holdings.coins.iter().map(|held| (held.coin.index, held.revision)).collect()
}

fn blocks_of(index: &Index, owner: OwnerId) -> Vec<BlockNumber> {
    let page = index.ask(|store| store.records(&of(owner), None, 100)).unwrap().unwrap();
    page.records.iter().map(|record| record.block).collect()
}

/// The newest movement of an owner.
fn last_of(index: &Index, owner: OwnerId) -> Entry {
    index.ask(|store| store.records(&of(owner), None, 1)).unwrap().unwrap().records.remove(0).entry
}

fn unknown(index: &Index) -> Vec<(BlockNumber, BlockNumber)> {
    index.status().unknown.iter().map(|gap| (gap.first, gap.last)).collect()
}

/// Ann has coins 1 to 5, then pays coin 1 to Ben in block 1.
fn paid() -> TestChain {
    let ann = Holder::Owner(ANN);
    let chain = TestChain::with(&[1, 2, 3, 4, 5].map(|index| (coin(index), held(ann, 1, 100))));
    chain.add(&[(coin(1), Some(held(Holder::Owner(BEN), 2, 100)))], vec![payment(ANN, BEN, &[1])]);
    chain
}

#[test]
fn success_a_new_node_follows_from_the_first_block() {
    // Given
    let folder = tempfile::tempdir().unwrap();
    let chain = TestChain::with(&[1, 2, 3].map(|index| (coin(index), held(Holder::Owner(ANN), 1, 100))));
    let (mut follower, index) = start(&chain, folder.path());
    assert!(matches!(index.ask(|store| store.head()), Err(Unanswered::Building)));
    assert_eq!(index.status(), Status { number: 0, hash: GENESIS, unknown: vec![], ready: false, coins: 0 });
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!(coins_of(&index, ANN), [(1, 1), (2, 1), (3, 1)]);
    assert_eq!(chain.0.lock().pins, 0, "the state is pinned while it is read only");

    // When: a coin goes to Ben and back in one block, then to Ben; another is retired, a third one comes.
    chain.add(
        &[(coin(1), Some(held(Holder::Owner(ANN), 3, 100)))],
        vec![payment(ANN, BEN, &[1]), payment(BEN, ANN, &[1])],
    );
    chain.add(
        &[(coin(1), Some(held(Holder::Owner(BEN), 4, 100))), (coin(2), None), (coin(9), Some(held(VAULT, 1, 100)))],
        vec![payment(ANN, BEN, &[1, 2, 9])],
    );
    assert_eq!(settle(&mut follower), Step::Done);

    // Then
    assert_eq!((coins_of(&index, ANN), coins_of(&index, BEN)), (vec![(3, 1)], vec![(1, 4)]));
    assert_eq!((blocks_of(&index, ANN), blocks_of(&index, BEN)), (vec![2, 1, 1], vec![2, 1, 1]));
    assert_eq!(last_of(&index, BEN).extrinsic, Some(hash(2_002)), "the second extrinsic of block 2");
    assert_eq!(index.status(), Status { number: 2, hash: hash(2), unknown: vec![], ready: true, coins: 3 });
}

#[test]
fn success_a_restart_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    {
        let (mut follower, _) = start(&chain, folder.path());
        settle(&mut follower);
    }
    for _ in 0..40 {
        chain.add(&[], vec![]);
    }
    chain.add(&[(coin(2), Some(held(Holder::Owner(BEN), 2, 100)))], vec![payment(ANN, BEN, &[2])]);
    let (mut follower, index) = start(&chain, folder.path());
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!(coins_of(&index, BEN), [(1, 2), (2, 2)]);
    assert_eq!(blocks_of(&index, BEN), [42, 1], "block 1, the head of its first start, was looked back at");
    assert_eq!(unknown(&index), []);
}

#[test]
fn success_it_is_built_anew_where_states_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    let (mut follower, index) = start(&chain, folder.path());
    settle(&mut follower);
    chain.add(&[(coin(2), Some(held(Holder::Owner(BEN), 2, 100)))], vec![payment(ANN, BEN, &[2])]);
    chain.add(&[(coin(3), Some(held(Holder::Owner(BEN), 2, 100)))], vec![payment(ANN, BEN, &[3])]);
    chain.0.lock().pruned.insert(2);

    // While it syncs it is not worth the while.
    chain.0.lock().syncing = true;
    assert!(matches!(settle(&mut follower), Step::Waiting(_)));
    assert!(!index.status().ready);

    chain.0.lock().syncing = false;
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!(coins_of(&index, BEN), [(1, 2), (2, 2), (3, 2)]);
    // Records of before stay, and as much is added as there are states for.
    assert_eq!((unknown(&index), blocks_of(&index, BEN)), (vec![(2, 2)], vec![3, 1]));

    // When it happens again, there are two gaps; they are still there after a restart.
    for index in [4, 5] {
        chain.add(&[(coin(index), Some(held(Holder::Owner(BEN), 2, 100)))], vec![payment(ANN, BEN, &[index])]);
    }
    chain.0.lock().pruned.extend([4, 5]);
    chain.add(&[], vec![]);
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!((unknown(&index), blocks_of(&index, BEN)), (vec![(2, 2), (4, 5)], vec![3, 1]));
    drop((follower, index));
    let (mut follower, index) = start(&chain, folder.path());
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!((unknown(&index), blocks_of(&index, BEN)), (vec![(2, 2), (4, 5)], vec![3, 1]));
    assert_eq!(coins_of(&index, BEN), [(1, 2), (2, 2), (3, 2), (4, 2), (5, 2)]);
}

#[test]
fn success_a_deleted_database_is_filled_as_far_as_states_are_kept() {
    // Given: fifty blocks with a payment each; states of the last thirty are kept.
    let chain = paid();
    for _ in 0..49 {
        chain.add(&[], vec![payment(ANN, BEN, &[1])]);
    }
    chain.0.lock().pruned.extend(0..=20);
    let folder = tempfile::tempdir().unwrap();

    // When: there is no database. Then: it can be asked before everything is filled in.
    let (mut follower, index) = start(&chain, folder.path());
    while !index.status().ready {
        assert_eq!(follower.step().unwrap(), Step::More);
    }
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!((unknown(&index), blocks_of(&index, BEN)), (vec![(1, 20)], (21..=50).rev().collect()));

    // A node that keeps all states fills in everything.
    drop((follower, index));
    chain.0.lock().pruned.clear();
    let (mut follower, index) = start(&chain, folder.path());
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!((unknown(&index), blocks_of(&index, BEN)), (vec![], (1..=50).rev().collect()));
    // And nothing is there twice.
    chain.add(&[], vec![payment(ANN, BEN, &[1])]);
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!(blocks_of(&index, BEN).len(), 51);
}

#[test]
fn success_earlier_blocks_that_cannot_be_read_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    chain.0.lock().unreadable.insert(1);
    chain.add(&[], vec![payment(ANN, BEN, &[1])]);
    let (mut follower, index) = start(&chain, folder.path());
    assert_eq!(settle(&mut follower), Step::Done);
    assert!(index.status().ready);
    assert_eq!((unknown(&index), blocks_of(&index, BEN)), (vec![(1, 1)], vec![2]));
}

#[test]
fn fails_to_keep_records_of_another_chain() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    settle(&mut start(&chain, folder.path()).0);
    // It stood still until the states were gone, and its last block turned out to be another chain's.
    chain.add(&[], vec![]);
    chain.add(&[], vec![]);
    chain.0.lock().pruned.insert(2);
    let (mut follower, index) = start(&chain, folder.path());
    assert_eq!(follower.step().unwrap(), Step::More);
    drop((follower, index));
    chain.0.lock().fork = Some(1);
    chain.0.lock().pruned.extend([1, 2]);
    let (mut follower, index) = start(&chain, folder.path());
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!((unknown(&index), blocks_of(&index, BEN)), (vec![(1, 2)], vec![]));
}

#[test]
fn boundary_so_many_may_ask_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    let (mut follower, index) = start(&chain, folder.path());
    settle(&mut follower);
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Arc::new(parking_lot::Mutex::new(held));
    let inside = std::sync::Arc::new(std::sync::Barrier::new(AT_ONCE + 1));
    let askers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (index, held, inside) = (index.clone(), held.clone(), inside.clone());
            std::thread::spawn(move || {
                index.ask(|store| {
                    inside.wait();
                    let _ = held.lock().recv();
                    store.head()
                })
            })
        })
        .collect();
    inside.wait();
    assert!(matches!(index.ask(|store| store.head()), Err(Unanswered::Busy)));
    drop(hold);
    for asker in askers {
        assert!(asker.join().unwrap().is_ok());
    }
    assert!(index.ask(|store| store.head()).is_ok());
}

#[test]
fn success_it_waits_for_the_state_after_warp_sync() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    chain.0.lock().pruned.extend([0, 1]);
    let (mut follower, index) = start(&chain, folder.path());
    assert!(matches!(settle(&mut follower), Step::Waiting(_)));
    assert!(matches!(index.ask(|store| store.head()), Err(Unanswered::Building)));
    chain.0.lock().pruned.remove(&1);
    assert_eq!(settle(&mut follower), Step::Done);
    // Block 0 is the first: of it there is nothing to be known.
    assert_eq!((coins_of(&index, BEN), unknown(&index), blocks_of(&index, BEN)), (vec![(1, 2)], vec![], vec![1]));
}

#[test]
fn success_another_chain_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    settle(&mut start(&chain, folder.path()).0);

    // A chain of another first block.
    let other = TestChain::with(&[(coin(8), held(Holder::Owner(BEN), 1, 100))]);
    other.0.lock().genesis = hash(77);
    {
        let (mut follower, index) = start(&other, folder.path());
        assert_eq!(settle(&mut follower), Step::Done);
        assert_eq!((coins_of(&index, BEN), coins_of(&index, ANN)), (vec![(8, 1)], vec![]));
    }

    // A chain of the same first block that went another way, as after a purge of a development chain.
    other.add(&[(coin(8), None)], vec![]);
    settle(&mut start(&other, folder.path()).0);
    other.0.lock().fork = Some(1);
    let (mut follower, index) = start(&other, folder.path());
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!((unknown(&index), coins_of(&index, BEN)), (vec![], vec![]));
}

#[test]
fn success_it_waits_for_a_node_that_lost_its_last_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    settle(&mut start(&chain, folder.path()).0);
    chain.0.lock().finalized = 0;
    let (mut follower, index) = start(&chain, folder.path());
    assert!(matches!(settle(&mut follower), Step::Waiting(_)));
    assert!(!index.status().ready);
    chain.0.lock().finalized = 1;
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!((index.status().ready, unknown(&index)), (true, vec![]));
}

#[test]
fn success_a_damaged_file_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    let file = folder.path().join("index.redb");
    for damage in [vec![b'x'; 100_000], b"redb".to_vec()] {
        std::fs::write(&file, damage).unwrap();
        let (mut follower, index) = start(&chain, folder.path());
        let error = follower.step().unwrap_err();
        assert!(matches!(error, StepError::Store(_) | StepError::Panicked), "{error}");
        assert_eq!(settle(&mut follower), Step::Done);
        assert_eq!(coins_of(&index, BEN), [(1, 2)]);
    }
}

#[test]
fn success_a_file_damaged_in_the_middle_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    settle(&mut start(&chain, folder.path()).0);
    let file = folder.path().join("index.redb");
    let mut bytes = std::fs::read(&file).unwrap();
    let length = bytes.len();
    bytes[4_096..length].fill(0xA5);
    std::fs::write(&file, bytes).unwrap();
    let (mut follower, index) = start(&chain, folder.path());
    // It may show when the file is opened, or when it is read.
    let mut failures = 0;
    loop {
        match follower.step() {
            Ok(Step::Done) => break,
            Ok(_) => {},
            Err(_) => failures += 1,
        }
        assert!(failures < 3, "the file is not replaced");
    }
    assert_eq!(coins_of(&index, BEN), [(1, 2)]);
}

#[test]
fn fails_and_recovers_when_the_runtime_does_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    let (mut follower, index) = start(&chain, folder.path());
    settle(&mut follower);
    chain.add(&[(coin(2), Some(held(Holder::Owner(BEN), 2, 100)))], vec![payment(ANN, BEN, &[2])]);
    chain.0.lock().broken = true;
    assert!(matches!(follower.step(), Err(StepError::Chain(_))));
    assert!(!index.status().ready);
    chain.0.lock().broken = false;
    assert_eq!(settle(&mut follower), Step::Done);
    assert_eq!(coins_of(&index, BEN), [(1, 2), (2, 2)]);
}

#[test]
fn boundary_a_block_without_its_body_has_no_extrinsic_hashes() {
    let folder = tempfile::tempdir().unwrap();
    let chain = paid();
    let (mut follower, index) = start(&chain, folder.path());
    settle(&mut follower);
    chain.0.lock().bodiless.insert(2);
    chain.add(&[(coin(2), Some(held(Holder::Owner(BEN), 2, 100)))], vec![payment(ANN, BEN, &[2])]);
    settle(&mut follower);
    let last = last_of(&index, BEN);
    assert_eq!((last.extrinsic, last.flow.extrinsic), (None, Some(1)));
}
