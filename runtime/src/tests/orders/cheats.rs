//! More cheats: other days and processors, every field of custody and cancellations, swapped signers, payloads of
//! transactions, and batches whose bad signatures are to be somebody else's loss.

use super::*;
use crate::tests::{
    transactions::{self, validate},
    transfers::{self, with_banks, with_queues},
};
use frame_support::dispatch::GetDispatchInfo;
use pallet_custody::{Error as CustodyError, Queues};
use pallet_ownership::Error as OwnershipError;
use sp_runtime::{
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    MultiSignature,
};
use specie_primitives::{codes::Refusal, QueuePolicy};

const DAY: BlockNumber = 86_400;

fn give(from_bank: BankId, to_bank: BankId, to: &str, amount: Balance, expires: Option<BlockNumber>) -> Action {
    Action::Custody { from_bank, to_bank, to: owner(to), amount, expires }
}

/// Ann sends Ben so much.
fn send_ben(number: u8, amount: Balance) -> Order {
    order(number, give(BANK_A, BANK_B, "ben", amount, None))
}

#[test]
fn nothing_is_executed_again_on_another_day() {
    run(|| {
        // Given: an order with the longest window, executed on its first day.
        with_banks();
        let begun = Orders::clock();
        let order = Order { valid_until: begun + 7 * DAY, ..send_ben(1, 1_000) };
        let document = signed(&order, &["//ann"]);
        assert_eq!(verdict("//ben", document.clone()), Verdict::Executed);
        let paid = (custody(BANK_A, "ann"), custody(BANK_B, "ben"));

        // Then: neither it nor a copy that was signed anew passes on any later day.
        let wrapped = [b"<Bytes>".as_slice(), &order.encode(), b"</Bytes>"].concat();
        let refused_everywhere = |expected: Verdict| {
            Orders::do_forget(u64::MAX);
            let copies =
                [document.clone(), signed(&order, &["//ann"]), with_signatures(&order, vec![sign("//ann", &wrapped)])];
            for copy in copies {
                for uri in ["//ann", "//ben", "//BankA", "//BankC"] {
                    is_refused(uri, copy.clone(), expected);
                }
            }
        };
        for day in 1..=7 {
            start_block(begun + day * DAY);
            refused_everywhere(Verdict::AlreadyExecuted);
        }
        // Nor when the chain has forgotten it.
        start_block(begun + 7 * DAY + 1);
        refused_everywhere(Verdict::Expired);
        assert!(!is_done(&order));
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben")), paid);
    });
}

#[test]
fn two_processors_cannot_have_an_order_executed_twice() {
    run(|| {
        // Given: two processors, and one order that both were given.
        with_money();
        assert_ok!(register("//BankB", BANK_B, "cid"));
        assert_ok!(call("//Admitting//1", OrdersCall::admit_processor { owner: owner("cid") }));
        let (shared, own, other) = (pay_ben(0), pay_ben(1), pay_ben(2));
        let batch = |also: &Order| vec![signed(&shared, &["//ann"]), signed(also, &["//ann"])];
        assert_eq!(verdicts("//BankA", batch(&own)), [Verdict::Executed; 2]);
        assert_eq!(verdicts("//cid", batch(&other)), [Verdict::AlreadyExecuted, Verdict::Executed]);

        // And: one coin, promised twice under the same number of each.
        let (coin, until) = (coins_of("ann")[0], Orders::clock() + 10);
        let promised = |number, processor| {
            let processing = Some(Processing { processor, number: 4_711, until });
            signed(&Order { processing, ..order(number, coins("ben", &[coin])) }, &["//ann"])
        };
        let (first, second) = (promised(20, Processor::Bank(BANK_A)), promised(21, Processor::Owner(owner("cid"))));
        is_refused("//cid", first.clone(), Verdict::OtherProcessor);
        is_refused("//BankA", second.clone(), Verdict::OtherProcessor);
        assert_eq!(verdict("//cid", second), Verdict::Executed);
        is_refused("//BankA", first, failed(OwnershipError::<Runtime>::NotHolder));
        assert_eq!(coins_of("ben").len(), 4);
    });
}

#[test]
fn no_altered_field_of_custody_passes() {
    run(|| {
        with_banks();
        let good = send_ben(1, 1_000);
        let signature = sign("//ann", &good.encode());
        for action in [
            give(BANK_B, BANK_B, "ben", 1_000, None),
            give(BANK_A, BANK_A, "ben", 1_000, None),
            give(BANK_A, BANK_B, "cid", 1_000, None),
            give(BANK_A, BANK_B, "ben", 1_001, None),
            give(BANK_A, BANK_B, "ben", 999, None),
            give(BANK_A, BANK_B, "ben", Balance::MAX, None),
            give(BANK_A, BANK_B, "ben", 1_000, Some(50)),
            coins("ben", &[]),
        ] {
            let altered = Order { action, ..good.clone() };
            is_refused("//ben", with_signatures(&altered, vec![signature]), Verdict::BadSignature);
        }
        assert_eq!(verdict("//ben", with_signatures(&good, vec![signature])), Verdict::Executed);
        assert_eq!(custody(BANK_B, "ben"), 101_000);
    });
}

