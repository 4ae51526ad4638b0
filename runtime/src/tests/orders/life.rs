//! What orders do when everything is right, when they may do it, and how they are cancelled and forgotten.

use super::*;
use crate::tests::standstill::{stop_and_resume, STOP};
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    weights::Weight,
};
use pallet_identity::Error as IdentityError;
use pallet_limits::Error as LimitsError;
use pallet_ownership::Error as OwnershipError;
use specie_primitives::{
    flow::{FlowKind, Party},
    ClassLimits, Target,
};

#[test]
fn success_anybody_brings_an_order_and_the_payer_pays() {
    run(|| {
        // Given
        with_money();
        let (order, coin) = (pay_ben(0), coins_of("ann")[0]);
        let document = signed(&order, &["//ann"]);

        // When
        let outcome = outcomes("//ben", vec![document]);

        // Then
        assert_eq!(outcome, [Outcome { order: order.id(), verdict: Verdict::Executed }]);
        assert_eq!(coins_of("ben"), [CoinRef { revision: coin.revision + 1, ..coin }]);
        assert_eq!((purse("ann"), purse("ben")), (109_000, 1_000));
        let info = Orders::info(order.id());
        let executed = info.executed.expect("remembered");
        assert_eq!((executed.block, executed.valid_until), (1, order.valid_until));
        assert_eq!(Limits::info(owner("ann")).expect("registered").paid_today, 1_000);
        let moved = crate::flows::of_block();
        let party = |name| Party::Coins(Holder::Owner(owner(name)));
        let last = moved.last().expect("it is on record");
        assert_eq!((last.kind, last.from, last.to), (FlowKind::Transferred, party("ann"), party("ben")));
        assert_eq!(last.order, Some(order.id()));
    });
}

#[test]
fn success_signed_raw_or_wrapped_as_wallets_do() {
    run(|| {
        with_money();
        let order = pay_ben(0);
        let wrapped = [b"<Bytes>".as_slice(), &order.encode(), b"</Bytes>"].concat();
        let document = with_signatures(&order, vec![sign("//ann", &wrapped)]);
        assert_eq!(verdict("//BankB", document), Verdict::Executed);
        // Signed otherwise, it is the same order.
        is_refused("//BankB", signed(&order, &["//ann"]), Verdict::AlreadyExecuted);
    });
}

#[test]
fn success_each_order_of_a_batch_by_itself() {
    run(|| {
        with_money();
        let all = coins_of("ann");
        let orders: Vec<_> = (0..4).map(pay_ben).collect();
        let gone = order(9, coins("ben", &all[..1]));
        let batch = vec![
            signed(&orders[0], &["//ann"]),
            vec![1, 2, 3],
            signed(&orders[1], &["//ben"]),
            signed(&gone, &["//ann"]),
            signed(&orders[2], &["//ann"]),
            signed(&orders[2], &["//ann"]),
            signed(&orders[3], &["//ann"]),
        ];
        let expected = [
            Verdict::Executed,
            Verdict::Unreadable,
            Verdict::BadSignature,
            failed(OwnershipError::<Runtime>::NotHolder),
            Verdict::Executed,
            Verdict::AlreadyExecuted,
            Verdict::Executed,
        ];
        assert_eq!(verdicts("//BankA", batch), expected);
        assert_eq!(coins_of("ben").len(), 3);
        // Those that failed are as if nobody had sent them: the second one still can be executed.
        assert!(!is_done(&gone) && !is_done(&orders[1]));
        assert_eq!(verdict("//BankA", signed(&orders[1], &["//ann"])), Verdict::Executed);
    });
}

#[test]
fn boundary_the_first_and_the_last_block() {
    run(|| {
        with_money();
        let now = Orders::clock();
        let later = Order { valid_from: now + 10, valid_until: now + 20, ..pay_ben(0) };
        let last = Order { valid_from: now + 10, valid_until: now + 20, ..pay_ben(1) };
        let (later, last) = (signed(&later, &["//ann"]), signed(&last, &["//ann"]));
        start_block(now + 9);
        is_refused("//ben", later.clone(), Verdict::NotYet);
        start_block(now + 10);
        assert_eq!(verdict("//ben", later), Verdict::Executed);
        start_block(now + 20);
        // Tried and undone, to be tried again too late.
        let in_time = frame_support::storage::transactional::with_transaction(|| {
            sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(verdict("//ben", last.clone())))
        });
        assert_eq!(in_time, Ok(Verdict::Executed));
        start_block(now + 21);
        is_refused("//ben", last, Verdict::Expired);
    });
}

