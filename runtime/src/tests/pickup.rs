//! Coins that wait for somebody who is not registered: leaving, collecting, refunding, and every way to get at them
//! without the code.

use super::*;
use codec::Encode;
use frame_support::traits::Get;
use pallet_ownership::Error as OwnershipError;
use pallet_pickup::{Error as PickupError, Event};
use sp_core::sr25519::{Public, Signature};
use specie_primitives::{
    books::PickupFlows,
    flow::{FlowKind, Party},
    PickupClaim, PickupId, PickupReceiver,
};

const LIFE: BlockNumber = 1_000;
const FIRST: PickupId = PickupId(0);
/// Stands for the key that a wallet derives from the code.
const CODE: &str = "//the code";

fn claim_key(code: &str) -> Public {
    pair(code).public()
}

fn deposit(payee: &str, coins: Vec<CoinRef>, expires: BlockNumber) -> pallet_pickup::Call<Runtime> {
    let coins = coins.try_into().expect("few");
    pallet_pickup::Call::deposit_for { payee: owner(payee), claim_key: claim_key(CODE), coins, expires }
}

fn signature(code: &str, genesis: Hash, pickup: PickupId, receiver: PickupReceiver) -> Signature {
    pair(code).sign(&PickupClaim::new(genesis, pickup, receiver).encode())
}

/// A claim as it should be.
fn signed(receiver: PickupReceiver) -> Signature {
    signature(CODE, System::block_hash(0), FIRST, receiver)
}

fn claim(signature: Signature) -> pallet_pickup::Call<Runtime> {
    pallet_pickup::Call::claim_registered { pickup: FIRST, signature }
}

fn at_bank(receiver: PickupReceiver, signature: Signature) -> pallet_pickup::Call<Runtime> {
    pallet_pickup::Call::claim_at_bank { pickup: FIRST, receiver, signature }
}

fn refund() -> pallet_pickup::Call<Runtime> {
    pallet_pickup::Call::refund { pickup: FIRST }
}

fn counter(bank: BankId) -> PickupReceiver {
    PickupReceiver::Counter { bank, receipt: 4_711 }
}

fn account_of(bank: BankId, name: &str) -> PickupReceiver {
    PickupReceiver::Custody { bank, owner: owner(name) }
}

fn flows() -> PickupFlows {
    pallet_pickup::Flows::<Runtime>::get()
}

fn purse(name: &str) -> Balance {
    pallet_ownership::Purses::<Runtime>::get(owner(name)).value
}

/// Ann leaves a hundred and two tens, 120.00, for Dot, whom nobody has registered. Gives the coins as they were.
fn with_deposit() -> Vec<CoinRef> {
    with_money();
    let coins = vec![coins_of("ann")[0], coins_of("ann")[1], coins_of("ann")[10]];
    assert_ok!(call("//ann", deposit("dot", coins.clone(), System::block_number() + LIFE)));
    coins
}

/// Asserts that a claim is taken for one with a wrong code, which counts it and changes nothing else.
#[track_caller]
fn wrong_code(uri: &str, claim: pallet_pickup::Call<Runtime>) {
    let facts = || {
        let record = pallet_pickup::Pickups::<Runtime>::get(FIRST).expect("it waits");
        (record, held(Holder::Pickup(FIRST)), Audit::report(), purse("ann"), coins_of("dot"))
    };
    let (before, tries) = (facts(), pallet_pickup::WrongTries::<Runtime>::get(FIRST));
    System::reset_events();
    assert_ok!(call(uri, claim));
    assert_eq!(facts(), before);
    assert_eq!(pallet_pickup::WrongTries::<Runtime>::get(FIRST), tries + 1);
    let events: Vec<_> = System::events().into_iter().map(|record| record.event).collect();
    assert!(
        matches!(events.as_slice(), [RuntimeEvent::Pickup(Event::WrongCode { pickup: FIRST, tries: told, .. })]
            if *told == tries + 1),
        "{events:?}"
    );
    assert!(crate::flows::of_block().is_empty());
}