#[test]
fn boundary_an_order_waits_for_reserves_for_a_day_at_most() {
    run(|| {
        // Given: orders that may wait for a week, until their own block, and not at all, and no reserves.
        with_queues(QueuePolicy::Overtake);
        let now = Orders::clock();
        let until = |number, expires| order(number, give(BANK_A, BANK_B, "ben", 1_000, expires));
        let (week, far) = (until(1, Some(now + 7 * DAY)), until(2, Some(BlockNumber::MAX)));

        // When: they are executed. Then: they wait as long as a transfer may.
        for order in [&week, &far] {
            assert_eq!(verdict("//ben", signed(order, &["//ann"])), Verdict::Executed);
        }
        let last = |place: usize| Queues::<Runtime>::get(BANK_A)[place].expires;
        assert_eq!((last(0), last(1)), (now + DAY, now + DAY));
        // What comes to its end before is not made longer, and nothing waits that may not.
        assert_eq!(verdict("//ben", signed(&until(3, Some(now + 5)), &["//ann"])), Verdict::Executed);
        assert_eq!(last(2), now + 5);
        let over = signed(&until(4, Some(now)), &["//ann"]);
        is_refused("//ben", over, failed(CustodyError::<Runtime>::ExpiryTooSoon));
        let at_once = signed(&until(5, None), &["//ann"]);
        is_refused("//ben", at_once, failed(CustodyError::<Runtime>::ReserveTooLow));

        // And: after that day it goes back to the payer, although its order named a later block.
        start_block(now + DAY + 1);
        transfers::give_reserve(BANK_A, 3_000);
        transfers::idle();
        assert!(Queues::<Runtime>::get(BANK_A).is_empty());
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben")), (100_000, 100_000));
    });
}

#[test]
fn no_altered_field_of_a_cancellation_passes() {
    run(|| {
        with_money();
        let (first, second) = (pay_ben(0), pay_ben(1));
        let cancel = |of: &Order, valid_until| order(9, Action::Cancel { order: of.id(), valid_until });
        let good = cancel(&first, first.valid_until);
        let signature = sign("//ann", &good.encode());
        for altered in [cancel(&second, first.valid_until), cancel(&first, first.valid_until + 1)] {
            is_refused("//ben", with_signatures(&altered, vec![signature]), Verdict::BadSignature);
        }
        // Ben cannot cancel in Ann's name, and what he cancels in his own is none of his business.
        is_refused("//ben", signed(&good, &["//ben"]), Verdict::BadSignature);
        let own = Order { parties: vec![party("ben")].try_into().expect("one"), ..good.clone() };
        assert_eq!(verdict("//ben", signed(&own, &["//ben"])), Verdict::Executed);
        assert_eq!(verdict("//ben", signed(&second, &["//ann"])), Verdict::Executed);
        assert_eq!(verdict("//ben", with_signatures(&good, vec![signature])), Verdict::Executed);
        is_refused("//ben", signed(&first, &["//ann"]), Verdict::Cancelled);
    });
}

fn party(name: &str) -> specie_primitives::orders::OrderParty {
    specie_primitives::orders::OrderParty { owner: owner(name), version: 0 }
}

#[test]
fn swapped_signers_are_refused() {
    run(|| {
        // Given: Ann and Ben order the same of each other.
        with_banks();
        let of_ann = send_ben(1, 1_000);
        let of_ben = Order {
            parties: vec![party("ben")].try_into().expect("one"),
            ..order(2, give(BANK_B, BANK_A, "ann", 1_000, None))
        };
        let (anns, bens) = (sign("//ann", &of_ann.encode()), sign("//ben", &of_ben.encode()));

        // Then: each order with the other's signature, or signed by the other.
        is_refused("//cid", with_signatures(&of_ann, vec![bens]), Verdict::BadSignature);
        is_refused("//cid", with_signatures(&of_ben, vec![anns]), Verdict::BadSignature);
        is_refused("//cid", signed(&of_ann, &["//ben"]), Verdict::BadSignature);
        is_refused("//cid", signed(&of_ben, &["//ann"]), Verdict::BadSignature);
        // The other as the payer, with either signature, and both as parties.
        let taken = Order { parties: of_ben.parties.clone(), ..of_ann.clone() };
        is_refused("//cid", with_signatures(&taken, vec![anns]), Verdict::BadSignature);
        is_refused("//cid", with_signatures(&taken, vec![bens]), Verdict::BadSignature);
        for (names, keys) in [(["ann", "ben"], ["//ann", "//ben"]), (["ben", "ann"], ["//ann", "//ben"])] {
            let both = Order { parties: names.map(party).to_vec().try_into().expect("two"), ..of_ann.clone() };
            is_refused("//cid", signed(&both, &keys), Verdict::WrongParties);
        }
        // Signed as it should be, both are executed, and nobody has more or less.
        let both = vec![with_signatures(&of_ben, vec![bens]), with_signatures(&of_ann, vec![anns])];
        assert_eq!(verdicts("//BankC", both), [Verdict::Executed; 2]);
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben")), (100_000, 100_000));
    });
}