#[test]
fn boundary_the_longest_window() {
    run(|| {
        with_money();
        let (now, most) = (Orders::clock(), <Runtime as pallet_orders::Config>::MaxWindow::get());
        let with = |from, until| signed(&Order { valid_from: from, valid_until: until, ..pay_ben(0) }, &["//ann"]);
        is_refused("//ben", with(now, now + most + 1), Verdict::BadWindow);
        is_refused("//ben", with(now, now - 1), Verdict::BadWindow);
        is_refused("//ben", with(0, u32::MAX), Verdict::BadWindow);
        assert_eq!(verdict("//ben", with(now, now + most)), Verdict::Executed);
        let one = Order { valid_from: now, valid_until: now, ..pay_ben(0) };
        assert_eq!(verdict("//ben", signed(&one, &["//ann"])), Verdict::Executed);
    });
}

#[test]
fn a_stop_shifts_both_ends() {
    run(|| {
        with_money();
        let (order, begun) = (pay_ben(0), Orders::clock());
        let document = signed(&order, &["//ann"]);
        stop_and_resume();
        assert_eq!(Orders::clock(), begun);
        start_block(order.valid_until + STOP);
        assert_eq!(Orders::clock(), order.valid_until);
        assert_eq!(verdict("//ben", document.clone()), Verdict::Executed);
        // Nothing is forgotten before the shifted end, either.
        Orders::do_forget(u64::MAX);
        assert!(is_done(&order));
        is_refused("//ben", document, Verdict::AlreadyExecuted);
    });
}

#[test]
fn what_is_over_is_forgotten_in_steps() {
    run(|| {
        // Given: an executed order, one that was cancelled, and one that lasts longer.
        with_money();
        let (done, cancelled) = (pay_ben(0), pay_ben(1));
        let longer = Order { valid_until: Orders::clock() + 2 * WINDOW, ..pay_ben(2) };
        assert_eq!(verdict("//ben", signed(&done, &["//ann"])), Verdict::Executed);
        assert_eq!(verdict("//ben", signed(&longer, &["//ann"])), Verdict::Executed);
        let cancel = OrdersCall::cancel { order: cancelled.id(), valid_until: cancelled.valid_until };
        assert_ok!(call("//ann", cancel));

        // When, in its last block, then nothing is forgotten.
        start_block(done.valid_until);
        Orders::do_forget(u64::MAX);
        assert!(is_done(&done) && is_done(&longer));
        assert_eq!(Orders::info(cancelled.id()).cancelled_by, [owner("ann")]);

        // When it has passed, then a step at a time.
        start_block(done.valid_until + 1);
        let left = || (pallet_orders::Done::<Runtime>::iter().count(), pallet_orders::Due::<Runtime>::iter().count());
        assert_eq!(left(), (2, 3));
        assert_eq!(Orders::do_forget(1), 1);
        check_everything();
        assert_eq!(left().1, 2);
        Orders::on_idle(System::block_number(), crate::configs::BLOCK_WEIGHT);
        assert_eq!(left(), (1, 1));
        assert!(!is_done(&done) && is_done(&longer));
        assert!(Orders::info(cancelled.id()).cancelled_by.is_empty());
        assert_eq!(Orders::on_idle(System::block_number(), Weight::zero()), Weight::zero());

        // Then they are refused all the same.
        is_refused("//ben", signed(&done, &["//ann"]), Verdict::Expired);
        is_refused("//ben", signed(&cancelled, &["//ann"]), Verdict::Expired);
    });
}