#[test]
fn success_the_payee_registers_and_collects() {
    run(|| {
        // Given
        let coins = with_deposit();
        let left = purse("ann");
        assert_eq!((left, purse("dot"), Audit::report().waiting), (110_000 - 12_000, 0, 12_000));
        assert_eq!(held(Holder::Pickup(FIRST)).len(), 3);
        assert_eq!(flows(), PickupFlows { deposited: 12_000, claimed: 0, refunded: 0 });

        // When
        start_block(2);
        assert_ok!(register("//BankB", BANK_B, "dot"));
        assert_ok!(call("//dot", claim(signed(PickupReceiver::Owner(owner("dot"))))));

        // Then
        let collected: Vec<_> = coins.iter().map(|coin| CoinRef { revision: coin.revision + 2, ..*coin }).collect();
        assert_eq!((coins_of("dot"), purse("dot"), purse("ann")), (collected, 12_000, left));
        assert_eq!(flows(), PickupFlows { deposited: 12_000, claimed: 12_000, refunded: 0 });
        assert_eq!(Audit::report().waiting, 0);
        let moved = crate::flows::of_block();
        let (from, to) = (Party::Coins(Holder::Pickup(FIRST)), Party::Coins(Holder::Owner(owner("dot"))));
        assert_eq!(moved.len(), 1);
        assert_eq!((moved[0].kind, moved[0].from, moved[0].to), (FlowKind::PickedUp, from, to));
        assert_eq!((moved[0].value, moved[0].coins.len()), (12_000, 3));
        assert_eq!(moved[0].others, [owner("ann")]);
    });
}

#[test]
fn success_a_bank_pays_out_cash_and_keeps_the_coins() {
    run(|| {
        with_deposit();
        let before = Audit::report();
        assert_ok!(call("//BankB", at_bank(counter(BANK_B), signed(counter(BANK_B)))));
        // The vault has the coins, the bank owes nobody: it paid the value out at its counter.
        assert_eq!(stock(VaultId::Bank(BANK_B), TEN), 2);
        assert_eq!(stock(VaultId::Bank(BANK_B), HUNDRED), 1);
        let after = Audit::report();
        assert_eq!((after.custody, after.coins, after.waiting), (before.custody, before.coins, 0));
        assert_eq!(pallet_vault::Flows::<Runtime>::get(BANK_B).cashed, 12_000);
        let receipt = System::events().into_iter().rev().find_map(|record| match record.event {
            RuntimeEvent::Pickup(Event::Claimed { receiver, value, .. }) => Some((receiver, value)),
            _ => None,
        });
        assert_eq!(receipt, Some((counter(BANK_B), 12_000)));
        // What it took in is its own to return.
        let coins = held(Holder::Vault(VaultId::Bank(BANK_B)));
        assert_ok!(call("//BankB", pallet_vault::Call::return_coins { selection: singles(coins) }));
    });
}

#[test]
fn success_a_bank_credits_an_account() {
    run(|| {
        with_deposit();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let to = account_of(BANK_B, "dot");
        assert_ok!(call("//BankB", at_bank(to, signed(to))));
        assert_eq!((custody(BANK_B, "dot"), purse("dot")), (12_000, 0));
        assert_eq!(stock(VaultId::Bank(BANK_B), TEN), 2);
        let vault = pallet_vault::Flows::<Runtime>::get(BANK_B);
        assert_eq!((vault.cashed, vault.paid_in), (0, 12_000));
    });
}

#[test]
fn success_the_payer_gets_back_what_nobody_collected() {
    run(|| {
        let coins = with_deposit();
        let expires = pallet_pickup::Pickups::<Runtime>::get(FIRST).expect("there").expires;
        // Suspended meanwhile, and asked for by somebody else.
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        start_block(expires + 1);
        assert_ok!(call("//ben", refund()));
        assert_eq!(purse("ann"), 110_000);
        let back = coins.iter().map(|coin| CoinRef { revision: coin.revision + 2, ..*coin });
        assert!(back.into_iter().all(|coin| coins_of("ann").contains(&coin)));
        assert_eq!(flows(), PickupFlows { deposited: 12_000, claimed: 0, refunded: 12_000 });
        assert_eq!(crate::flows::of_block().first().map(|flow| flow.kind), Some(FlowKind::Refunded));
        refused("//ben", refund(), PickupError::<Runtime>::UnknownPickup);
    });
}

