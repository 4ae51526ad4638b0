//! The follower: starting, restarting, and whatever may have happened in between.

use super::{chain::TestChain, *};
use crate::{
    follow::{Follower, Step, StepError},
    Index, Status, Unanswered,
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
    let history = index.ask(|store| store.history(owner, None, 100)).unwrap();
    history.entries.iter().map(|(block, _)| *block).collect()
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
    assert_eq!(index.status(), Status { number: 0, hash: GENESIS, since: 0, ready: false, coins: 0 });
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
    let history = index.ask(|store| store.history(BEN, None, 1)).unwrap();
    assert_eq!(history.entries[0].1.extrinsic, Some(hash(2_002)), "the second extrinsic of block 2");
    assert_eq!(index.status(), Status { number: 2, hash: hash(2), since: 0, ready: true, coins: 3 });
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
    assert_eq!(blocks_of(&index, BEN), [42]);
    assert_eq!(index.status().since, 1, "it began at block 1, the head of its first start");
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
    assert_eq!((index.status().since, blocks_of(&index, BEN)), (3, vec![]));
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
    assert_eq!((coins_of(&index, BEN), index.status().since), (vec![(1, 2)], 1));
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
    assert_eq!((index.status().since, coins_of(&index, BEN)), (1, vec![]));
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
    assert_eq!((index.status().ready, index.status().since), (true, 1));
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
    let history = index.ask(|store| store.history(BEN, None, 1)).unwrap();
    assert_eq!(history.entries[0].1.extrinsic, None);
    assert_eq!(history.entries[0].1.flow.extrinsic, Some(1));
}
