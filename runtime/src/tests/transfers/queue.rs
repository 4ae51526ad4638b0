//! Transfers that wait: what is set aside, when it settles, and in which order.

use super::*;
use crate::tests::limits;
use frame_support::traits::Get;
use pallet_limits::Error as LimitsError;
use specie_primitives::{
    api::runtime_decl_for_specie_api::SpecieApi,
    custody::{queue_account, runtime_decl_for_custody_api::CustodyApi},
    flow::{FlowKind, Party},
    CROWDED_QUEUE, MAX_QUEUED, MAX_QUEUED_OF_PAYER,
};

/// Ann, Ben and Cid owe each other in a ring.
fn ring(amount: Balance) {
    assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", amount)));
    assert_ok!(call("//ben", send_or_wait(BANK_B, BANK_C, "cid", amount)));
    assert_ok!(call("//cid", send_or_wait(BANK_C, BANK_A, "ann", amount)));
}

#[test]
fn success_what_waits_is_set_aside_and_settles_when_the_reserve_comes() {
    run(|| {
        // Given
        with_queues(QueuePolicy::Overtake);
        start_block(2);

        // When
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 40_000)));

        // Then: it left the account, the bank owes it still, and limits take it for paid and for held.
        assert_eq!((custody(BANK_A, "ann"), set_aside(), waiting(BANK_A)), (60_000, [40_000, 0, 0], vec![0]));
        assert_eq!(Custody::owed(BANK_A), ALL);
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (40_000, ALL));
        assert_eq!((custody_flows(BANK_A).set_aside, custody_flows(BANK_A).sent), (40_000, 0));
        let info = <Runtime as CustodyApi<Block>>::queue(BANK_A).expect("a bank");
        assert_eq!((info.policy, info.free_reserve, info.set_aside), (QueuePolicy::Overtake, 0, 40_000));
        assert_eq!((info.transfers[0].expires, info.transfers[0].amount), (2 + WAIT, 40_000));
        assert_eq!(<Runtime as CustodyApi<Block>>::queued(owner("ann")), info.transfers);
        assert_eq!(<Runtime as CustodyApi<Block>>::queued(owner("ben")), []);
        assert_eq!(<Runtime as CustodyApi<Block>>::queue(BankId(9)), None);
        let queue = Party::Queue(BANK_A, TransferId(0));
        let flow = crate::flows::of_block().pop().expect("one");
        assert_eq!((flow.kind, flow.to, flow.others.clone()), (FlowKind::Queued, queue, vec![owner("ben")]));

        // When: nothing changes. Then: it waits.
        idle();
        assert_eq!(waiting(BANK_A), [0]);

        // When: the reserve comes, one unit short at first.
        give_reserve(BANK_A, 39_999);
        idle();
        assert_eq!(waiting(BANK_A), [0]);
        give_reserve(BANK_A, 1);
        start_block(3);
        idle();

        // Then
        assert_eq!((settled(), waiting(BANK_A), set_aside()), (vec![0], vec![], [0; 3]));
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "ben")), (60_000, 140_000));
        assert_eq!(reserves(), [0, 40_000, 0]);
        assert_eq!((limits::info("ann").held, limits::info("ben").held), (60_000, 140_000));
        assert!(!OfPayer::<Runtime>::contains_key(owner("ann")));
        let flows = custody_flows(BANK_A);
        assert_eq!((flows.set_aside, flows.settled, flows.given_back, flows.sent), (40_000, 40_000, 0, 40_000));
        let flow = crate::flows::of_block().pop().expect("one");
        let to = Party::Custody(BANK_B, owner("ben"));
        assert_eq!((flow.kind, flow.from, flow.to, flow.extrinsic), (FlowKind::Settled, queue, to, None));
        assert_eq!(flow.others, [owner("ann")]);
    });
}

