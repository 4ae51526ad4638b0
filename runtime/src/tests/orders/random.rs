//! Random orders, cancellations, blocks and submitters against a plain model: each order is executed at most once, and only
//! when it may be.

use super::*;
use proptest::prelude::*;
use specie_primitives::{
    change::{ChangePart, ChangePayment},
    ChangeFrom,
};
use std::collections::{BTreeMap, BTreeSet};

const KEYS: [&str; 3] = ["//ann", "//ben", "//cid"];
const NAMES: [&str; 3] = ["ann", "ben", "cid"];
const SUBMITTERS: [&str; 4] = ["//ann", "//ben", "//BankA", "//BankB"];

#[derive(Clone, Debug)]
enum Step {
    /// Somebody writes an order for the first coin of a purse, or now and then for the last one with change: payer, payee,
    /// signer, first block, window.
    Write(usize, usize, usize, u32, u32),
    /// Some of what was written, by a submitter.
    Submit(usize, Vec<usize>),
    /// Somebody cancels one of those.
    Cancel(usize, usize),
    /// Blocks go by, and so many things are forgotten.
    Pass(u32, u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0usize..3, 0usize..3, 0usize..3, 0u32..10, 0u32..30)
            .prop_map(|(from, to, by, first, window)| Step::Write(from, to, by, first, window)),
        4 => (0usize..4, prop::collection::vec(0usize..64, 1..6)).prop_map(|(by, orders)| Step::Submit(by, orders)),
        1 => (0usize..3, 0usize..64).prop_map(|(by, order)| Step::Cancel(by, order)),
        2 => (1u32..15, 0u64..40).prop_map(|(blocks, steps)| Step::Pass(blocks, steps)),
    ]
}

/// A hundred for change at bank A: so many tens for the payee, the others for the payer.
fn with_change(to: &str, hundred: CoinRef, tens: u32) -> Action {
    let part = |count| -> ChangePart { fresh(&[(TEN, count)]).try_into().expect("few") };
    Action::CoinsWithChange(ChangePayment {
        to: owner(to),
        coins: Default::default(),
        at: ChangeFrom::Vault(BANK_A),
        give: vec![hundred].try_into().expect("one"),
        pay: part(tens),
        change: part(10 - tens),
    })
}

/// An order with who pays and whether the payer signed.
struct Written {
    order: Order,
    document: Vec<u8>,
    payer: usize,
    is_own: bool,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_most_once(steps in prop::collection::vec(step(), 1..80)) {
        run(|| {
            with_money();
            assert_ok!(register("//BankB", BANK_B, "cid"));
            let mut written: Vec<Written> = Vec::new();
            let (mut executed, mut cancelled) = (BTreeMap::<OrderId, u32>::new(), BTreeSet::new());
            for step in steps {
                match step {
                    Step::Write(from, to, by, first, window) => {
                        let purse = coins_of(NAMES[from]);
                        let (Some(first_coin), Some(last)) = (purse.first(), purse.last()) else { continue };
                        let now = Orders::clock();
                        // The hundreds are the second batch.
                        let action = match last.coin.batch == 1 && written.len() % 3 == 0 {
                            true => with_change(NAMES[to], *last, 1 + window % 9),
                            false => coins(NAMES[to], &[*first_coin]),
                        };
                        let number = [written.len() as u8; 16];
                        let valid = (now + first, now + first + window);
                        let order = Order::new(System::block_hash(0), number, valid, owner(NAMES[from]), action);
                        let document = signed(&order, &[KEYS[by]]);
                        written.push(Written { order, document, payer: from, is_own: from == by });
                    },
                    Step::Submit(by, places) if !written.is_empty() => {
                        let of: Vec<_> = places.iter().map(|place| place % written.len()).collect();
                        // Owners send one.
                        let of = if by < 2 { &of[..1] } else { &of[..] };
                        let batch = of.iter().map(|place| written[*place].document.clone()).collect();
                        let now = Orders::clock();
                        for (place, verdict) in of.iter().zip(verdicts(SUBMITTERS[by], batch)) {
                            let Written { order, payer, is_own, .. } = &written[*place];
                            if verdict == Verdict::Executed {
                                assert!(is_own, "executed for somebody who did not sign");
                                assert!((order.valid_from..=order.valid_until).contains(&now));
                                assert!(!cancelled.contains(&(order.id(), *payer)), "executed though cancelled");
                                *executed.entry(order.id()).or_default() += 1;
                            } else {
                                let is_done = executed.contains_key(&order.id());
                                assert_eq!(
                                    verdict == Verdict::AlreadyExecuted,
                                    is_done && now <= order.valid_until,
                                    "{verdict:?}"
                                );
                            }
                        }
                        // The record ascribes each movement of this block to the order that made it.
                        let orders = crate::flows::of_block().into_iter().filter_map(|flow| flow.order);
                        let mut moved: Vec<_> = orders.collect();
                        // A payment with change is three movements.
                        moved.dedup();
                        assert_eq!(moved, Orders::executed().orders);
                    },
                    Step::Cancel(by, place) if !written.is_empty() => {
                        let Written { order, .. } = &written[place % written.len()];
                        let cancel = OrdersCall::cancel { order: order.id(), valid_until: order.valid_until };
                        if call(KEYS[by], cancel).is_ok() {
                            cancelled.insert((order.id(), by));
                        }
                    },
                    Step::Submit(..) | Step::Cancel(..) => {},
                    Step::Pass(blocks, steps) => {
                        start_block(System::block_number() + blocks);
                        Orders::do_forget(steps);
                    },
                }
                check_everything();
            }
            assert!(executed.values().all(|times| *times == 1), "an order was executed twice");
        });
    }
}
