//! Coins that wait for somebody: no hold is got around by leaving, collecting or taking them back.

use super::*;
use codec::Encode;
use pallet_ownership::Error as OwnershipError;
use pallet_pickup::Error as PickupError;
use sp_core::sr25519::Signature;
use specie_primitives::{PickupClaim, PickupId, PickupReceiver};

const LIFE: BlockNumber = 1_000;
const FIRST: PickupId = PickupId(0);
/// Stands for the key that a wallet derives from the code.
const CODE: &str = "//the code";

/// Somebody leaves coins.
pub fn leave(payee: &str, coins: &[CoinRef]) -> pallet_pickup::Call<Runtime> {
    pallet_pickup::Call::deposit_for {
        payee: owner(payee),
        claim_key: pair(CODE).public(),
        coins: coins.to_vec().try_into().expect("few"),
        expires: System::block_number() + LIFE,
    }
}

fn signed(pickup: PickupId, receiver: PickupReceiver) -> Signature {
    pair(CODE).sign(&PickupClaim::new(System::block_hash(0), pickup, receiver).encode())
}

/// Somebody collects what waits for it.
pub fn collect(name: &str, pickup: PickupId) -> pallet_pickup::Call<Runtime> {
    let signature = signed(pickup, PickupReceiver::Owner(owner(name)));
    pallet_pickup::Call::claim_registered { pickup, signature }
}

fn claim(name: &str) -> pallet_pickup::Call<Runtime> {
    collect(name, FIRST)
}

fn at_bank(receiver: PickupReceiver) -> pallet_pickup::Call<Runtime> {
    pallet_pickup::Call::claim_at_bank { pickup: FIRST, receiver, signature: signed(FIRST, receiver) }
}

fn cash() -> PickupReceiver {
    PickupReceiver::Counter { bank: BANK_B, receipt: 1 }
}

fn account_of(name: &str) -> PickupReceiver {
    PickupReceiver::Custody { bank: BANK_B, owner: owner(name) }
}

fn refund() -> pallet_pickup::Call<Runtime> {
    pallet_pickup::Call::refund { pickup: FIRST }
}

fn purse(name: &str) -> Balance {
    pallet_ownership::Purses::<Runtime>::get(owner(name)).value
}

#[test]
fn a_held_coin_is_neither_left_nor_collected_nor_given_back() {
    run(|| {
        // Given
        with_money();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let (coins, before) = (coins_of("ann"), purse("ann"));
        let stuck = || OwnershipError::<Runtime>::CoinHeld;
        assert_ok!(call(SUPERVISOR, hold([piece(&coins[0])], None)));
        refused("//ann", leave("dot", &coins[..2]), stuck());
        assert_ok!(call("//ann", leave("dot", &coins[1..3])));

        // When: one of those that wait is held.
        assert_ok!(call(SUPERVISOR, hold([piece(&coins[1])], None)));

        // Then: none of them goes anywhere.
        refused("//dot", claim("dot"), stuck());
        for receiver in [cash(), account_of("dot")] {
            refused("//BankB", at_bank(receiver), stuck());
        }
        start_block(System::block_number() + LIFE + 1);
        refused("//ann", refund(), stuck());
        assert_eq!(held(Holder::Pickup(FIRST)).len(), 2);

        // When
        assert_ok!(call(SUPERVISOR, release([piece(&coins[1])])));

        // Then
        assert_ok!(call("//ann", refund()));
        assert_eq!(purse("ann"), before);
    });
}

#[test]
fn what_waits_does_not_go_to_a_held_payee() {
    run(|| {
        // Given
        with_money();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        assert_ok!(call("//ann", leave("ben", &coins_of("ann")[..2])));

        // When
        assert_ok!(call(SUPERVISOR, hold([person("ben")], None)));

        // Then: not by its own hand, nor as cash, nor to somebody else whom the code's owner names.
        refused("//ben", claim("ben"), DispatchError::BadOrigin);
        for receiver in [cash(), account_of("ben"), account_of("dot")] {
            refused("//BankB", at_bank(receiver), PickupError::<Runtime>::OwnerHeld);
        }
        // Somebody may leave more for it, as it may be paid.
        assert_ok!(call("//ann", leave("ben", &coins_of("ann")[..1])));

        // When
        assert_ok!(call(SUPERVISOR, release([person("ben")])));

        // Then
        assert_ok!(call("//ben", claim("ben")));
        assert_eq!(purse("ben"), 2_000);
    });
}

#[test]
fn a_bank_does_not_credit_a_held_owner_with_what_waits_for_another() {
    run(|| {
        with_money();
        assert_ok!(call("//ann", leave("dot", &coins_of("ann")[..1])));
        assert_ok!(call(SUPERVISOR, hold([person("ben")], None)));
        refused("//BankB", at_bank(account_of("ben")), PickupError::<Runtime>::OwnerHeld);
        assert_ok!(call("//BankB", at_bank(cash())));
    });
}

#[test]
fn what_a_held_payer_left_goes_on_waiting() {
    run(|| {
        // Given
        with_money();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let before = purse("ann");
        assert_ok!(call("//ann", leave("dot", &coins_of("ann")[..2])));

        // When
        assert_ok!(call(SUPERVISOR, hold([person("ann")], None)));

        // Then: neither more is left nor what waits collected.
        refused("//ann", leave("dot", &coins_of("ann")[..1]), DispatchError::BadOrigin);
        refused("//dot", claim("dot"), PickupError::<Runtime>::OwnerHeld);
        for receiver in [cash(), account_of("dot")] {
            refused("//BankB", at_bank(receiver), PickupError::<Runtime>::OwnerHeld);
        }
        // After the last block it comes back to hands that are tied.
        start_block(System::block_number() + LIFE + 1);
        assert_ok!(call("//BankC", refund()));
        assert_eq!((purse("ann"), purse("dot")), (before, 0));
        refused("//ann", pay(coins_of("ann")), DispatchError::BadOrigin);
        assert_ok!(call(SUPERVISOR, release([person("ann")])));
        assert_ok!(call("//ann", pay(coins_of("ann"))));
    });
}

#[test]
fn what_waits_is_collected_after_a_hold_and_while_a_bank_alone_suspends() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        assert_ok!(call("//ann", leave("dot", &coins_of("ann")[..1])));
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(1))));
        refused("//dot", claim("dot"), PickupError::<Runtime>::OwnerHeld);
        start_block(2);
        // A bank cannot take back what its customer paid.
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        assert_ok!(call("//dot", claim("dot")));
        assert_eq!(purse("dot"), 1_000);
    });
}

#[test]
fn a_held_bank_collects_nothing() {
    run(|| {
        with_money();
        assert_ok!(call("//ann", leave("dot", &coins_of("ann")[..1])));
        assert_ok!(call(SUPERVISOR, hold([Target::Bank(BANK_B)], None)));
        for receiver in [cash(), account_of("ben")] {
            refused("//BankB", at_bank(receiver), DispatchError::BadOrigin);
        }
        assert_ok!(call(SUPERVISOR, release([Target::Bank(BANK_B)])));
        assert_ok!(call("//BankB", at_bank(cash())));
    });
}