#[test]
fn what_is_set_aside_is_spent_by_nobody() {
    run(|| {
        with_queues(QueuePolicy::Overtake);
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", ALL)));
        let too_low = || CustodyError::<Runtime>::CustodyTooLow;
        refused("//ann", send(BANK_A, BANK_A, "dot", 1), too_low());
        refused("//ann", send_or_wait(BANK_A, BANK_B, "ben", 1), too_low());
        refused("//ann", Custodial::withdraw { bank: BANK_A, selection: fresh(&[(HUNDRED, 1)]) }, too_low());
        refused("//BankA", Custodial::debit { owner: owner("ann"), amount: 1 }, too_low());
        // Nor does the bank get rid of what it owes.
        assert_eq!(Vault::assets(BANK_A), Custody::owed(BANK_A));
        let debit = pallet_vault::Call::debit { bank: BANK_A, amount: 1 };
        refused("//Issuing//1", debit, pallet_vault::Error::<Runtime>::ReserveTooLow);
        // Ann has nothing left, and still cannot be closed.
        assert_eq!(<Runtime as SpecieApi<Block>>::owner(owner("ann")).expect("registered").custody, []);
        let close = pallet_identity::Call::close { owner: owner("ann") };
        refused("//BankA", close.clone(), CustodyError::<Runtime>::TransfersWaiting);
        assert_ok!(call("//ann", cancel(BANK_A, 0)));
        refused("//BankA", close, CustodyError::<Runtime>::CustodyLeft);
        // Nobody signs for the account of the queue.
        let pot = RuntimeOrigin::signed(queue_account(BANK_A));
        assert!(RuntimeCall::from(send(BANK_A, BANK_A, "dot", 1)).dispatch(pot).is_err());
    });
}

#[test]
fn success_a_ring_of_three_settles_without_any_reserve() {
    run(|| {
        for policy in [QueuePolicy::Overtake, QueuePolicy::InOrder] {
            frame_support::storage::transactional::with_transaction(|| {
                // Given
                with_queues(policy);
                ring(70_000);
                assert_eq!((set_aside(), reserves()), ([70_000; 3], [0; 3]));

                // When
                System::reset_events();
                idle();

                // Then: all of it, and no reserve moved although each bank sent and received.
                assert_eq!((settled(), set_aside(), reserves()), (vec![0, 1, 2], [0; 3], [0; 3]));
                for (_, bank, name) in BANKS {
                    assert_eq!(custody(bank, name), ALL);
                    assert_eq!((custody_flows(bank).sent, custody_flows(bank).received), (70_000, 70_000));
                    let flows = vault_flows(bank);
                    assert_eq!((flows.interbank_out, flows.interbank_in), (70_000, 70_000));
                }
                check_everything();
                sp_runtime::TransactionOutcome::Rollback(Ok::<(), DispatchError>(()))
            })
            .expect("rolled back");
        }
    });
}

#[test]
fn success_anybody_has_the_queues_looked_at() {
    run(|| {
        with_queues(QueuePolicy::InOrder);
        refused("//dot", Custodial::settle {}, CustodyError::<Runtime>::NothingWaits);
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 70_000)));
        assert_ok!(call("//ben", send_or_wait(BANK_B, BANK_C, "cid", 60_000)));
        // Two of three are no ring, and looking changes nothing.
        assert_ok!(call("//dot", Custodial::settle {}));
        assert_eq!((waiting(BANK_A), waiting(BANK_B)), (vec![0], vec![1]));
        // The third closes it, but for a difference that bank A has to pay.
        assert_ok!(call("//cid", send_or_wait(BANK_C, BANK_A, "ann", 60_000)));
        assert_ok!(call("//dot", Custodial::settle {}));
        assert!(settled().is_empty());
        give_reserve(BANK_A, 10_000);
        assert_ok!(call("//dot", Custodial::settle {}));
        assert_eq!((settled(), reserves()), (vec![0, 1, 2], [0, 10_000, 0]));
        assert_eq!(custody(BANK_B, "ben"), ALL + 10_000);
        refused("//dot", Custodial::settle {}, CustodyError::<Runtime>::NothingWaits);
    });
}

