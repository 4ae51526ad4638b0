//! Reading on and on: nothing skipped, nothing twice, whatever the pieces, nodes and interruptions.

use super::*;
use crate::{
    records::ForeignCursor,
    store::{Changes, Gap},
    tail::{News, Tail},
};
use proptest::prelude::*;

fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("index.redb")).unwrap();
    store.load(&[], Some(&head(0))).unwrap();
    (folder, store)
}

fn add(store: &Store, number: BlockNumber, flows: impl IntoIterator<Item = Flow>) {
    let changes = Changes { coins: Vec::new(), moved: moved(number, flows) };
    store.apply(&head(number), &changes, false).unwrap();
}

fn read(tail: &mut Tail, store: &Store, limit: usize) -> News {
    tail.read(store, limit).unwrap().unwrap().unwrap()
}

fn places(news: &News) -> Vec<(BlockNumber, u32)> {
    news.records.iter().map(|record| (record.block, record.place)).collect()
}

#[test]
fn success_what_comes_is_told_once() {
    // Given: two payments, and somebody who reads them.
    let (_folder, store) = open();
    add(&store, 1, [payment(ANN, BEN, &[1]), payment(BEN, ANN, &[1])]);
    let mut tail = Tail::new(of(ANN), None).unwrap();
    let first = read(&mut tail, &store, 1);
    assert_eq!((places(&first), first.more), (vec![(1, 0)], true));
    let second = read(&mut tail, &store, 1);
    assert_eq!((places(&second), second.more, &second.head), (vec![(1, 1)], false, &head(1)));

    // When: nothing comes, then another's payment, then one of hers. Then: that one is told.
    assert!(read(&mut tail, &store, 9).records.is_empty());
    add(&store, 2, [payment(BEN, BEN, &[2])]);
    assert!(read(&mut tail, &store, 9).records.is_empty());
    add(&store, 3, [payment(BEN, ANN, &[2])]);
    let third = read(&mut tail, &store, 9);
    assert_eq!(places(&third), [(3, 0)]);

    // And: whoever comes back goes on behind any of the cursors.
    for (news, rest) in [(&first, vec![(1, 1), (3, 0)]), (&second, vec![(3, 0)]), (&third, vec![])] {
        let mut again = Tail::new(of(ANN), Some(news.cursor)).unwrap();
        assert_eq!(places(&read(&mut again, &store, 9)), rest);
    }
}

#[test]
fn success_a_cursor_is_good_at_a_node_that_is_behind() {
    let ((_one, ahead), (_two, late)) = (open(), open());
    for number in 1..=3 {
        add(&ahead, number, [payment(ANN, BEN, &[number])]);
    }
    add(&late, 1, [payment(ANN, BEN, &[1])]);
    let cursor = read(&mut Tail::new(of(ANN), None).unwrap(), &ahead, 9).cursor;
    let mut tail = Tail::new(of(ANN), Some(cursor)).unwrap();
    for number in 2..=4 {
        let news = read(&mut tail, &late, 9);
        assert_eq!((places(&news), news.more), (vec![], false), "before block {number}");
        add(&late, number, [payment(ANN, BEN, &[number])]);
    }
    assert_eq!(places(&read(&mut tail, &late, 9)), [(4, 0)]);
}

#[test]
fn success_cursors_of_pages_are_good() {
    // A page of the query in the same order, and then what follows.
    let (_folder, store) = open();
    add(&store, 1, [payment(ANN, BEN, &[1]), payment(BEN, ANN, &[1])]);
    let oldest = Query { order: Order::Oldest, ..of(ANN) };
    let cursor = page(&store, &oldest, None, 1).cursor.unwrap();
    assert_eq!(places(&read(&mut Tail::new(oldest.clone(), Some(cursor)).unwrap(), &store, 9)), [(1, 1)]);
    let newest = page(&store, &of(ANN), None, 1).cursor.unwrap();
    assert_eq!(Tail::new(of(ANN), Some(newest)), Err(ForeignCursor));
    assert_eq!(Tail::new(of(BEN), Some(cursor)), Err(ForeignCursor));
}

