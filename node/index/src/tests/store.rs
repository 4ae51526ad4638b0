//! The database.

use super::*;
use crate::store::Changes;
use std::path::Path;

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("index.redb")).unwrap()
}

fn names(store: &Store, holder: Holder) -> Vec<u32> {
    store.holdings(holder, None, 100).unwrap().unwrap().coins.iter().map(|held| held.coin.index).collect()
}

#[test]
fn nothing_is_answered_before_it_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!(store.head().unwrap(), None);
    store.load(&[(coin(1), held(VAULT, 1, 100))], None).unwrap();
    assert_eq!(store.coins().unwrap(), 1);
    assert_eq!(store.holdings(VAULT, None, 10).unwrap(), None);
    assert_eq!(store.records(&of(ANN), None, 10).unwrap(), None);
}

#[test]
fn success_holdings_come_in_pages() {
    // Given
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let owned = |index: u32, denomination| (coin(index), held(Holder::Owner(ANN), index, denomination));
    let page: Vec<_> = (0..5).map(|index| owned(index, 500)).chain((5..7).map(|index| owned(index, 100))).collect();
    store.load(&page, None).unwrap();
    store
        .load(&[(coin(9), held(VAULT, 3, 100)), (coin(10), held(Holder::Owner(BEN), 1, 100))], Some(&head(4)))
        .unwrap();

    // When
    let mut cursor = None;
    let mut pages = Vec::new();
    loop {
        let page = store.holdings(Holder::Owner(ANN), cursor.as_ref(), 3).unwrap().unwrap();
        assert_eq!((page.count, page.total, page.head.number), (7, 2_700, 4));
        pages.push(
            page.coins.iter().map(|held| (held.denomination.0, held.coin.index, held.revision)).collect::<Vec<_>>(),
        );
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }

    // Then
    assert_eq!(
        pages,
        [vec![(100, 5, 5), (100, 6, 6), (500, 0, 0)], vec![(500, 1, 1), (500, 2, 2), (500, 3, 3)], vec![(500, 4, 4)]]
    );
    assert_eq!(names(&store, VAULT), [9]);
    assert_eq!(names(&store, Holder::Vault(VaultId::Issue)), [0; 0]);
}

#[test]
fn boundary_a_page_that_ends_with_the_last_coin_is_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.load(&[(coin(0), held(VAULT, 1, 5)), (coin(u32::MAX), held(VAULT, 1, u64::MAX))], Some(&head(0))).unwrap();
    let page = store.holdings(VAULT, None, 2).unwrap().unwrap();
    assert_eq!((page.coins.len(), page.cursor), (2, None));
    let first = store.holdings(VAULT, None, 1).unwrap().unwrap();
    let second = store.holdings(VAULT, first.cursor.as_ref(), 1).unwrap().unwrap();
    assert_eq!((second.coins[0].coin, second.cursor), (coin(u32::MAX), None));
}

#[test]
fn success_coins_move_and_vanish() {
    // Given
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let ann = Holder::Owner(ANN);
    store.load(&[(coin(1), held(ann, 1, 100)), (coin(2), held(ann, 1, 500))], Some(&head(1))).unwrap();

    // When: one goes to Ben, one is retired, a new one comes, one that was never here vanishes.
    let coins = vec![
        (coin(1), Some(held(Holder::Owner(BEN), 2, 100))),
        (coin(2), None),
        (coin(3), Some(held(VAULT, 1, 100))),
        (coin(4), None),
    ];
    store.apply(&head(2), &Changes { coins, moved: moved(2, []) }, true).unwrap();

    // Then
    let page = store.holdings(ann, None, 10).unwrap().unwrap();
    assert_eq!((page.coins.len(), page.count, page.total, page.head.number), (0, 0, 0, 2));
    let page = store.holdings(Holder::Owner(BEN), None, 10).unwrap().unwrap();
    assert_eq!((page.coins[0].coin, page.coins[0].revision, page.count, page.total), (coin(1), 2, 1, 100));
    assert_eq!(names(&store, VAULT), [3]);
    assert_eq!(store.coins().unwrap(), 2);
}

#[test]
fn success_what_was_written_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    {
        let store = open(folder.path());
        store.load(&[(coin(1), held(VAULT, 1, 100))], Some(&head(1))).unwrap();
        let changes = Changes {
            coins: vec![(coin(1), Some(held(Holder::Owner(ANN), 2, 100)))],
            moved: moved(2, [payment(BEN, ANN, &[1])]),
        };
        store.apply(&head(2), &changes, true).unwrap();
    }
    let store = open(folder.path());
    assert_eq!(store.head().unwrap(), Some(head(2)));
    assert_eq!(names(&store, Holder::Owner(ANN)), [1]);
    assert_eq!(page(&store, &of(ANN), None, 10).records.len(), 1);
}

#[test]
fn clearing_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.load(&[(coin(1), held(VAULT, 1, 100))], Some(&head(1))).unwrap();
    store.apply(&head(2), &Changes { coins: Vec::new(), moved: moved(2, [payment(ANN, BEN, &[1])]) }, true).unwrap();
    store.clear().unwrap();
    assert_eq!((store.head().unwrap(), store.kept().unwrap(), store.coins().unwrap()), (None, None, 0));
    store.load(&[], Some(&head(3))).unwrap();
    assert!(page(&store, &Query::default(), None, 10).records.is_empty());
}

#[test]
fn records_outlive_the_register() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.load(&[(coin(1), held(VAULT, 1, 100))], Some(&head(1))).unwrap();
    store.apply(&head(2), &Changes { coins: Vec::new(), moved: moved(2, [payment(ANN, BEN, &[1])]) }, true).unwrap();
    store.keep_records(&head(2)).unwrap();
    assert_eq!((store.head().unwrap(), store.kept().unwrap(), store.coins().unwrap()), (None, Some(head(2)), 0));
    store.load(&[], Some(&head(9))).unwrap();
    assert_eq!((store.head().unwrap(), store.kept().unwrap()), (Some(head(9)), None));
    assert_eq!(page(&store, &of(ANN), None, 10).records.len(), 1);
}

#[test]
fn a_file_of_another_layout_counts_as_none() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.load(&[], Some(&Head { schema: SCHEMA + 1, ..head(1) })).unwrap();
    assert_eq!(store.head().unwrap(), None);
}

#[test]
fn fails_on_a_file_that_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.redb"), vec![b'x'; 10_000]).unwrap();
    let Err(error) = Store::open(&folder.path().join("index.redb")) else { panic!("opened") };
    assert!(error.is_damage(), "{error}");
}