#[test]
fn one_that_nothing_covers_holds_up_others_only_in_order() {
    let cases: [(QueuePolicy, Vec<u64>); 2] = [(QueuePolicy::Overtake, vec![2, 3, 1]), (QueuePolicy::InOrder, vec![])];
    for (policy, made) in cases {
        run(|| {
            with_queues(policy);
            assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 80_000)));
            ring(20_000);
            idle();
            assert_eq!(settled(), made);
            // The bank says which is first.
            if policy == QueuePolicy::InOrder {
                assert_eq!(waiting(BANK_A), [0, 1]);
                refused(
                    "//BankB",
                    Custodial::prioritise { transfer: TransferId(1) },
                    CustodyError::<Runtime>::UnknownTransfer,
                );
                refused("//ann", Custodial::prioritise { transfer: TransferId(1) }, DispatchError::BadOrigin);
                assert_ok!(call("//BankA", Custodial::prioritise { transfer: TransferId(1) }));
                assert_eq!(waiting(BANK_A), [1, 0]);
                idle();
                assert_eq!((settled(), waiting(BANK_A)), (vec![1, 2, 3], vec![0]));
            }
        });
    }
}

#[test]
fn in_order_nothing_overtakes_what_waits() {
    run(|| {
        with_queues(QueuePolicy::InOrder);
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 50_000)));
        give_reserve(BANK_A, 10_000);
        // The reserve covers this one, but another was there before.
        refused("//ann", send(BANK_A, BANK_B, "ben", 10_000), CustodyError::<Runtime>::ReserveTooLow);
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 10_000)));
        idle();
        assert_eq!(waiting(BANK_A), [0, 1]);
        // A bank that lets others overtake sends it at once, also from its queue.
        assert_ok!(call("//BankA", Custodial::set_queue { policy: QueuePolicy::Overtake }));
        idle();
        assert_eq!((settled(), waiting(BANK_A), reserves()), (vec![1], vec![0], [0, 10_000, 0]));
        give_reserve(BANK_A, 10_000);
        assert_ok!(call("//ann", send(BANK_A, BANK_B, "ben", 10_000)));
        // One that refuses takes in no more, and settles what it has.
        assert_ok!(call("//BankA", Custodial::set_queue { policy: QueuePolicy::Refuse }));
        refused("//ann", send_or_wait(BANK_A, BANK_B, "ben", 1), CustodyError::<Runtime>::ReserveTooLow);
        give_reserve(BANK_A, 50_000);
        idle();
        assert_eq!((settled(), waiting(BANK_A)), (vec![1, 0], vec![]));
        for uri in ["//ann", "//Issuing//1"] {
            refused(uri, Custodial::set_queue { policy: QueuePolicy::InOrder }, DispatchError::BadOrigin);
        }
    });
}

#[test]
fn own_money_waits_without_limits() {
    run(|| {
        with_queues(QueuePolicy::Overtake);
        limits::set_limits(OwnerClass::Phone, Some(0), Some(0), Some(0));
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ann", 30_000)));
        assert_eq!((limits::info("ann").paid_today, limits::info("ann").held), (0, ALL));
        give_reserve(BANK_A, 30_000);
        idle();
        assert_eq!((custody(BANK_B, "ann"), limits::info("ann").held), (30_000, ALL));
    });
}