#[test]
fn fails_with_a_gap_ahead_and_goes_on_when_it_is_filled() {
    // Given: blocks 1 to 5 are not known, block 6 is.
    let (_folder, store) = open();
    let gap = Gap { first: 1, last: 5 };
    let with_gap = Head { unknown: vec![gap], ..head(6) };
    let changes = Changes { coins: Vec::new(), moved: moved(6, [payment(ANN, BEN, &[6])]) };
    store.apply(&with_gap, &changes, true).unwrap();

    // Then: who has not read them yet is told so, and who has is not.
    let mut tail = Tail::new(of(ANN), None).unwrap();
    assert_eq!(tail.read(&store, 9).unwrap().unwrap(), Err(gap));
    let from = |from_block| Tail::new(Query { from_block: Some(from_block), ..of(ANN) }, None).unwrap();
    assert_eq!(from(5).read(&store, 9).unwrap().unwrap(), Err(Gap { first: 5, last: 5 }));
    assert_eq!(places(&read(&mut from(6), &store, 9)), [(6, 0)]);

    // When: the gap is filled. Then: nothing was skipped.
    store.apply_past(&head(6), &moved(5, [payment(BEN, ANN, &[5])]), true).unwrap();
    assert_eq!(places(&read(&mut tail, &store, 9)), [(5, 0), (6, 0)]);
}

#[test]
fn boundary_a_cursor_at_the_end_of_a_gap_is_good() {
    let ((_one, whole), (_two, warped)) = (open(), open());
    add(&whole, 5, [payment(ANN, BEN, &[5])]);
    let cursor = read(&mut Tail::new(of(ANN), None).unwrap(), &whole, 9).cursor;
    let with_gap = Head { unknown: vec![Gap { first: 1, last: 5 }], ..head(6) };
    let changes = Changes { coins: Vec::new(), moved: moved(6, [payment(ANN, BEN, &[6])]) };
    warped.apply(&with_gap, &changes, true).unwrap();
    assert_eq!(places(&read(&mut Tail::new(of(ANN), Some(cursor)).unwrap(), &warped, 9)), [(6, 0)]);
}

#[test]
fn boundary_pieces_are_small() {
    let (_folder, store) = open();
    let coins: Vec<u32> = (0..500).collect();
    add(&store, 1, (0..100).map(|_| payment(ANN, BEN, &coins)));
    let mut tail = Tail::new(Query::default(), None).unwrap();
    let news = read(&mut tail, &store, 1_000);
    assert!(news.more && (10..30).contains(&news.records.len()), "{}", news.records.len());
}

#[test]
fn boundary_before_the_index_is_built_there_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("index.redb")).unwrap();
    assert_eq!(Tail::new(of(ANN), None).unwrap().read(&store, 9).unwrap(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Blocks come while somebody reads pieces of any size and begins anew with the last cursor now and then.
    #[test]
    fn everything_is_told_once_in_its_order(
        blocks in prop::collection::vec(prop::collection::vec(any::<bool>(), 0..6), 1..12),
        steps in prop::collection::vec((1_usize..5, any::<bool>()), 1..60),
    ) {
        let (_folder, store) = open();
        let (mut expected, mut told) = (Vec::new(), Vec::new());
        let mut tail = Tail::new(of(ANN), None).unwrap();
        let mut coming = (1..).zip(&blocks);
        for (limit, again) in steps.into_iter().chain((0..100).map(|_| (3, false))) {
            if let Some((number, hers)) = coming.next() {
                add(&store, number, hers.iter().map(|hers| payment(if *hers { ANN } else { BEN }, BEN, &[1])));
                let places = (0..).zip(hers).filter(|(_, hers)| **hers);
                expected.extend(places.map(|(place, _)| (number, place)));
            }
            let news = read(&mut tail, &store, limit);
            prop_assert!(news.records.len() <= limit);
            told.extend(places(&news));
            if again {
                tail = Tail::new(of(ANN), Some(news.cursor)).unwrap();
            }
        }
        prop_assert_eq!(told, expected);
    }
}