#[test]
fn a_bank_that_registers_the_payees_identity_can_do_nothing_without_the_code() {
    run(|| {
        with_deposit();
        // Bank A registers Dot's identity with a key of its own.
        assert_ok!(register_with("//BankA", BANK_A, "dot", "//Thief"));
        let to = PickupReceiver::Owner(owner("dot"));
        wrong_code("//Thief", claim(signature("//Thief", System::block_hash(0), FIRST, to)));
        let pocket = counter(BANK_A);
        wrong_code("//BankA", at_bank(pocket, signature("//BankA", System::block_hash(0), FIRST, pocket)));
        // Even then the person with the code gets the money, at another bank.
        assert_ok!(call("//BankB", at_bank(counter(BANK_B), signed(counter(BANK_B)))));
    });
}

#[test]
fn a_claim_seen_on_its_way_is_of_no_use_to_anybody_else() {
    run(|| {
        with_deposit();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        // Bank A sees bank B's claim in the pool, and the payee's own.
        let (theirs, own) = (signed(counter(BANK_B)), signed(PickupReceiver::Owner(owner("dot"))));
        refused("//BankA", at_bank(counter(BANK_B), theirs), PickupError::<Runtime>::WrongReceiver);
        wrong_code("//BankA", at_bank(counter(BANK_A), theirs));
        wrong_code("//BankA", at_bank(counter(BANK_A), own));
        wrong_code("//BankA", at_bank(account_of(BANK_A, "ann"), theirs));
        // The same bank writes itself another receipt, or credits somebody else.
        wrong_code("//BankB", at_bank(PickupReceiver::Counter { bank: BANK_B, receipt: 1 }, theirs));
        wrong_code("//BankB", at_bank(account_of(BANK_B, "ben"), theirs));
        let to_payee = PickupReceiver::Owner(owner("dot"));
        refused("//BankB", at_bank(to_payee, own), PickupError::<Runtime>::WrongReceiver);
        refused("//ben", claim(own), PickupError::<Runtime>::NotPayee);
        // Neither a bank nor an owner takes the other's way.
        refused("//BankB", claim(own), DispatchError::BadOrigin);
        refused("//dot", at_bank(counter(BANK_B), theirs), DispatchError::BadOrigin);
        assert_ok!(call("//dot", claim(own)));
    });
}

#[test]
fn a_wrong_code_is_counted_and_keeps_nobody_from_the_money() {
    run(|| {
        with_deposit();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let (genesis, to) = (System::block_hash(0), PickupReceiver::Owner(owner("dot")));
        for _ in 0..20 {
            wrong_code("//dot", claim(signature("//another code", genesis, FIRST, to)));
        }
        // Another network, another pickup, a signature over something else, none at all.
        wrong_code("//dot", claim(signature(CODE, Hash::repeat_byte(7), FIRST, to)));
        wrong_code("//dot", claim(signature(CODE, genesis, PickupId(1), to)));
        wrong_code("//dot", claim(pair(CODE).sign(&(genesis, FIRST, to).encode())));
        wrong_code("//dot", claim(Signature::from_raw([0; 64])));
        let wrapped = [b"<Bytes>".as_slice(), &PickupClaim::new(genesis, FIRST, to).encode(), b"</Bytes>"].concat();
        wrong_code("//dot", claim(pair(CODE).sign(&wrapped)));
        assert_ok!(call("//dot", claim(signed(to))));
        assert_eq!(pallet_pickup::WrongTries::<Runtime>::get(FIRST), 0);
    });
}

