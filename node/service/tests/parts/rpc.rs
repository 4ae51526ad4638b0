//! What callers send, and the errors they get.

use jsonrpsee::ConnectionId;
use serde_json::json;
use sp_core::crypto::Ss58Codec;
use specie_index::{
    orders::Known,
    records::{Order, Query},
    store::{Gap, Head, SCHEMA},
    tail::News,
};
use specie_node_service::rpc::{
    answers::{BlockRef, OrderEnd, OrderNews, RecordsMessage},
    errors::Error,
    read::*,
    subscribe::*,
    subscribe_order::*,
};
use specie_primitives::cards::CardsOf;
use specie_primitives::flow::FlowKind;
use specie_primitives::orders::{Executed, OrderInfo};
use specie_primitives::BankId;
use specie_primitives::{AccountId, CoinId, Hash, Holder, OrderId, OwnerId, Target, VaultId};

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> i32 {
    result.unwrap_err().code()
}

#[test]
fn success_reads_what_wallets_send() {
    let owner = OwnerId([7; 24]);
    assert_eq!(read_owner(owner.to_string()).unwrap(), owner);
    assert_eq!(read_owner(format!("0x{owner}")).unwrap(), owner);
    let account = AccountId::new([1; 32]);
    assert_eq!(read_account(account.to_ss58check()).unwrap(), account);
    assert_eq!(read_account(format!("0x{}", hex::encode([1; 32]))).unwrap(), account);
    assert_eq!(read_coin("3-1041".into()).unwrap(), CoinId { batch: 3, index: 1041 });
    let vault = |value| read_value::<VaultId>(value, Error::BadVault).unwrap();
    assert_eq!(vault(json!("issue")), VaultId::Issue);
    assert_eq!(vault(json!({ "bank": 2 })), VaultId::Bank(BankId(2)));
    let holder = |value| read_value::<Holder>(value, Error::BadHolder).unwrap();
    assert_eq!(holder(json!({ "owner": owner.to_string() })), Holder::Owner(owner));
    assert_eq!(holder(json!({ "vault": "issue" })), Holder::Vault(VaultId::Issue));
    assert_eq!(holder(json!({ "vault": { "bank": 2 } })), Holder::Vault(VaultId::Bank(BankId(2))));
    let target = |value| read_value::<Target>(value, Error::BadTarget).unwrap();
    assert_eq!(target(json!({ "owner": owner.to_string() })), Target::Owner(owner));
    assert_eq!(target(json!({ "coin": "3-7" })), Target::Coin(CoinId { batch: 3, index: 7 }));
    assert_eq!(target(json!({ "bank": 2 })), Target::Bank(BankId(2)));
    assert_eq!(read_cursor::<2>(Some("0aff".into())).unwrap(), Some([0x0a, 0xff]));
    assert_eq!(read_cursor::<2>(None).unwrap(), None);
}

#[test]
fn fails_with_the_code_of_the_mistake() {
    assert_eq!(code(read_owner("0x12".into())), 9001);
    assert_eq!(code(read_account("//Ann".into())), 9002);
    assert_eq!(code(read_account("0x1234".into())), 9002);
    assert_eq!(code(read_coin("3".into())), 9003);
    assert_eq!(code(read_value::<Holder>(json!({ "owner": 3 }), Error::BadHolder)), 9004);
    assert_eq!(code(read_value::<VaultId>(json!("bank"), Error::BadVault)), 9005);
    assert_eq!(code(read_cursor::<2>(Some("0aff00".into()))), 9006);
    assert_eq!(code(read_value::<Target>(json!({ "coin": 3 }), Error::BadTarget)), 9008);
    assert_eq!(code(read_value::<CardsOf>(json!({ "owner": 3 }), Error::BadCard)), 9014);
    assert_eq!(code(read_order("0x12".into())), 9015);
    let party = || OwnerId([7; 24]).to_string();
    assert!(read_parties(None).unwrap().is_empty());
    assert_eq!(read_parties(Some(vec![party(); 4])).unwrap(), [OwnerId([7; 24]); 4]);
    assert_eq!(code(read_parties(Some(vec![party(); 5]))), 9009);
    assert_eq!(code(read_parties(Some(vec![party(), "ann".into()]))), 9001);
}

#[test]
fn success_reads_queries() {
    assert_eq!(read_query(None).unwrap(), Query::default());
    assert_eq!(read_query(Some(json!({}))).unwrap(), Query::default());
    let (owner, order) = (OwnerId([7; 24]), OrderId([9; 32]));
    let all = json!({
        "coin": "3-1041", "owner": owner, "bank": 2, "order_id": order, "kinds": ["minted", "transferred"], "from_block": 1,
        "to_block": 9, "from_ms": 10, "to_ms": 90, "order": "oldest"
    });
    let query = read_query(Some(all)).unwrap();
    let expected = Query {
        coin: Some(CoinId { batch: 3, index: 1041 }),
        owner: Some(owner),
        bank: Some(BankId(2)),
        order_id: Some(order),
        kinds: vec![FlowKind::Minted, FlowKind::Transferred],
        from_block: Some(1),
        to_block: Some(9),
        from_ms: Some(10),
        to_ms: Some(90),
        order: Order::Oldest,
    };
    assert_eq!(query, expected);
}

