//! The record of movements: against a plain list of everything that happened, while more happens.

use super::*;
use crate::{
    records::{ForeignCursor, Record, MAX_BYTES, MAX_VISITED},
    store::{Changes, Gap},
};
use proptest::prelude::*;
use specie_primitives::{CoinRange, OrderId, PickupId, TransferId};

const BANK: BankId = BankId(1);

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

/// Blocks and places of all pages.
fn all(store: &Store, query: &Query, limit: usize) -> Vec<(BlockNumber, u32)> {
    let (mut cursor, mut found) = (None, Vec::new());
    loop {
        let page = page(store, query, cursor.as_ref(), limit);
        assert!(page.records.len() <= limit);
        found.extend(page.records.iter().map(place));
        cursor = page.cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

fn place(record: &Record) -> (BlockNumber, u32) {
    (record.block, record.place)
}

fn range(batch: u32, start: u32, count: u32) -> CoinRange {
    CoinRange { batch, start, count }
}

/// A movement of coins that never left a vault.
fn drawn(bank: BankId, ranges: &[CoinRange]) -> Flow {
    Flow {
        extrinsic: Some(1),
        kind: FlowKind::Drawn,
        value: 10,
        from: Party::Coins(Holder::Vault(VaultId::Issue)),
        to: Party::Coins(Holder::Vault(VaultId::Bank(bank))),
        coins: Vec::new(),
        ranges: ranges.to_vec(),
        others: Vec::new(),
        order: None,
    }
}

#[test]
fn success_a_movement_is_found_with_everything_about_it() {
    let (_folder, store) = open();
    add(&store, 3, [payment(ANN, BEN, &[1]), payment(BEN, ANN, &[2])]);
    let page = page(&store, &of(ANN), None, 10);
    let entry = Entry { extrinsic: Some(hash(1_000)), flow: payment(ANN, BEN, &[1]) };
    let expected = Record { block: 3, hash: hash(3), time_ms: time(3), place: 0, entry };
    assert_eq!((page.records.last(), page.records.len(), page.cursor), (Some(&expected), 2, None));
    assert_eq!((page.head, page.unknown), (head(3), vec![]));
}

#[test]
fn success_a_coin_is_followed_from_minting_to_retiring() {
    // Given: coin 7 of batch 1 is minted, drawn, given to Ann, paid to Ben, paid in, returned and retired; others too.
    let (_folder, store) = open();
    let (issue, vault) = (Party::Coins(Holder::Vault(VaultId::Issue)), Party::Coins(VAULT));
    let ben = Party::Coins(Holder::Owner(BEN));
    let single = |kind, from, to| Flow { kind, from, to, ..payment(ANN, BEN, &[7]) };
    let minted = Flow { kind: FlowKind::Minted, from: Party::Issuer, to: issue, ..drawn(BANK, &[range(1, 0, 100)]) };
    add(&store, 1, [minted]);
    add(&store, 2, [drawn(BANK, &[range(2, 0, 50), range(1, 0, 5), range(1, 6, 20)]), drawn(BANK, &[range(1, 50, 9)])]);
    add(&store, 3, [single(FlowKind::Withdrawn, Party::Custody(BANK, ANN), Party::Coins(Holder::Owner(ANN)))]);
    add(&store, 4, [drawn(BANK, &[range(1, 60, 10)]), payment(ANN, BEN, &[6, 7, 8])]);
    add(&store, 5, [payment(BEN, ANN, &[6, 8]), single(FlowKind::Deposited, ben, Party::Custody(BANK, BEN))]);
    add(&store, 6, [single(FlowKind::Returned, vault, issue), single(FlowKind::Retired, issue, Party::Issuer)]);

    // When, then: every step of it, and nothing else, in both orders and whatever the pages.
    let life = vec![(1, 0), (2, 0), (3, 0), (4, 1), (5, 1), (6, 0), (6, 1)];
    let oldest = Query { coin: Some(coin(7)), order: Order::Oldest, ..Query::default() };
    let newest = Query { order: Order::Newest, ..oldest.clone() };
    for limit in [1, 2, 3, 100] {
        assert_eq!(all(&store, &oldest, limit), life);
        assert_eq!(all(&store, &newest, limit), life.iter().rev().copied().collect::<Vec<_>>());
    }
    let neighbour = Query { coin: Some(coin(5)), ..oldest.clone() };
    assert_eq!(all(&store, &neighbour, 10), [(1, 0)], "coin 5 lies between the ranges that were drawn");
    let drawn = Query { kinds: vec![FlowKind::Drawn, FlowKind::Retired], ..oldest };
    assert_eq!(all(&store, &drawn, 10), [(2, 0), (6, 1)]);
}

#[test]
fn success_a_pickup_is_found_by_whom_it_concerns() {
    // Given: Ann leaves a coin for Cid, who collects it into an account of Ben's; another one goes back to Ann.
    let (_folder, store) = open();
    let cid = OwnerId([3; 24]);
    let (ann, account) = (Party::Coins(Holder::Owner(ANN)), Party::Custody(BANK, BEN));
    let step = |kind, pickup, from: Option<Party>, to: Option<Party>, others: &[OwnerId]| {
        let waiting = Party::Coins(Holder::Pickup(PickupId(pickup)));
        let (from, to) = (from.unwrap_or(waiting), to.unwrap_or(waiting));
        Flow { kind, from, to, others: others.to_vec(), ..payment(ANN, BEN, &[7]) }
    };
    add(&store, 1, [step(FlowKind::Left, 0, Some(ann), None, &[cid])]);
    add(&store, 2, [step(FlowKind::PickedUp, 0, None, Some(account), &[ANN, cid])]);
    add(&store, 3, [step(FlowKind::Left, 1, Some(ann), None, &[cid])]);
    add(&store, 4, [step(FlowKind::Refunded, 1, None, Some(ann), &[cid])]);

    // Then: payer and payee find all of it, the receiver and its bank what they got.
    let by = |query: Query| all(&store, &Query { order: Order::Oldest, ..query }, 2);
    let whole = [(1, 0), (2, 0), (3, 0), (4, 0)];
    assert_eq!((by(of(ANN)), by(of(cid))), (whole.to_vec(), whole.to_vec()));
    assert_eq!(by(of(BEN)), [(2, 0)]);
    assert_eq!(by(Query { bank: Some(BANK), ..Query::default() }), [(2, 0)]);
    assert_eq!(by(Query { coin: Some(coin(7)), ..Query::default() }), whole);
    assert_eq!(by(Query { kinds: vec![FlowKind::PickedUp, FlowKind::Refunded], ..of(cid) }), [(2, 0), (4, 0)]);
    assert!(by(of(OwnerId([4; 24]))).is_empty());
}

#[test]
fn success_the_movements_of_an_order_are_found_by_its_name() {
    // Given: a payment with change by order, which is three movements, one by another order, and one by none.
    let (_folder, store) = open();
    let (one, two) = (OrderId([1; 32]), OrderId([2; 32]));
    let by = |order, kind| Flow { kind, order: Some(order), ..payment(ANN, BEN, &[7]) };
    let with_change = [FlowKind::Exchanged, FlowKind::Exchanged, FlowKind::Transferred].map(|kind| by(one, kind));
    add(&store, 1, [payment(ANN, BEN, &[7])]);
    add(&store, 2, with_change.into_iter().chain([by(two, FlowKind::Transferred)]));

    // When, then: each order has its own, in both orders, whatever the pages and the other conditions.
    let of_order = |order| Query { order_id: Some(order), order: Order::Oldest, ..Query::default() };
    for limit in [1, 2, 9] {
        assert_eq!(all(&store, &of_order(one), limit), [(2, 0), (2, 1), (2, 2)]);
        let newest = Query { order: Order::Newest, ..of_order(one) };
        assert_eq!(all(&store, &newest, limit), [(2, 2), (2, 1), (2, 0)]);
    }
    assert_eq!(all(&store, &of_order(two), 9), [(2, 3)]);
    assert!(all(&store, &of_order(OrderId([3; 32])), 9).is_empty());
    let paid = Query { kinds: vec![FlowKind::Transferred], ..of_order(one) };
    assert_eq!(all(&store, &paid, 9), [(2, 2)]);
    let of_ann = |order| Query { owner: Some(ANN), coin: Some(coin(7)), ..of_order(order) };
    assert_eq!(all(&store, &of_ann(two), 9), [(2, 3)]);
    for none in [Query { owner: Some(OwnerId([4; 24])), ..of_order(one) }, Query { to_block: Some(1), ..of_order(one) }]
    {
        assert!(all(&store, &none, 9).is_empty(), "{none:?}");
    }
    let found = page(&store, &of_order(two), None, 9).records;
    assert_eq!(found[0].entry.flow.order, Some(two));
}

#[test]
fn boundary_a_payment_to_oneself_is_there_once() {
    let (_folder, store) = open();
    add(&store, 1, [payment(ANN, ANN, &[1, 1])]);
    assert_eq!(all(&store, &of(ANN), 1), [(1, 0)]);
    assert_eq!(all(&store, &Query { coin: Some(coin(1)), ..Query::default() }, 1), [(1, 0)]);
}

#[test]
fn boundary_both_ends_of_a_period_are_in_it() {
    let (_folder, store) = open();
    for number in [2, 3, 5, 9] {
        add(&store, number, [payment(ANN, BEN, &[1])]);
    }
    let blocks = |from_block, to_block| {
        let query = Query { from_block, to_block, order: Order::Oldest, ..Query::default() };
        all(&store, &query, 10).into_iter().map(|(block, _)| block).collect::<Vec<_>>()
    };
    assert_eq!(blocks(None, None), [2, 3, 5, 9]);
    assert_eq!(blocks(Some(3), Some(5)), [3, 5]);
    assert_eq!(blocks(Some(4), Some(4)), [0; 0]);
    assert_eq!(blocks(Some(6), Some(5)), [0; 0]);
    assert_eq!(blocks(Some(0), Some(u32::MAX)), [2, 3, 5, 9]);
    let times = |from_ms, to_ms| {
        let query = Query { from_ms, to_ms, order: Order::Oldest, ..Query::default() };
        all(&store, &query, 10).into_iter().map(|(block, _)| block).collect::<Vec<_>>()
    };
    assert_eq!(times(Some(time(3)), Some(time(5))), [3, 5]);
    assert_eq!(times(Some(time(3) + 1), Some(time(5) - 1)), [0; 0]);
    assert_eq!(times(Some(time(3) + 1), None), [5, 9]);
    assert_eq!(times(None, Some(time(9) - 1)), [2, 3, 5]);
    assert_eq!(times(None, Some(0)), [0; 0]);
    assert_eq!(times(Some(0), Some(u64::MAX)), [2, 3, 5, 9]);
    assert_eq!(times(Some(u64::MAX), None), [0; 0]);
}

#[test]
fn boundary_gaps_of_the_period_are_told() {
    let (_folder, store) = open();
    let gap = |first, last| Gap { first, last };
    let head = Head { unknown: vec![gap(1, 3), gap(10, 20)], ..head(30) };
    let entries = moved(5, [payment(ANN, BEN, &[1])]);
    store.apply(&head, &Changes { coins: Vec::new(), moved: entries }, true).unwrap();
    store.apply_past(&head, &moved(25, [payment(ANN, BEN, &[1])]), true).unwrap();
    let unknown = |query: Query| page(&store, &query, None, 10).unknown;
    let within = |from_block, to_block| unknown(Query { from_block, to_block, ..Query::default() });
    assert_eq!(within(None, None), [gap(1, 3), gap(10, 20)]);
    assert_eq!(within(Some(4), Some(9)), []);
    assert_eq!(within(Some(3), Some(10)), [gap(3, 3), gap(10, 10)]);
    assert_eq!(within(Some(12), Some(15)), [gap(12, 15)]);
    // Nothing is known of the times of blocks in a gap: those that may lie in the period are told.
    let times = |from_ms, to_ms| unknown(Query { from_ms, to_ms, ..Query::default() });
    assert_eq!(times(None, Some(time(2))), [gap(1, 3)]);
    assert_eq!(times(Some(time(6)), Some(time(24))), [gap(10, 20)]);
    assert_eq!(times(Some(time(26)), None), []);
    assert_eq!(times(Some(time(25)), Some(time(25))), [gap(10, 20)], "nothing that is known lies in between");
}

#[test]
fn boundary_a_page_ends_when_it_has_cost_enough() {
    // Given: rare payments of Ben's among very many of a bank's.
    let (_folder, store) = open();
    let many = MAX_VISITED as u32 + 5;
    let counter = Party::Counter(BANK);
    let credit = |owner| Flow { from: counter, to: Party::Custody(BANK, owner), ..payment(ANN, BEN, &[]) };
    add(&store, 1, [credit(BEN)].into_iter().chain((1..many).map(|_| credit(ANN))).chain([credit(BEN)]));
    let query = Query { bank: Some(BANK), kinds: vec![FlowKind::Minted], ..Query::default() };

    // When nothing fits, then a page is empty and not the last.
    let first = page(&store, &query, None, 10);
    assert!(first.records.is_empty() && first.cursor.is_some());
    let second = page(&store, &query, first.cursor.as_ref(), 10);
    assert!(second.records.is_empty() && second.cursor.is_none());

    // When records are large, then a page has fewer than were asked for.
    let coins: Vec<u32> = (0..512).collect();
    let large = payment(ANN, BEN, &coins);
    let count = 2 * MAX_BYTES / (512 * 8);
    add(&store, 2, (0..count).map(|_| large.clone()));
    let query = Query { from_block: Some(2), ..Query::default() };
    let first = page(&store, &query, None, 10_000);
    assert!(first.cursor.is_some() && first.records.len() > count / 4 && first.records.len() < count);
    assert_eq!(all(&store, &query, 10_000).len(), count);
}

#[test]
fn fails_with_a_cursor_of_another_query() {
    let (_folder, store) = open();
    for number in 1..4 {
        add(&store, number, [payment(ANN, BEN, &[1])]);
    }
    let cursor = page(&store, &of(ANN), None, 1).cursor.unwrap();
    let ask = |query: &Query, cursor: &Cursor| store.records(query, Some(cursor), 5).unwrap().unwrap();
    assert!(ask(&of(ANN), &cursor).is_ok());
    assert_eq!(ask(&of(BEN), &cursor), Err(ForeignCursor));
    assert_eq!(ask(&Query { order: Order::Oldest, ..of(ANN) }, &cursor), Err(ForeignCursor));
    assert_eq!(ask(&of(ANN), &[0; 16]), Err(ForeignCursor));
    // Whatever place a forged one names, there is an answer.
    for place in [0u64, u64::MAX] {
        let mut forged = cursor;
        forged[..8].copy_from_slice(&place.to_be_bytes());
        assert!(ask(&of(ANN), &forged).is_ok());
    }
}

/// A movement of the model, small enough for everything to meet everything.
fn flow() -> impl Strategy<Value = Flow> {
    let owner = || (0u8..3).prop_map(|seed| OwnerId([seed; 24]));
    let bank = || (1u32..3).prop_map(BankId);
    let party = || {
        prop_oneof![
            Just(Party::Issuer),
            bank().prop_map(Party::Reserve),
            bank().prop_map(Party::Counter),
            bank().prop_map(|bank| Party::Queue(bank, TransferId(7))),
            bank().prop_map(|bank| Party::Escrow(bank, OrderId([7; 32]))),
            (bank(), owner()).prop_map(|(bank, owner)| Party::Custody(bank, owner)),
            owner().prop_map(|owner| Party::Coins(Holder::Owner(owner))),
            Just(Party::Coins(Holder::Vault(VaultId::Issue))),
            bank().prop_map(|bank| Party::Coins(Holder::Vault(VaultId::Bank(bank)))),
            (0u64..2).prop_map(|pickup| Party::Coins(Holder::Pickup(PickupId(pickup)))),
        ]
    };
    let kind = prop_oneof![Just(FlowKind::Minted), Just(FlowKind::Drawn), Just(FlowKind::Transferred)];
    let coins = prop::collection::vec((1u32..3, 0u32..6), 0..4);
    let ranges = prop::collection::vec((1u32..3, 0u32..6, 1u32..4), 0..3);
    let others = prop::collection::vec(owner(), 0..3);
    let order = prop::option::of((0u8..2).prop_map(|seed| OrderId([seed; 32])));
    (kind, party(), party(), coins, ranges, others, order).prop_map(|(kind, from, to, coins, ranges, others, order)| {
        Flow {
            extrinsic: None,
            kind,
            value: 1,
            from,
            to,
            coins: coins.into_iter().map(|(batch, index)| CoinId { batch, index }).collect(),
            ranges: ranges.into_iter().map(|(batch, start, count)| range(batch, start, count)).collect(),
            others,
            order,
        }
    })
}

fn query() -> impl Strategy<Value = Query> {
    let maybe = prop::option::of::<std::ops::Range<u32>>;
    let kinds =
        prop_oneof![Just(vec![]), Just(vec![FlowKind::Transferred]), Just(vec![FlowKind::Minted, FlowKind::Drawn]),];
    let coin = prop::option::of((1u32..3, 0u32..8));
    let order = prop_oneof![Just(Order::Newest), Just(Order::Oldest)];
    let period = (maybe(0..30), maybe(0..30), maybe(0..30), maybe(0..30));
    // Rarely: hardly anything meets it beside other conditions.
    let order_id = prop::option::weighted(0.2, (0u8..3).prop_map(|seed| OrderId([seed; 32])));
    (coin, maybe(0..4), maybe(1..4), order_id, kinds, period, order).prop_map(
        |(coin, owner, bank, order_id, kinds, (from_block, to_block, from_time, to_time), order)| Query {
            coin: coin.map(|(batch, index)| CoinId { batch, index }),
            owner: owner.map(|seed| OwnerId([seed as u8; 24])),
            bank: bank.map(BankId),
            order_id,
            kinds,
            from_block,
            to_block,
            from_ms: from_time.map(time),
            to_ms: to_time.map(time),
            order,
        },
    )
}

/// Everything that happened, one after the other.
#[derive(Default)]
struct Model(Vec<(BlockNumber, u32, Flow)>);

impl Model {
    /// The answer, worked out the long way.
    fn answer(&self, query: &Query) -> Vec<(BlockNumber, u32)> {
        let side = |flow: &Flow, fits: &dyn Fn(&Party) -> bool| fits(&flow.from) || fits(&flow.to);
        let fits = |block: BlockNumber, flow: &Flow| {
            (query.kinds.is_empty() || query.kinds.contains(&flow.kind))
                && query.from_block.is_none_or(|from| block >= from)
                && query.to_block.is_none_or(|to| block <= to)
                && query.from_ms.is_none_or(|from| time(block) >= from)
                && query.to_ms.is_none_or(|to| time(block) <= to)
                && query.owner.is_none_or(|owner| {
                    flow.others.contains(&owner) || side(flow, &|party| party.owner() == Some(owner))
                })
                && query.bank.is_none_or(|bank| side(flow, &|party| party.bank() == Some(bank)))
                && query.order_id.is_none_or(|order| flow.order == Some(order))
                && query.coin.is_none_or(|coin| {
                    flow.coins.contains(&coin) || flow.ranges.iter().any(|range| range.contains(coin))
                })
        };
        let mut found: Vec<_> = self
            .0
            .iter()
            .filter(|(block, _, flow)| fits(*block, flow))
            .map(|(block, place, _)| (*block, *place))
            .collect();
        if query.order == Order::Newest {
            found.reverse();
        }
        found
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_a_plain_list(
        blocks in prop::collection::vec(prop::collection::vec(flow(), 0..5), 1..30),
        queries in prop::collection::vec(query(), 1..12),
        limit in 1usize..6,
    ) {
        let (_folder, store) = open();
        let mut model = Model::default();
        for (number, flows) in (1..).zip(blocks) {
            model.0.extend((0..).zip(&flows).map(|(place, flow)| (number, place, flow.clone())));
            add(&store, number, flows);
        }
        for query in queries {
            prop_assert_eq!(all(&store, &query, limit), model.answer(&query), "{:?}", query);
        }
    }

    #[test]
    fn cursors_stay_good_while_more_happens(
        blocks in prop::collection::vec(prop::collection::vec(flow(), 0..5), 2..30),
        query in query(),
        limit in 1usize..6,
        begin in any::<prop::sample::Index>(),
    ) {
        let begin = begin.index(blocks.len());
        let (folder, mut store) = open();
        let mut model = Model::default();
        let (mut cursor, mut found, mut ended) = (None, Vec::new(), false);
        let mut at_begin = None;
        for (number, flows) in (1..).zip(blocks) {
            model.0.extend((0..).zip(&flows).map(|(place, flow)| (number, place, flow.clone())));
            add(&store, number, flows);
            if number as usize <= begin {
                continue;
            }
            at_begin.get_or_insert_with(|| model.answer(&query));
            // One page a block; the file is closed and opened in between.
            if !ended {
                let page = page(&store, &query, cursor.as_ref(), limit);
                found.extend(page.records.iter().map(place));
                cursor = page.cursor;
                ended = cursor.is_none();
            }
            drop(store);
            store = Store::open(&folder.path().join("index.redb")).unwrap();
        }
        while !ended {
            let page = page(&store, &query, cursor.as_ref(), limit);
            found.extend(page.records.iter().map(place));
            cursor = page.cursor;
            ended = cursor.is_none();
        }
        let (whole, at_begin) = (model.answer(&query), at_begin.unwrap_or_default());
        match query.order {
            // What came after the first page is not told, everything before it once.
            Order::Newest => prop_assert_eq!(found, at_begin),
            // Nothing is left out: what came later may be in it or not, according to when the last page was.
            Order::Oldest => prop_assert!(whole.starts_with(&found) && found.len() >= at_begin.len()),
        }
    }
}

/// What the record of a payment takes on disk, see `docs/figures.md`.
#[test]
fn a_payment_takes_so_many_bytes() {
    const BLOCKS: u32 = 40;
    const PAYMENTS: u32 = 250;
    let owner = |number: u32| {
        let mut id = [0; 24];
        // Spread as hashes are.
        id[..8].copy_from_slice(&sp_crypto_hashing::twox_64(&number.to_be_bytes()));
        OwnerId(id)
    };
    for coins in [1, 3, 10] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("index.redb")).unwrap();
        store.load(&[], Some(&head(0))).unwrap();
        for block in 1..=BLOCKS {
            let pay = |number: u32| {
                let number = block * PAYMENTS + number;
                let indices: Vec<u32> =
                    (0..coins).map(|coin| (number.wrapping_mul(2_654_435_761) >> 12) | (coin << 20)).collect();
                payment(owner(number % 999), owner(number % 997), &indices)
            };
            add(&store, block, (0..PAYMENTS).map(pay));
        }
        let bytes = store.record_bytes().unwrap() / u64::from(BLOCKS * PAYMENTS);
        println!("a payment of {coins} coins takes {bytes} bytes in the record");
        assert!(bytes < 450 + 60 * u64::from(coins), "{bytes}");
    }
}