#[test]
fn coins_are_collected_once() {
    run(|| {
        with_deposit();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let to = PickupReceiver::Owner(owner("dot"));
        assert_ok!(call("//dot", claim(signed(to))));
        refused("//dot", claim(signed(to)), PickupError::<Runtime>::UnknownPickup);
        let cash = at_bank(counter(BANK_B), signed(counter(BANK_B)));
        refused("//BankB", cash, PickupError::<Runtime>::UnknownPickup);
        // The same code again: another number, for which the old signature is not good.
        assert_ok!(call("//ann", deposit("dot", vec![coins_of("ann")[0]], System::block_number() + LIFE)));
        let again = pallet_pickup::Call::claim_registered { pickup: PickupId(1), signature: signed(to) };
        assert_ok!(call("//dot", again));
        assert_eq!(held(Holder::Pickup(PickupId(1))).len(), 1);
        start_block(System::block_number() + LIFE + 1);
        refused("//ann", refund(), PickupError::<Runtime>::UnknownPickup);
        assert_ok!(call("//ann", pallet_pickup::Call::refund { pickup: PickupId(1) }));
    });
}

#[test]
fn boundary_the_last_block() {
    run(|| {
        with_deposit();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let expires = pallet_pickup::Pickups::<Runtime>::get(FIRST).expect("there").expires;
        let (to, cash) = (PickupReceiver::Owner(owner("dot")), counter(BANK_B));
        refused("//ann", refund(), PickupError::<Runtime>::NotExpired);
        start_block(expires);
        refused("//ann", refund(), PickupError::<Runtime>::NotExpired);
        // In the last block it can still be collected; one later no more.
        let outcome = frame_support::storage::transactional::with_transaction(|| {
            sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(call("//dot", claim(signed(to)))))
        });
        assert_eq!(outcome, Ok(Ok(())));
        start_block(expires + 1);
        refused("//dot", claim(signed(to)), PickupError::<Runtime>::Expired);
        refused("//BankB", at_bank(cash, signed(cash)), PickupError::<Runtime>::Expired);
        // Root is nobody who signs.
        let by_root = RuntimeCall::from(refund()).dispatch(RuntimeOrigin::root());
        assert_eq!(by_root.map_err(|error| error.error).map(drop), Err(DispatchError::BadOrigin));
        assert_ok!(call("//BankC", refund()));
    });
}

#[test]
fn boundary_how_long_coins_wait() {
    run(|| {
        with_money();
        let (now, coins) = (System::block_number(), vec![coins_of("ann")[0]]);
        let least = <<Runtime as pallet_pickup::Config>::MinLife as Get<BlockNumber>>::get();
        let most = <<Runtime as pallet_pickup::Config>::MaxLife as Get<BlockNumber>>::get();
        for (expires, error) in [
            (0, PickupError::<Runtime>::ExpiryTooSoon),
            (now, PickupError::<Runtime>::ExpiryTooSoon),
            (now + least - 1, PickupError::<Runtime>::ExpiryTooSoon),
            (now + most + 1, PickupError::<Runtime>::ExpiryTooFar),
            (BlockNumber::MAX, PickupError::<Runtime>::ExpiryTooFar),
        ] {
            refused("//ann", deposit("dot", coins.clone(), expires), error);
        }
        assert_ok!(call("//ann", deposit("dot", coins, now + least)));
        assert_ok!(call("//ann", deposit("dot", vec![coins_of("ann")[0]], now + most)));
    });
}

#[test]
fn fails_leaving_coins_that_one_does_not_have() {
    run(|| {
        with_money();
        let (coins, expires) = (coins_of("ann"), System::block_number() + LIFE);
        let leave = |coins: &[CoinRef]| deposit("dot", coins.to_vec(), expires);
        refused("//ann", leave(&[]), OwnershipError::<Runtime>::NoCoins);
        refused("//ann", leave(&[coins[0], coins[1], coins[0]]), OwnershipError::<Runtime>::DuplicateCoin);
        refused("//ben", leave(&coins[..1]), OwnershipError::<Runtime>::NotHolder);
        let stale = CoinRef { revision: 5, ..coins[0] };
        refused("//ann", leave(&[stale]), OwnershipError::<Runtime>::WrongRevision);
        let unknown = CoinRef { coin: coin(9, 9), revision: 0 };
        refused("//ann", leave(&[unknown]), OwnershipError::<Runtime>::UnknownCoin);
        refused("//ann", deposit("ann", coins[..1].to_vec(), expires), PickupError::<Runtime>::SameOwner);
        for other in ["//BankA", "//Issuing//1", "//Committee//1"] {
            refused(other, leave(&coins[..1]), DispatchError::BadOrigin);
        }
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused("//ann", leave(&coins[..1]), DispatchError::BadOrigin);
    });
}