#[test]
fn boundary_many_with_one_last_block_are_forgotten_across_blocks() {
    run(|| {
        // Given: seven entries due in one block, three in the next.
        with_money();
        let last = Orders::clock() + WINDOW;
        for number in 0..10u8 {
            let valid_until = if number < 7 { last } else { last + 1 };
            assert_ok!(call("//ann", OrdersCall::cancel { order: OrderId::of(&[number]), valid_until }));
        }
        let left =
            || (pallet_orders::Cancelled::<Runtime>::iter().count(), pallet_orders::Due::<Runtime>::iter().count());
        let to = pallet_orders::ForgottenTo::<Runtime>::get;
        start_block(last);
        Orders::do_forget(u64::MAX);
        assert_eq!((left(), to()), ((10, 10), last));
        start_block(last + 2);

        // When there is room for some of a block, for just all of it, and for more than all.
        for (most, taken, still, forgotten_to) in
            [(0, 0, 10, last), (3, 3, 7, last), (4, 4, 3, last), (9, 5, 0, last + 2), (9, 0, 0, last + 2)]
        {
            assert_eq!(Orders::do_forget(most), taken, "{most}");
            // Then as many are gone, and a block is left behind when nothing of it is left.
            assert_eq!((left(), to()), ((still, still), forgotten_to), "{most}");
            check_everything();
        }
    });
}

#[test]
fn success_the_payer_cancels() {
    run(|| {
        with_money();
        let (first, second) = (pay_ben(0), pay_ben(1));
        let cancel = |order: &Order| OrdersCall::cancel { order: order.id(), valid_until: order.valid_until };
        assert_ok!(call("//ann", cancel(&first)));
        is_refused("//ben", signed(&first, &["//ann"]), Verdict::Cancelled);
        // By another order, which anybody brings.
        let by_order = order(7, Action::Cancel { order: second.id(), valid_until: second.valid_until });
        assert_eq!(verdict("//BankB", signed(&by_order, &["//ann"])), Verdict::Executed);
        is_refused("//ben", signed(&second, &["//ann"]), Verdict::Cancelled);
        is_refused("//BankB", signed(&by_order, &["//ann"]), Verdict::AlreadyExecuted);
        // Twice is as good as once, and an earlier last block takes nothing back.
        let earlier = OrdersCall::cancel { order: first.id(), valid_until: Orders::clock() };
        assert_ok!(call("//ann", earlier));
        start_block(first.valid_until);
        Orders::do_forget(u64::MAX);
        is_refused("//ben", signed(&first, &["//ann"]), Verdict::Cancelled);
    });
}

#[test]
fn fails_cancelling_what_is_over_or_none_of_ones_business() {
    run(|| {
        with_money();
        let (order, other) = (pay_ben(0), pay_ben(1));
        let cancel = |order: &Order, valid_until| OrdersCall::cancel { order: order.id(), valid_until };
        // Ben has no part in what Ann signed: his word changes nothing.
        assert_ok!(call("//ben", cancel(&order, order.valid_until)));
        assert_eq!(verdict("//ben", signed(&order, &["//ann"])), Verdict::Executed);
        refused("//ann", cancel(&order, order.valid_until), OrdersError::<Runtime>::OrderExecuted);
        let by_order = self::order(7, Action::Cancel { order: order.id(), valid_until: order.valid_until });
        let expected = failed(OrdersError::<Runtime>::OrderExecuted);
        is_refused("//ben", signed(&by_order, &["//ann"]), expected);

        start_block(2);
        refused("//ann", cancel(&other, 1), OrdersError::<Runtime>::OrderExpired);
        let most = Orders::clock() + <Runtime as pallet_orders::Config>::MaxAhead::get();
        refused("//ann", cancel(&other, most + 1), OrdersError::<Runtime>::OrderTooFar);
        assert_ok!(call("//ann", cancel(&other, most)));
        refused("//BankA", cancel(&other, most), DispatchError::BadOrigin);
    });
}

#[test]
fn fails_what_the_payers_own_call_would_fail() {
    run(|| {
        with_money();
        let all = coins_of("ann");
        let try_ = |number, to: &str, named: &[CoinRef]| signed(&order(number, coins(to, named)), &["//ann"]);
        is_refused("//ben", try_(1, "ben", &[]), failed(OwnershipError::<Runtime>::NoCoins));
        is_refused("//ben", try_(2, "ann", &all[..1]), failed(OwnershipError::<Runtime>::SameOwner));
        is_refused("//ben", try_(3, "dot", &all[..1]), failed(IdentityError::<Runtime>::UnknownOwner));
        let stale = CoinRef { revision: all[0].revision + 1, ..all[0] };
        is_refused("//ben", try_(4, "ben", &[stale]), failed(OwnershipError::<Runtime>::WrongRevision));
        is_refused("//ben", try_(5, "ben", &[all[0], all[0]]), failed(OwnershipError::<Runtime>::DuplicateCoin));

        // Limits count for the payer, whoever brings the order.
        let limits = ClassLimits { per_payment: Some(1_500), per_day: Some(1_500), balance: None };
        let class = OwnerClass::Phone;
        assert_ok!(call("//Supervising//1", pallet_limits::Call::set_limits { class, limits }));
        is_refused("//ben", try_(6, "ben", &all[..2]), failed(LimitsError::<Runtime>::OverPaymentLimit));
        assert_eq!(verdict("//ben", try_(7, "ben", &all[..1])), Verdict::Executed);
        is_refused("//ben", try_(8, "ben", &all[1..2]), failed(LimitsError::<Runtime>::OverDailyLimit));
    });
}

