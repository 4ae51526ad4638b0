//! Change, another bank and another key: none of them leads past a hold.

use super::*;
use pallet_identity::{Call as Identify, Error as IdentityError};
use pallet_ownership::Error as OwnershipError;
use specie_primitives::{identity::RebindProof, ChangeFrom};

const BANK: Target = Target::Bank(BANK_A);
const VAULT_A: ChangeFrom = ChangeFrom::Vault(BANK_A);

pub fn exchange(at: ChangeFrom, give: Vec<CoinRef>, take: Selection) -> pallet_ownership::Call<Runtime> {
    pallet_ownership::Call::exchange { at, give: give.try_into().expect("few"), take }
}

/// Ann pays Ben and gets nothing back.
fn pay_with_change(
    at: ChangeFrom,
    coins: Vec<CoinRef>,
    give: Vec<CoinRef>,
    take: Selection,
) -> pallet_ownership::Call<Runtime> {
    pallet_ownership::Call::transfer_with_change {
        to: owner("ben"),
        coins: coins.try_into().expect("few"),
        at,
        give: give.try_into().expect("few"),
        pay: take,
        change: fresh(&[]),
    }
}

fn request(name: &str, key: &str) -> Identify<Runtime> {
    use codec::Encode;
    let expiry = System::block_number() + 100;
    let proof = RebindProof::new(System::block_hash(0), owner(name), BANK_A, account(key), expiry);
    let signature = pair(key).sign(&proof.encode());
    Identify::request_rebind { owner: owner(name), key: account(key), expiry, signature }
}

fn complete(name: &str) -> Identify<Runtime> {
    Identify::complete_rebind { owner: owner(name) }
}

/// Goes on to the block in which a request made now can be completed.
fn wait() {
    start_block(System::block_number() + pallet_identity::RebindDelay::<Runtime>::get());
}

#[test]
fn a_held_coin_is_not_changed() {
    run(|| {
        // Given: a coin of Ann's, and one that circulated and lies in bank A's vault.
        with_money();
        let coins = coins_of("ann");
        let deposit =
            pallet_custody::Call::deposit { bank: BANK_A, coins: coins[9..10].to_vec().try_into().expect("one") };
        assert_ok!(call("//ann", deposit));
        let vault = held(Holder::Vault(VaultId::Bank(BANK_A)));
        let report = Audit::report();

        // When
        assert_ok!(call(SUPERVISOR, hold([piece(&coins[0]), piece(&vault[0])], None)));

        // Then
        let stuck = || OwnershipError::<Runtime>::CoinHeld;
        for at in [VAULT_A, ChangeFrom::Issuer] {
            refused("//ann", exchange(at, vec![coins[0]], fresh(&[(TEN, 1)])), stuck());
            refused("//ann", exchange(at, vec![coins[1], coins[0]], fresh(&[(TEN, 2)])), stuck());
            // As a coin that the payee gets, and as one that is changed.
            refused("//ann", pay_with_change(at, vec![coins[0]], vec![coins[10]], fresh(&[(TEN, 10)])), stuck());
            refused("//ann", pay_with_change(at, vec![coins[1]], vec![coins[0]], fresh(&[(TEN, 1)])), stuck());
        }
        refused("//ann", exchange(VAULT_A, vec![coins[1]], singles(vec![vault[0]])), stuck());
        refused("//ann", pay_with_change(VAULT_A, vec![], vec![coins[1]], singles(vec![vault[0]])), stuck());
        assert_eq!(Audit::report(), report);

        // When
        assert_ok!(call(SUPERVISOR, release([piece(&coins[0]), piece(&vault[0])])));

        // Then
        assert_ok!(call("//ann", exchange(VAULT_A, vec![coins[0]], singles(vec![vault[0]]))));
    });
}