#[test]
fn fails_queries_that_are_misspelt() {
    for bad in [
        json!({ "coins": "3-1041" }),
        json!({ "from": 3 }),
        json!({ "kinds": ["paid"] }),
        json!({ "kinds": vec!["minted"; MAX_KINDS + 1] }),
        json!({ "order": "best" }),
        json!({ "order_id": "12" }),
        json!({ "from_block": -1 }),
        json!([]),
    ] {
        assert_eq!(code(read_query(Some(bad))), 9009);
    }
    let error = read_query(Some(json!({ "x".repeat(1_000_000): 1 }))).unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
}

#[test]
fn boundary_limits() {
    let read = |limit| read_limit(limit, MAX_LIMIT);
    assert_eq!(read(None).unwrap(), 1_000);
    assert_eq!(read(Some(1)).unwrap(), 1);
    assert_eq!(read(Some(10_000)).unwrap(), 10_000);
    assert_eq!(code(read(Some(0))), 9007);
    assert_eq!(code(read(Some(10_001))), 9007);
    assert_eq!(read_limit(None, MAX_PROVEN).unwrap(), 500);
    assert_eq!(code(read_limit(Some(501), MAX_PROVEN)), 9007);
}

#[test]
fn boundary_errors_repeat_eighty_characters() {
    let repeated = |text: String| match read_coin(text) {
        Err(Error::BadCoin(excerpt)) => excerpt.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(repeated("é".repeat(80)), "é".repeat(80));
    assert_eq!(repeated("é".repeat(81)), "é".repeat(80) + "…");
    let value = read_value::<Holder>(json!({ "owner": "x".repeat(1_000_000) }), Error::BadHolder).unwrap_err();
    assert!(value.to_string().len() < 400, "{value}");
    let cursor = read_cursor::<2>(Some("0".repeat(1_000_000))).unwrap_err();
    assert!(cursor.to_string().len() < 400, "{cursor}");
}

#[test]
fn errors_say_what_to_do() {
    let error: jsonrpsee::types::ErrorObjectOwned = Error::BadHolder("3".into()).into();
    assert_eq!(error.code(), 9004);
    assert!(error.message().contains(r#"{"vault": {"bank": <number>}}"#), "{}", error.message());
}

#[test]
fn cursors_of_pickups_are_read_whole() {
    use specie_primitives::{api::PickupCursor, PickupId};
    let read = |text: &str| read_pickup_cursor(Some(text.into()));
    assert_eq!(read("000700000000000000").unwrap(), Some(PickupCursor::Left(PickupId(7))));
    assert_eq!(read("010700000000000000").unwrap(), Some(PickupCursor::Waiting(PickupId(7))));
    assert_eq!(read_pickup_cursor(None).unwrap(), None);
    for bad in ["", "0007", "020700000000000000", "00070000000000000000", "x"] {
        assert_eq!(code(read(bad)), 9006, "{bad}");
    }
}

#[test]
fn success_subscriptions_read_the_oldest_first() {
    let oldest = Query { order: Order::Oldest, ..Query::default() };
    assert_eq!(read_endless_query(None).unwrap(), oldest);
    assert_eq!(read_endless_query(Some(json!({ "order": "oldest" }))).unwrap(), oldest);
    let query = read_endless_query(Some(json!({ "bank": 2, "from_block": 7, "to_block": null }))).unwrap();
    assert_eq!(query, Query { bank: Some(BankId(2)), from_block: Some(7), ..oldest });
}

#[test]
fn fails_subscriptions_with_an_end_or_backwards() {
    for bad in [json!({ "order": "newest" }), json!({ "to_block": 9 }), json!({ "to_ms": 9 }), json!({ "blocks": 1 })] {
        assert_eq!(code(read_endless_query(Some(bad))), 9009);
    }
}

#[test]
fn boundary_subscriptions_are_bounded() {
    let places = Places::default();
    // One connection, up to its own bound.
    let mut of_one: Vec<_> = (0..PER_CONNECTION).map(|_| places.take(ConnectionId(1)).unwrap()).collect();
    assert!(places.take(ConnectionId(1)).is_none());
    assert_eq!(places.count(), PER_CONNECTION);
    // All of them together.
    let others: Vec<_> = (PER_CONNECTION..AT_ONCE).map(|number| places.take(ConnectionId(number)).unwrap()).collect();
    assert!(places.take(ConnectionId(0)).is_none());
    // Who leaves makes room.
    of_one.pop();
    assert!(places.take(ConnectionId(0)).is_some());
    drop((of_one, others));
    assert_eq!(places.count(), 0);
}

/// Ann's and Ben's order, which can be executed up to block 20 of the clock.
fn asked() -> Asked {
    Asked { order: OrderId([9; 32]), parties: vec![OwnerId([1; 24]), OwnerId([2; 24])], valid_until: Some(20) }
}

/// What is known after block 30, by a clock that stands here.
fn seen(now: u32, unknown: Vec<Gap>) -> Seen {
    let head = Head { schema: SCHEMA, genesis: Hash::zero(), number: 30, hash: Hash::zero(), unknown };
    let info = OrderInfo { order: OrderId([9; 32]), executed: None, cancelled_by: Vec::new(), now };
    Seen { known: Known { head, executed: None }, info, cancelled_by: Vec::new() }
}

#[test]
fn success_the_end_of_an_order_is_told() {
    let asked = asked();
    // Nothing happened, up to its last block.
    assert_eq!(asked.next(&seen(20, vec![]), 0), Next::Wait(30));
    assert_eq!(asked.next(&seen(21, vec![]), 0), Next::End(OrderEnd::Expired));
    // Executed: by the index, though the state forgot it, or by the state alone; whatever else there is to say.
    let indexed = Seen { known: Known { executed: Some(7), ..seen(99, vec![]).known }, ..seen(99, vec![]) };
    assert_eq!(asked.next(&indexed, 0), Next::End(OrderEnd::Executed { block: 7 }));
    let executed = Some(Executed { block: 8, valid_until: 20 });
    let info = OrderInfo { executed, ..seen(9, vec![]).info };
    let cancelled_by = vec![OwnerId([1; 24])];
    let remembered = Seen { info, cancelled_by, ..seen(9, vec![Gap { first: 1, last: 25 }]) };
    assert_eq!(asked.next(&remembered, 0), Next::End(OrderEnd::Executed { block: 8 }));
    // Without a last block there is no end but these.
    let endless = Asked { valid_until: None, ..asked };
    assert_eq!(endless.next(&seen(21, vec![]), 0), Next::Wait(0));
    assert_eq!(endless.next(&remembered, 0), Next::End(OrderEnd::Executed { block: 8 }));
}

#[test]
fn a_strangers_word_cancels_nothing() {
    let strangers = OrderInfo { cancelled_by: vec![OwnerId([3; 24])], ..seen(9, vec![]).info };
    let strangers = Seen { info: strangers, ..seen(9, vec![]) };
    assert_eq!(asked().next(&strangers, 0), Next::Wait(30));
    let by = vec![OwnerId([2; 24])];
    let bens = Seen { cancelled_by: by.clone(), ..strangers };
    assert_eq!(asked().next(&bens, 0), Next::End(OrderEnd::Cancelled { by }));
}

#[test]
fn a_node_with_a_gap_does_not_say_that_an_order_expired() {
    let gap = || vec![Gap { first: 1, last: 3 }, Gap { first: 5, last: 15 }];
    assert_eq!(asked().next(&seen(21, gap()), 0), Next::Unknown(1, 3));
    assert_eq!(asked().next(&seen(21, gap()), 14), Next::Unknown(5, 15));
    // Whoever saw after the gap that it had not been executed knows.
    assert_eq!(asked().next(&seen(21, gap()), 15), Next::End(OrderEnd::Expired));
    assert_eq!(asked().next(&seen(19, gap()), 0), Next::Wait(30));
}

#[test]
fn messages_tell_how_an_order_ended() {
    let order = OrderId([9; 32]);
    let told = |end| {
        let block = BlockRef { number: 7, hash: Hash::zero() };
        serde_json::to_value(OrderNews { order, block, end }).unwrap()
    };
    let executed = told(OrderEnd::Executed { block: 6 });
    assert_eq!((&executed["order"], &executed["block"]["number"]), (&json!(order), &json!(7)));
    assert_eq!((&executed["state"], &executed["executed_in"]), (&json!("executed"), &json!(6)));
    let by = vec![OwnerId([1; 24])];
    let cancelled = told(OrderEnd::Cancelled { by: by.clone() });
    assert_eq!((&cancelled["state"], &cancelled["by"]), (&json!("cancelled"), &json!(by)));
    assert_eq!(told(OrderEnd::Expired)["state"], "expired");
}

#[test]
fn messages_of_subscriptions_say_where_to_go_on_or_why_not() {
    let head = Head { schema: SCHEMA, genesis: Hash::zero(), number: 7, hash: Hash::zero(), unknown: Vec::new() };
    let news = News { head, records: Vec::new(), cursor: [0xab; 16], more: false };
    let message = serde_json::to_value(RecordsMessage::from(news)).unwrap();
    assert_eq!((&message["cursor"], &message["block"]["number"]), (&json!("ab".repeat(16)), &json!(7)));
    let ended = serde_json::to_value(RecordsMessage::from(Error::UnknownMovements(1, 5))).unwrap();
    assert_eq!(ended["ended"]["code"], 9023);
    assert!(ended["ended"]["message"].as_str().unwrap().contains("blocks 1 to 5"), "{ended}");
}