#[test]
fn coins_that_wait_move_in_no_other_way() {
    run(|| {
        let coins = with_deposit();
        let waiting = held(Holder::Pickup(FIRST));
        assert_eq!(waiting, coins.iter().map(|coin| CoinRef { revision: 1, ..*coin }).collect::<Vec<_>>());
        for named in [coins, waiting] {
            let not_theirs = || OwnershipError::<Runtime>::NotHolder;
            refused("//ann", pay(named.clone()), not_theirs());
            refused("//ann", deposit("dot", named.clone(), System::block_number() + LIFE), not_theirs());
            let coins = named.clone().try_into().expect("few");
            refused("//ann", pallet_custody::Call::deposit { bank: BANK_A, coins }, not_theirs());
            let selection = singles(named.clone());
            refused("//BankA", pallet_vault::Call::return_coins { selection: selection.clone() }, not_theirs());
            refused("//Issuing//1", pallet_issuance::Call::retire { selection: selection.clone() }, not_theirs());
            let take = pallet_custody::Call::withdraw { bank: BANK_A, selection };
            refused("//ann", take, not_theirs());
        }
    });
}

#[test]
fn fails_at_a_bank_or_for_an_owner_that_may_not() {
    run(|| {
        with_deposit();
        let unknown = account_of(BANK_B, "dot");
        refused("//BankB", at_bank(unknown, signed(unknown)), pallet_identity::Error::<Runtime>::UnknownOwner);
        assert_ok!(register("//BankB", BANK_B, "dot"));
        assert_ok!(call("//BankB", pallet_identity::Call::suspend { owner: owner("dot") }));
        // A suspended owner is paid, but does nothing.
        let own = claim(signed(PickupReceiver::Owner(owner("dot"))));
        refused("//dot", own, DispatchError::BadOrigin);
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_B }));
        refused("//BankB", at_bank(counter(BANK_B), signed(counter(BANK_B))), DispatchError::BadOrigin);
        assert_ok!(call("//Supervising//1", pallet_participants::Call::reinstate_bank { bank: BANK_B }));
        assert_ok!(call("//BankB", at_bank(unknown, signed(unknown))));
        assert_eq!(custody(BANK_B, "dot"), 12_000);
    });
}

#[test]
fn a_payer_closes_only_when_nothing_of_it_waits() {
    run(|| {
        with_deposit();
        assert_ok!(call("//ann", pay(coins_of("ann"))));
        let rest = custody(BANK_A, "ann");
        assert_ok!(call("//BankA", pallet_custody::Call::debit { owner: owner("ann"), amount: rest }));
        let close = || pallet_identity::Call::close { owner: owner("ann") };
        refused("//BankA", close(), PickupError::<Runtime>::PickupsLeft);
        start_block(System::block_number() + LIFE + 1);
        assert_ok!(call("//ben", refund()));
        refused("//BankA", close(), OwnershipError::<Runtime>::CoinsLeft);
        assert_ok!(call("//ann", pay(coins_of("ann"))));
        assert_ok!(call("//BankA", close()));
    });
}

#[test]
fn boundary_how_many_payments_of_one_payer_wait() {
    run(|| {
        with_money();
        assert_ok!(call("//ann", pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 60)]) }));
        let coins = coins_of("ann");
        let leave = |coin: CoinRef| deposit("dot", vec![coin], System::block_number() + LIFE);
        for coin in &coins[..64] {
            assert_ok!(call("//ann", leave(*coin)));
        }
        refused("//ann", leave(coins[64]), PickupError::<Runtime>::TooManyPickups);
        assert_ok!(register("//BankB", BANK_B, "dot"));
        assert_ok!(call("//dot", claim(signed(PickupReceiver::Owner(owner("dot"))))));
        assert_ok!(call("//ann", leave(coins[64])));
        use specie_primitives::api::runtime_decl_for_specie_api::SpecieApi;
        let listed = |name: &str| <Runtime as SpecieApi<Block>>::pickups(owner(name), None, 100).0.len();
        assert_eq!((listed("ann"), listed("dot"), listed("ben")), (64, 64, 0));
    });
}