#[test]
fn a_held_owner_neither_changes_nor_goes_to_another_bank() {
    run(|| {
        // Given: an offer to go to bank B.
        with_money();
        let coins = coins_of("ann");
        let offer = || Identify::move_to { bank: BANK_B, expiry: System::block_number() + 100 };
        let accept = || Identify::accept_move { owner: owner("ann") };
        let bank = || pallet_identity::Owners::<Runtime>::get(owner("ann")).expect("registered").bank;
        assert_ok!(call("//ann", offer()));

        // When
        assert_ok!(call(SUPERVISOR, hold([person("ann")], None)));

        // Then
        refused("//ann", exchange(VAULT_A, vec![coins[0]], fresh(&[(TEN, 1)])), DispatchError::BadOrigin);
        let payment = || pay_with_change(VAULT_A, vec![], vec![coins[0]], fresh(&[(TEN, 1)]));
        refused("//ann", payment(), DispatchError::BadOrigin);
        refused("//ann", offer(), DispatchError::BadOrigin);
        refused("//BankB", accept(), IdentityError::<Runtime>::NoOffer);
        let closed = Identify::close { owner: owner("ann") };
        refused("//BankA", closed, IdentityError::<Runtime>::SuspendedBySupervisor);
        // The supervising role may give it to another bank; that bank does not let it go either.
        let assign = Identify::assign { owner: owner("ann"), bank: BANK_B };
        assert_ok!(call(SUPERVISOR, assign));
        assert_eq!(bank(), BANK_B);
        let reinstate = Identify::reinstate { owner: owner("ann") };
        refused("//BankB", reinstate, IdentityError::<Runtime>::SuspendedBySupervisor);

        // When: it is released. Then: what it offered before is gone, what it has is not.
        assert_ok!(call(SUPERVISOR, release([person("ann")])));
        refused("//BankA", accept(), IdentityError::<Runtime>::NoOffer);
        assert_ok!(call("//ann", pay(coins)));
    });
}

#[test]
fn a_held_bank_neither_changes_nor_takes_owners_nor_gives_keys() {
    run(|| {
        with_money();
        let coins = coins_of("ann");
        assert_ok!(register("//BankB", BANK_B, "dot"));
        assert_ok!(call("//dot", Identify::move_to { bank: BANK_A, expiry: System::block_number() + 100 }));
        let accept = || Identify::accept_move { owner: owner("dot") };

        assert_ok!(call(SUPERVISOR, hold([BANK], None)));
        let stopped = || pallet_vault::Error::<Runtime>::BankNotActive;
        refused("//ann", exchange(VAULT_A, vec![coins[0]], fresh(&[(TEN, 1)])), stopped());
        refused("//ann", pay_with_change(VAULT_A, vec![], vec![coins[0]], fresh(&[(TEN, 1)])), stopped());
        refused("//BankA", request("ann", "//ann2"), DispatchError::BadOrigin);
        refused("//BankA", accept(), DispatchError::BadOrigin);
        // Its owners pay what they have in their hands.
        assert_ok!(call("//ann", pay(vec![coins[1]])));

        assert_ok!(call(SUPERVISOR, release([BANK])));
        assert_ok!(call("//BankA", accept()));
        assert_ok!(call("//ann", exchange(VAULT_A, vec![coins[0]], fresh(&[(TEN, 1)]))));
    });
}

#[test]
fn a_held_owner_gets_no_other_key() {
    run(|| {
        // Given: a request that waits.
        with_money();
        assert_ok!(call("//BankA", request("ann", "//ann2")));

        // When: a hold comes over it, approved and after its time.
        assert_ok!(call(SUPERVISOR, hold([person("ann")], None)));
        let approve = Identify::approve_rebind { owner: owner("ann"), key: account("//ann2") };
        assert_ok!(call(SUPERVISOR, approve));
        wait();

        // Then
        refused("//BankA", complete("ann"), IdentityError::<Runtime>::SuspendedBySupervisor);
        for key in ["//ann", "//ann2"] {
            refused(key, pay(coins_of("ann")), DispatchError::BadOrigin);
        }

        // When: the hold ends. Then: the loss counts as before, and the new key is the owner's in the end.
        assert_ok!(call(SUPERVISOR, release([person("ann")])));
        assert_eq!(status("ann"), OwnerStatus::Suspended(SuspendedBy::Bank));
        assert_ok!(call("//BankA", complete("ann")));
        refused("//ann", pay(coins_of("ann")), DispatchError::BadOrigin);
        assert_ok!(call("//ann2", pay(coins_of("ann"))));
        // Nobody asks for another key of an owner that is held already.
        assert_ok!(call(SUPERVISOR, hold([person("ben")], None)));
        refused("//BankA", request("ben", "//ben2"), IdentityError::<Runtime>::SuspendedBySupervisor);
    });
}