#[test]
fn fails_while_the_supervisor_holds_the_payer_or_the_coin() {
    run(|| {
        with_money();
        let hold = |target| {
            let targets = vec![target].try_into().expect("one");
            pallet_supervision::Call::hold { targets, reason: specie_primitives::Reason::Inquiry, until: None }
        };
        let release = |target| pallet_supervision::Call::release { targets: vec![target].try_into().expect("one") };
        let document = signed(&pay_ben(0), &["//ann"]);
        let held_coin = Target::Coin(coins_of("ann")[0].coin);
        for (target, expected) in [
            (Target::Owner(owner("ann")), Verdict::PartyNotActive),
            (held_coin, failed(OwnershipError::<Runtime>::CoinHeld)),
        ] {
            assert_ok!(call("//Supervising//1", hold(target)));
            is_refused("//ben", document.clone(), expected);
            assert_ok!(call("//Supervising//1", release(target)));
        }
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        is_refused("//ben", document.clone(), Verdict::PartyNotActive);
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }));
        // Nothing of it used the order up.
        assert_eq!(verdict("//ben", document), Verdict::Executed);
    });
}

#[test]
fn only_the_present_key_signs() {
    run(|| {
        with_money();
        let order = pay_ben(0);
        let document = signed(&order, &["//ann"]);
        assert_ok!(rotate("ann", "//ann", "//ann2"));
        is_refused("//ben", document, Verdict::BadSignature);
        let again = signed(&order, &["//ann2"]);
        assert_eq!(verdict("//ben", again), Verdict::Executed);
    });
}

#[test]
fn success_custody_goes_to_another_bank_by_order() {
    run(|| {
        crate::tests::transfers::with_banks();
        let before = (custody(BANK_A, "ann"), custody(BANK_B, "ben"));
        let give = |number, amount| {
            let action =
                Action::Custody { from_bank: BANK_A, to: owner("ben"), to_bank: BANK_B, amount, expires: None };
            signed(&order(number, action), &["//ann"])
        };
        assert_eq!(verdict("//dot", give(1, 1_000)), Verdict::Executed);
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben")), (before.0 - 1_000, before.1 + 1_000));
        is_refused("//dot", give(1, 1_000), Verdict::AlreadyExecuted);
        let too_much = verdict("//dot", give(2, before.0));
        assert!(matches!(too_much, Verdict::Failed(_)), "{too_much:?}");
        assert_eq!(custody(BANK_A, "ann"), before.0 - 1_000);
    });
}

#[test]
fn an_owner_with_a_key_has_no_managers() {
    run(|| {
        with_money();
        let mut joint = pay_ben(0);
        joint.parties[0].version = 1;
        is_refused("//ben", signed(&joint, &["//ann"]), Verdict::OtherManagers);
    });
}

#[test]
fn a_full_call_fits_into_a_block() {
    run(|| {
        with_money();
        let document = signed(&pay_ben(0), &["//ann"]);
        assert_eq!(document.len(), 215);
        let weight = |count| submission(vec![document.clone(); count]).get_dispatch_info().call_weight;
        let limits = <Runtime as frame_system::Config>::BlockWeights::get();
        let most = limits.get(DispatchClass::Normal).max_extrinsic.expect("there is one");
        let fitting = (1..=1_000).take_while(|count| weight(*count).all_lte(most)).count();
        assert!((200..1_000).contains(&fitting), "{fitting} orders fit into a call");
        // What is bad is charged, too: a batch of signatures that all fail is no way to fill blocks for nothing.
        let bad = with_signatures(&pay_ben(0), vec![sign("//ben", b"something else")]);
        assert_eq!(submission(vec![bad]).get_dispatch_info().call_weight, weight(1));
    });
}