#[test]
fn pages_of_what_waits_hold_while_it_changes() {
    use specie_primitives::api::{runtime_decl_for_specie_api::SpecieApi, PickupCursor};
    run(|| {
        // Given: five payments that wait for Ben, and two that he left.
        with_money();
        let expires = System::block_number() + LIFE;
        for coin in &coins_of("ann")[..5] {
            assert_ok!(call("//ann", deposit("ben", vec![*coin], expires)));
        }
        assert_ok!(call("//ann", pay(coins_of("ann")[..2].to_vec())));
        for coin in coins_of("ben") {
            assert_ok!(call("//ben", deposit("dot", vec![coin], expires)));
        }
        let page = |after: Option<PickupCursor>, limit| {
            let (page, more) = <Runtime as SpecieApi<Block>>::pickups(owner("ben"), after, limit);
            (page.into_iter().map(|info| info.pickup).collect::<Vec<_>>(), more)
        };
        let (all, more) = page(None, 7);
        assert_eq!((all.len(), more), (7, None));
        assert_eq!(all[..2], [PickupId(5), PickupId(6)]);
        assert_eq!(page(None, 6), (all[..6].to_vec(), Some(PickupCursor::Waiting(all[5]))));

        // When what a page ends with goes away before the next one is asked for.
        let (mut seen, more) = page(None, 1);
        assert_eq!(more, Some(PickupCursor::Left(PickupId(5))));
        let (next, more) = page(more, 2);
        seen.extend(next);
        let (pickup, to) = (all[2], PickupReceiver::Owner(owner("ben")));
        let signature = signature(CODE, System::block_hash(0), pickup, to);
        assert_ok!(call("//ben", pallet_pickup::Call::claim_registered { pickup, signature }));

        // Then: what stays is seen once.
        let (next, more) = page(more, 3);
        seen.extend(next);
        let (next, more) = page(more, 3);
        seen.extend(next);
        assert_eq!((seen, more), (all, None));
    });
}

#[test]
fn nothing_is_left_or_collected_while_payments_stand_still() {
    run(|| {
        let coins = with_deposit();
        let outcome = frame_support::storage::transactional::with_transaction(|| {
            pallet_pickup::Flows::<Runtime>::mutate(|flows| flows.claimed += 1);
            Audit::on_finalize(System::block_number());
            let finding = pallet_audit::Breach::<Runtime>::get().expect("a breach");
            assert_eq!(String::from_utf8_lossy(&finding.rule), "M7 (pickups)");
            let filtered = || frame_system::Error::<Runtime>::CallFiltered;
            refused("//ann", deposit("dot", coins.clone(), System::block_number() + LIFE), filtered());
            refused("//BankB", at_bank(counter(BANK_B), signed(counter(BANK_B))), filtered());
            refused("//ann", refund(), filtered());
            sp_runtime::TransactionOutcome::Rollback(Ok::<(), DispatchError>(()))
        });
        assert_ok!(outcome);
    });
}

#[test]
fn the_scan_finds_what_does_not_fit() {
    run(|| {
        with_deposit();
        let alterations: [fn(); 6] = [
            || pallet_pickup::Pickups::<Runtime>::remove(FIRST),
            || pallet_pickup::Pickups::<Runtime>::mutate(FIRST, |record| record.as_mut().expect("there").value += 1),
            || pallet_pickup::OfPayer::<Runtime>::remove(owner("ann")),
            || pallet_pickup::ForPayee::<Runtime>::remove(owner("dot"), FIRST),
            || pallet_pickup::Flows::<Runtime>::mutate(|flows| flows.deposited += 1),
            || pallet_ownership::Coins::<Runtime>::remove(coins_that_wait()[0].coin),
        ];
        for alter in alterations {
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                alter();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(Pickup::do_try_state()))
            });
            assert!(matches!(outcome, Ok(Err(_))), "the scan must fail");
        }
    });
}

fn coins_that_wait() -> Vec<CoinRef> {
    held(Holder::Pickup(FIRST))
}