#[test]
fn no_payload_of_a_transaction_is_an_order() {
    run(|| {
        with_money();
        let order = pay_ben(0);
        let bytes = order.encode();
        // A site has Ann sign a remark that says what an order says: short ones are signed as they are, long ones by their hash.
        for (padding, length) in [(0, 150..=256), (300, 32..=32)] {
            let remark = frame_system::Call::<Runtime>::remark { remark: [&bytes[..], &vec![0u8; padding]].concat() };
            let mut signed = None;
            let sign_it = |payload: &[u8]| {
                let signature = sign("//ann", payload);
                signed = Some((payload.to_vec(), signature));
                MultiSignature::Sr25519(signature)
            };
            let transaction = transactions::signed_by(account("//ann"), sign_it, 0, remark, System::block_hash(0));
            if padding == 0 {
                assert_eq!(validate(transaction), Ok(()));
            }
            let (payload, signature) = signed.expect("it was signed");
            assert!(length.contains(&payload.len()), "{}", payload.len());
            // Neither is the signature one over the order, nor what was signed an order.
            is_refused("//ben", with_signatures(&order, vec![signature]), Verdict::BadSignature);
            is_refused("//ben", payload.clone(), Verdict::Unreadable);
            let with_place = [&payload[..], &[4, 0, 0], &signature.0].concat();
            is_refused("//ben", with_place, Verdict::Unreadable);
        }
        // The other way round, a signature over an order is none over a transaction.
        let signature = MultiSignature::Sr25519(sign("//ann", &bytes));
        let transfer = pay(coins_of("ann")[..1].to_vec());
        let forged = transactions::signed_by(account("//ann"), |_| signature, 0, transfer, System::block_hash(0));
        assert_eq!(validate(forged), Err(InvalidTransaction::BadProof.into()));
    });
}

#[test]
fn bad_signatures_in_a_batch_cost_its_sender() {
    run(|| {
        // Given: a processor with a hundred orders of Ann, of which one was signed by somebody else.
        with_money();
        let withdraw = pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 90)]) };
        assert_ok!(call("//ann", withdraw));
        assert_ok!(register("//BankB", BANK_B, "cid"));
        assert_ok!(call("//Admitting//1", OrdersCall::admit_processor { owner: owner("cid") }));
        let orders: Vec<Order> = (0..100).map(pay_ben).collect();
        let mut documents: Vec<_> = orders.iter().map(|order| signed(order, &["//ann"])).collect();
        documents[50] = signed(&orders[50], &["//ben"]);
        let used = |uri: &str| {
            let nonce = System::account_nonce(account(uri));
            pallet_admission::QuotaOf::<Runtime>::get(account(uri)).map_or(0, |used| nonce - used.start + used.extra)
        };

        // When
        let batch = transactions::signed("//cid", 0, submission(documents));
        let weight = batch.get_dispatch_info().total_weight().ref_time();
        assert_ok!(Executive::apply_extrinsic(batch).expect("admitted"));

        // Then: the good ones went through.
        assert_eq!(coins_of("ben").len(), 99);
        let outcomes = System::events().into_iter().rev().find_map(|record| match record.event {
            RuntimeEvent::Orders(Event::Submitted { outcomes, .. }) => Some(outcomes),
            _ => None,
        });
        for (place, outcome) in outcomes.expect("an event").into_iter().enumerate() {
            let expected = if place == 50 { Verdict::BadSignature } else { Verdict::Executed };
            assert_eq!(outcome, Outcome { order: orders[place].id(), verdict: expected });
        }
        // And: all of them count against the sender's quota, with both checks of every signature.
        let cost = used("//cid");
        assert_eq!(u64::from(cost), weight / <Runtime as pallet_admission::Config>::QuotaUnit::get() + 1);
        assert!(cost > 10, "{cost}");

        // When it goes on with nothing but bad ones, then they cost it as much, until nothing of its quota is left.
        let bad: Vec<_> =
            orders.iter().map(|order| signed(&Order { random: [7; 16], ..order.clone() }, &["//ben"])).collect();
        let mut sent = 1;
        let refusal = loop {
            match Executive::apply_extrinsic(transactions::signed("//cid", sent, submission(bad.clone()))) {
                Ok(done) => {
                    assert_ok!(done);
                },
                Err(refusal) => break refusal,
            }
            sent += 1;
            assert_eq!(used("//cid"), sent * cost);
            assert!(sent < 100, "bad signatures cost nothing");
        };
        let quota_used = InvalidTransaction::Custom(Refusal::QuotaUsed as u8);
        assert_eq!(refusal, TransactionValidityError::Invalid(quota_used));
        // Whose name was on them lost nothing, neither money nor quota.
        assert_eq!((coins_of("ben").len(), coins_of("ann").len(), used("//ann"), used("//ben")), (99, 11, 0, 0));
        let left = submission(vec![signed(&orders[50], &["//ann"])]);
        assert_ok!(Executive::apply_extrinsic(transactions::signed("//ann", 0, left)).expect("within Ann's quota"));
        assert_eq!(coins_of("ben").len(), 100);
    });
}