#[test]
fn success_the_payer_or_its_bank_cancels() {
    run(|| {
        with_queues(QueuePolicy::InOrder);
        for _ in 0..3 {
            assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 20_000)));
        }
        for uri in ["//ben", "//dot", "//BankB", "//Issuing//1", "//Mallory"] {
            refused(uri, cancel(BANK_A, 1), CustodyError::<Runtime>::NotYours);
        }
        for (bank, transfer) in [(BANK_B, 1), (BANK_A, 3), (BankId(9), 1)] {
            refused("//ann", cancel(bank, transfer), CustodyError::<Runtime>::UnknownTransfer);
        }
        start_block(2);
        assert_ok!(call("//ann", cancel(BANK_A, 1)));
        let flow = crate::flows::of_block().pop().expect("one");
        let (from, to) = (Party::Queue(BANK_A, TransferId(1)), Party::Custody(BANK_A, owner("ann")));
        assert_eq!((flow.kind, flow.from, flow.to), (FlowKind::GivenBack, from, to));
        assert_ok!(call("//BankA", cancel(BANK_A, 0)));
        assert_eq!(returned(), [(1, ReturnReason::ByPayer), (0, ReturnReason::ByBank)]);
        assert_eq!((custody(BANK_A, "ann"), set_aside(), waiting(BANK_A)), (80_000, [20_000, 0, 0], vec![2]));
        // What went back is gone from the queue: neither twice, nor to the payee after all.
        refused("//ann", cancel(BANK_A, 1), CustodyError::<Runtime>::UnknownTransfer);
        give_reserve(BANK_A, 60_000);
        idle();
        assert_eq!((settled(), custody(BANK_B, "ben")), (vec![2], ALL + 20_000));
        refused("//ann", cancel(BANK_A, 2), CustodyError::<Runtime>::UnknownTransfer);
        // What was paid today was paid today.
        assert_eq!(limits::info("ann").paid_today, 60_000);
    });
}

#[test]
fn boundary_the_last_block() {
    run(|| {
        with_queues(QueuePolicy::Overtake);
        let until = |expires: BlockNumber| Custodial::transfer {
            from_bank: BANK_A,
            to_bank: BANK_B,
            to: owner("ben"),
            amount: 10_000,
            expires: Some(expires),
        };
        let (now, longest) =
            (System::block_number(), <<Runtime as pallet_custody::Config>::MaxWait as Get<BlockNumber>>::get());
        refused("//ann", until(now), CustodyError::<Runtime>::ExpiryTooSoon);
        refused("//ann", until(now + longest + 1), CustodyError::<Runtime>::ExpiryTooFar);
        refused("//ann", until(BlockNumber::MAX), CustodyError::<Runtime>::ExpiryTooFar);
        assert_ok!(call("//ann", until(now + longest)));
        for _ in 0..2 {
            assert_ok!(call("//ann", until(now + 10)));
        }
        // In the last block it settles, after it it does not.
        start_block(now + 10);
        refused("//dot", cancel(BANK_A, 1), CustodyError::<Runtime>::NotYours);
        give_reserve(BANK_A, 10_000);
        assert_ok!(call("//BankA", Custodial::prioritise { transfer: TransferId(1) }));
        idle();
        assert_eq!((settled(), waiting(BANK_A)), (vec![1], vec![0, 2]));
        start_block(now + 11);
        give_reserve(BANK_A, 10_000);
        assert_ok!(call("//BankA", Custodial::prioritise { transfer: TransferId(2) }));
        idle();
        assert_eq!((returned(), settled()), (vec![(2, ReturnReason::Expired)], vec![0]));
        assert_eq!((custody(BANK_A, "ann"), set_aside()), (80_000, [0; 3]));
    });
}

/// A new customer of bank A with a little money. Gives its key.
fn payer(number: u32) -> String {
    let name = format!("payer-{number}");
    assert_ok!(register("//BankA", BANK_A, &name));
    assert_ok!(call("//ann", send(BANK_A, BANK_A, &name, 100)));
    format!("//{name}")
}

#[test]
fn a_few_payers_do_not_keep_others_out_of_a_queue() {
    run(|| {
        // Given: payers who let a cent wait as often as they may, until half of the queue is theirs.
        with_queues(QueuePolicy::Overtake);
        let flooding: Vec<String> = (0..CROWDED_QUEUE / MAX_QUEUED_OF_PAYER).map(payer).collect();
        for key in &flooding {
            for _ in 0..MAX_QUEUED_OF_PAYER {
                assert_ok!(call(key, send_or_wait(BANK_A, BANK_B, "ben", 1)));
            }
        }
        assert_eq!(waiting(BANK_A).len(), CROWDED_QUEUE as usize);

        // Then: others get one in each, be they new or one of those who took some back.
        let too_many = || CustodyError::<Runtime>::TooManyWaiting;
        assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 1_000)));
        refused("//ann", send_or_wait(BANK_A, BANK_B, "ben", 1_000), too_many());
        assert_ok!(call(&flooding[0], cancel(BANK_A, 0)));
        assert_eq!(waiting(BANK_A).len(), CROWDED_QUEUE as usize);
        refused(&flooding[0], send_or_wait(BANK_A, BANK_B, "ben", 1), too_many());
        // And again several once the queue is less than half full.
        assert_ok!(call(&flooding[0], cancel(BANK_A, 1)));
        assert_ok!(call(&flooding[0], send_or_wait(BANK_A, BANK_B, "ben", 1)));
        refused(&flooding[0], send_or_wait(BANK_A, BANK_B, "ben", 1), too_many());
        // A refused one leaves nothing behind.
        assert_eq!(OfPayer::<Runtime>::get(owner("payer-0")).count, MAX_QUEUED_OF_PAYER - 1);
    });
}

#[test]
fn boundary_bounds_of_queues() {
    run(|| {
        with_queues(QueuePolicy::Overtake);
        for _ in 0..MAX_QUEUED_OF_PAYER {
            assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", 1)));
        }
        refused("//ann", send_or_wait(BANK_A, BANK_B, "ben", 1), CustodyError::<Runtime>::TooManyWaiting);
        // Others fill one half of the queue, and many others the other one.
        let few = CROWDED_QUEUE / MAX_QUEUED_OF_PAYER;
        for number in 1..few + CROWDED_QUEUE {
            let (key, times) = (payer(number), if number < few { MAX_QUEUED_OF_PAYER } else { 1 });
            for _ in 0..times {
                assert_ok!(call(&key, send_or_wait(BANK_A, BANK_B, "ben", 1)));
            }
        }
        assert_eq!(waiting(BANK_A).len(), MAX_QUEUED as usize);
        assert_ok!(call("//ann", send(BANK_A, BANK_A, "dot", 100)));
        refused("//dot", send_or_wait(BANK_A, BANK_B, "ben", 1), CustodyError::<Runtime>::QueueFull);
        // Without a place in the queue there is still the reserve.
        give_reserve(BANK_A, 1);
        assert_ok!(call("//dot", send(BANK_A, BANK_B, "ben", 1)));
        // One block settles all of it.
        give_reserve(BANK_A, MAX_QUEUED.into());
        idle();
        assert_eq!((settled().len(), waiting(BANK_A)), (MAX_QUEUED as usize, vec![]));
    });
}

#[test]
fn limits_of_the_payee_hold_when_it_settles() {
    run(|| {
        with_queues(QueuePolicy::Overtake);
        limits::set_limits(OwnerClass::Phone, Some(20_000), None, Some(ALL + 30_000));
        refused("//ann", send_or_wait(BANK_A, BANK_B, "ben", 20_001), LimitsError::<Runtime>::OverPaymentLimit);
        for amount in [20_000, 20_000, 5_000] {
            // Each of them for itself is within the limit.
            assert_ok!(call("//ann", send_or_wait(BANK_A, BANK_B, "ben", amount)));
        }
        assert_ok!(call("//cid", send_or_wait(BANK_C, BANK_B, "ben", 20_000)));
        limits::set_limits(OwnerClass::Phone, Some(20_000), None, Some(ALL + 25_000));
        // Together they are not: the first that is too much goes back, and the others settle.
        give_reserve(BANK_A, 45_000);
        start_block(2);
        idle();
        assert_eq!((settled(), returned()), (vec![0, 2], vec![(1, ReturnReason::NotReceivable)]));
        assert_eq!((custody(BANK_B, "ben"), custody(BANK_A, "ann")), (ALL + 25_000, 75_000));
        // The one of bank C can never settle now.
        idle();
        assert_eq!(returned(), [(1, ReturnReason::NotReceivable), (3, ReturnReason::NotReceivable)]);
        assert_eq!((custody(BANK_C, "cid"), set_aside()), (ALL, [0; 3]));
        // And is not taken in any more.
        let over = CustodyError::<Runtime>::PayeeOverLimit;
        refused("//cid", send_or_wait(BANK_C, BANK_B, "ben", 1), over);
    });
}
