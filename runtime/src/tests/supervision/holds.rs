//! `hold`, `release`, and the ends of holds.

use super::*;
use crate::signers::Signers;
use pallet_admission::ClassifySigner;
use pallet_identity::Call as Identify;
use pallet_ownership::Error as OwnershipError;
use pallet_participants::Call as Participate;
use specie_primitives::{codes::Refusal, BankStatus};

const BANK: Target = Target::Bank(BANK_A);

fn bank_status() -> BankStatus {
    pallet_participants::Banks::<Runtime>::get(BANK_A).expect("admitted").status
}

fn deposit(coins: Vec<CoinRef>) -> pallet_custody::Call<Runtime> {
    pallet_custody::Call::deposit { bank: BANK_A, coins: coins.try_into().expect("few") }
}

#[test]
fn success_an_owner_is_held_and_released() {
    run(|| {
        // Given
        with_money();
        let sends = || -> Result<(), Refusal> {
            let who = account("//ann");
            let standing = Signers::classify(&who)?;
            Signers::allowed(&who, &standing, &RuntimeCall::from(pay(Vec::new())))
        };
        assert_eq!(sends(), Ok(()));

        // When
        assert_ok!(call(SUPERVISOR, hold_for([person("ann")], Reason::CourtOrder, None)));

        // Then: it is paid, but neither pays nor sends anything.
        let kept = Hold { act: 0, reason: Reason::CourtOrder, since: 1, until: None, bank_too: false };
        assert_eq!(record(person("ann")), Some(kept));
        assert_eq!(status("ann"), OwnerStatus::Suspended(SuspendedBy::Supervisor));
        System::assert_last_event(
            SupervisionEvent::Held {
                act: 0,
                by: Some(account(SUPERVISOR)),
                targets: list([person("ann")]),
                reason: Reason::CourtOrder,
                until: None,
            }
            .into(),
        );
        refused("//ann", pay(coins_of("ann")), DispatchError::BadOrigin);
        let withdraw = pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 1)]) };
        refused("//ann", withdraw, DispatchError::BadOrigin);
        assert_eq!(sends(), Err(Refusal::OwnerSuspended));
        // Its bank books what comes, and pays nothing out at the counter; one that it suspended alone it may serve.
        let debit = |name| pallet_custody::Call::debit { owner: owner(name), amount: 1 };
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner("ann"), amount: 1 }));
        refused("//BankA", debit("ann"), pallet_custody::Error::<Runtime>::OwnerHeld);
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner("ben"), amount: 1 }));
        assert_ok!(call("//BankA", Identify::suspend { owner: owner("ben") }));
        assert_ok!(call("//BankA", debit("ben")));

        // When
        assert_ok!(call(SUPERVISOR, release([person("ann")])));

        // Then
        assert_eq!((record(person("ann")), status("ann"), sends()), (None, OwnerStatus::Active, Ok(())));
        let released =
            SupervisionEvent::Released { act: 1, by: Some(account(SUPERVISOR)), targets: list([person("ann")]) };
        System::assert_last_event(released.into());
        assert_ok!(call("//ann", pay(coins_of("ann"))));
    });
}

#[test]
fn success_a_held_coin_stays_where_it_is() {
    run(|| {
        // Given: a coin of Ann's, one in bank A's vault and one in the issue vault, all of which circulated.
        with_money();
        let coins = coins_of("ann");
        assert_ok!(call("//ann", deposit(coins[1..3].to_vec())));
        let vault = held(Holder::Vault(VaultId::Bank(BANK_A)));
        assert_ok!(call("//BankA", pallet_vault::Call::return_coins { selection: singles(vec![vault[1]]) }));
        let home = held(Holder::Vault(VaultId::Issue));
        let (anns, banks, issuers) = (coins[0], vault[0], home[0]);
        let report = Audit::report();

        // When
        assert_ok!(call(SUPERVISOR, hold([piece(&anns), piece(&banks), piece(&issuers)], None)));

        // Then: nobody moves them, alone or in a list.
        let stuck = || OwnershipError::<Runtime>::CoinHeld;
        refused("//ann", pay(vec![anns]), stuck());
        refused("//ann", pay(vec![coins[3], anns, coins[4]]), stuck());
        refused("//ann", deposit(vec![anns]), stuck());
        refused("//ann", deposit(vec![coins[3], anns]), stuck());
        let withdraw = |coins| pallet_custody::Call::withdraw { bank: BANK_A, selection: singles(coins) };
        refused("//ann", withdraw(vec![banks]), stuck());
        refused("//BankA", pallet_vault::Call::return_coins { selection: singles(vec![banks]) }, stuck());
        refused("//BankA", pallet_vault::Call::draw { selection: singles(vec![issuers]) }, stuck());
        refused("//Issuing//1", pallet_issuance::Call::retire { selection: singles(vec![issuers]) }, stuck());
        // Who could not move it anyhow learns nothing new.
        refused(
            "//ben",
            pallet_ownership::Call::transfer { to: owner("ann"), coins: vec![anns].try_into().expect("one") },
            OwnershipError::<Runtime>::NotHolder,
        );
        // The books do not change, and neither do holder and revision.
        assert_eq!(Audit::report(), report);
        assert!(coins_of("ann").contains(&anns));
        let info = |coin: &CoinRef| {
            let entry = pallet_ownership::Coins::<Runtime>::get(coin.coin).expect("there");
            (entry.holder, entry.revision, entry.flags.is_held())
        };
        assert_eq!(info(&anns), (Holder::Owner(owner("ann")), anns.revision, true));

        // When
        assert_ok!(call(SUPERVISOR, release([piece(&anns), piece(&banks), piece(&issuers)])));

        // Then
        assert_eq!(info(&anns), (Holder::Owner(owner("ann")), anns.revision, false));
        assert_ok!(call("//ann", withdraw(vec![banks])));
        assert_ok!(call("//ann", pay(vec![coins[3], anns])));
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::retire { selection: singles(vec![issuers]) }));
    });
}

#[test]
fn success_a_bank_is_held_and_released() {
    run(|| {
        with_money();
        let credit = || pallet_custody::Call::credit { owner: owner("ann"), amount: 1 };
        assert_ok!(call(SUPERVISOR, hold([BANK], None)));
        assert_eq!(bank_status(), BankStatus::Suspended);
        refused("//BankA", credit(), DispatchError::BadOrigin);
        refused("//ann", deposit(coins_of("ann")), pallet_vault::Error::<Runtime>::BankNotActive);
        assert_ok!(call(SUPERVISOR, release([BANK])));
        assert_eq!(bank_status(), BankStatus::Active);
        assert_ok!(call("//BankA", credit()));
    });
}

#[test]
fn fails_hold() {
    run(|| {
        with_money();
        let coins = coins_of("ann");
        only(&[SUPERVISOR], hold([piece(&coins[0])], None));
        refused(SUPERVISOR, hold([], None), SupervisionError::<Runtime>::NothingNamed);
        let twice = hold([person("ann"), piece(&coins[0]), person("ann")], None);
        refused(SUPERVISOR, twice, SupervisionError::<Runtime>::NamedTwice);
        let unstated = hold_for([person("ann")], Reason::Unstated, None);
        refused(SUPERVISOR, unstated, SupervisionError::<Runtime>::NoReason);
        start_block(7);
        refused(SUPERVISOR, hold([person("ann")], Some(6)), SupervisionError::<Runtime>::ExpiryPassed);
        // A coin of a vault's range, of an undrawn range, beyond the batch, of no batch: and with it the whole list.
        for unknown in [coin(0, 500), coin(1, 999), coin(0, 5_000), coin(9, 0)] {
            let list = [person("ann"), BANK, piece(&coins[0]), Target::Coin(unknown)];
            refused(SUPERVISOR, hold(list, Some(9)), OwnershipError::<Runtime>::UnknownCoin);
        }
        let unknown = pallet_identity::Error::<Runtime>::UnknownOwner;
        refused(SUPERVISOR, hold([piece(&coins[0]), person("zoe")], None), unknown);
        let unknown = pallet_participants::Error::<Runtime>::UnknownBank;
        refused(SUPERVISOR, hold([Target::Bank(BankId(99))], None), unknown);
        assert_ok!(call("//BankA", Identify::close { owner: owner("ben") }));
        refused(SUPERVISOR, hold([person("ben")], None), pallet_identity::Error::<Runtime>::OwnerClosed);
    });
}

#[test]
fn fails_release() {
    run(|| {
        with_money();
        let coins = coins_of("ann");
        assert_ok!(call(SUPERVISOR, hold([person("ann"), piece(&coins[0])], None)));
        only(&[SUPERVISOR], release([person("ann")]));
        refused(SUPERVISOR, release([]), SupervisionError::<Runtime>::NothingNamed);
        let not_held = || SupervisionError::<Runtime>::NotHeld;
        refused(SUPERVISOR, release([person("ben")]), not_held());
        refused(SUPERVISOR, release([person("ann"), piece(&coins[1])]), not_held());
        refused(SUPERVISOR, release([piece(&coins[0]), piece(&coins[0])]), not_held());
        // A bank does not get around a hold by its own calls, nor does a new key.
        let by_supervisor = pallet_identity::Error::<Runtime>::SuspendedBySupervisor;
        refused("//BankA", Identify::reinstate { owner: owner("ann") }, by_supervisor);
        assert_eq!(rotate("ann", "//ann", "//ann2"), Err(DispatchError::BadOrigin));
        // What a bank alone suspended is not held.
        assert_ok!(call("//BankA", Identify::suspend { owner: owner("ben") }));
        refused(SUPERVISOR, release([person("ben")]), not_held());
    });
}

#[test]
fn boundary_a_hold_ends_after_its_last_block() {
    run(|| {
        // Given
        with_money();
        let coins = coins_of("ann");
        let all = [piece(&coins[0]), person("ben"), BANK];
        assert_ok!(call("//ann", pay(vec![coins[9]])));
        let back =
            || pallet_ownership::Call::transfer { to: owner("ann"), coins: coins_of("ben").try_into().expect("one") };
        assert_ok!(call(SUPERVISOR, hold(all, Some(3))));
        let stands = || {
            refused("//ann", pay(vec![coins[0]]), OwnershipError::<Runtime>::CoinHeld);
            refused("//ben", back(), DispatchError::BadOrigin);
            assert_eq!(bank_status(), BankStatus::Suspended);
        };
        stands();

        // When, then
        start_block(2);
        stands();
        start_block(3);
        stands();
        start_block(4);
        System::assert_has_event(SupervisionEvent::Expired { targets: list(all) }.into());
        assert!(all.iter().all(|target| record(*target).is_none()));
        assert_eq!(bank_status(), BankStatus::Active);
        assert_ok!(call("//ann", pay(vec![coins[0]])));
        assert_ok!(call("//ben", back()));
        // The end is counted once: a hold that begins now is not touched by what ended.
        assert_ok!(call(SUPERVISOR, hold(all, None)));
        start_block(5);
        assert!(all.iter().all(|target| record(*target).is_some()));
    });
}

#[test]
fn boundary_a_hold_of_one_block() {
    run(|| {
        with_money();
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(1))));
        refused("//ann", pay(coins_of("ann")), DispatchError::BadOrigin);
        start_block(2);
        assert_ok!(call("//ann", pay(coins_of("ann"))));
    });
}

#[test]
fn a_hold_gets_another_end_without_a_gap() {
    run(|| {
        with_money();
        let anns = piece(&coins_of("ann")[0]);
        assert_ok!(call(SUPERVISOR, hold([person("ann"), anns], Some(3))));
        // Later, and with another reason.
        assert_ok!(call(SUPERVISOR, hold_for([person("ann")], Reason::CourtOrder, Some(5))));
        // Never.
        assert_ok!(call(SUPERVISOR, hold([anns], None)));
        start_block(4);
        let kept = Hold { act: 1, reason: Reason::CourtOrder, since: 1, until: Some(5), bank_too: false };
        assert_eq!(record(person("ann")), Some(kept));
        assert!(record(anns).is_some());
        check_everything();
        // Sooner.
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(4))));
        start_block(5);
        assert_eq!((record(person("ann")), status("ann")), (None, OwnerStatus::Active));
        // Released before its end, and held again beyond it.
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(6))));
        assert_ok!(call(SUPERVISOR, release([person("ann")])));
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(8))));
        start_block(6);
        start_block(7);
        assert!(record(person("ann")).is_some());
    });
}

#[test]
fn a_banks_suspension_outlasts_a_hold() {
    let by_bank = OwnerStatus::Suspended(SuspendedBy::Bank);
    let by_supervisor = OwnerStatus::Suspended(SuspendedBy::Supervisor);
    run(|| {
        with_money();
        let (suspend, reinstate) =
            (|| Identify::suspend { owner: owner("ann") }, || Identify::reinstate { owner: owner("ann") });
        // Before the hold.
        assert_ok!(call("//BankA", suspend()));
        assert_ok!(call(SUPERVISOR, hold([person("ann")], None)));
        assert_eq!(status("ann"), by_supervisor);
        refused("//BankA", suspend(), pallet_identity::Error::<Runtime>::AlreadySuspended);
        assert_ok!(call(SUPERVISOR, release([person("ann")])));
        assert_eq!(status("ann"), by_bank);
        refused("//ann", pay(coins_of("ann")), DispatchError::BadOrigin);
        assert_ok!(call("//BankA", reinstate()));

        // During the hold, which gets another end meanwhile: a phone that is reported stolen does not pay in the very block
        // after it.
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(2))));
        assert_ok!(call("//BankA", suspend()));
        assert_eq!(status("ann"), by_supervisor);
        refused("//BankA", suspend(), pallet_identity::Error::<Runtime>::AlreadySuspended);
        refused("//BankB", suspend(), pallet_identity::Error::<Runtime>::NotYourOwner);
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(3))));
        start_block(2);
        start_block(3);
        start_block(4);
        assert_eq!((record(person("ann")), status("ann")), (None, by_bank));

        // The supervisor's own call of the identity pallet lifts both.
        assert_ok!(call(SUPERVISOR, hold([person("ann")], None)));
        assert_ok!(call(SUPERVISOR, reinstate()));
        assert_eq!((record(person("ann")), status("ann")), (None, OwnerStatus::Active));
    });
}

#[test]
fn calls_of_other_pallets_are_on_record() {
    run(|| {
        with_money();
        let unstated = |act| Some(Hold { act, reason: Reason::Unstated, since: 1, until: None, bank_too: false });
        // Owners.
        assert_ok!(call(SUPERVISOR, Identify::suspend { owner: owner("ann") }));
        assert_eq!(record(person("ann")), unstated(0));
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(9))));
        let already = pallet_identity::Error::<Runtime>::AlreadySuspended;
        refused(SUPERVISOR, Identify::suspend { owner: owner("ann") }, already);
        assert_ok!(call(SUPERVISOR, Identify::reinstate { owner: owner("ann") }));
        let released = SupervisionEvent::Released { act: 2, by: None, targets: list([person("ann")]) };
        System::assert_has_event(released.into());
        assert_eq!(record(person("ann")), None);
        assert_eq!(pallet_supervision::Expiries::<Runtime>::iter().count(), 0);
        // A bank's suspension is no act of the supervisor.
        assert_ok!(call("//BankA", Identify::suspend { owner: owner("ann") }));
        assert_eq!((record(person("ann")), pallet_supervision::NextAct::<Runtime>::get()), (None, 3));
        assert_ok!(call(SUPERVISOR, Identify::suspend { owner: owner("ann") }));
        assert!(record(person("ann")).is_some_and(|hold| hold.bank_too));

        // Banks, and one that closes while it is held.
        assert_ok!(call(SUPERVISOR, Participate::suspend_bank { bank: BANK_A }));
        assert_eq!(record(BANK), unstated(4));
        assert_ok!(call(SUPERVISOR, Participate::reinstate_bank { bank: BANK_A }));
        assert_eq!(record(BANK), None);
        let name = b"Bank G".to_vec().try_into().expect("short");
        let admit = Participate::admit_bank { bank: BankId(7), name, account: account("//BankG") };
        assert_ok!(call("//Admitting//1", admit));
        assert_ok!(call(SUPERVISOR, hold([Target::Bank(BankId(7))], Some(3))));
        assert_ok!(call("//Admitting//1", Participate::close_bank { bank: BankId(7) }));
        assert_eq!(record(Target::Bank(BankId(7))), None);
        (2..=4).for_each(start_block);
    });
}

#[test]
fn boundary_as_many_holds_end_in_a_block_as_one_act_names() {
    run(|| {
        // Given: 512 coins beside the others.
        with_money();
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner("ben"), amount: 512_000 }));
        let withdraw = pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 512)]) };
        assert_ok!(call("//ben", withdraw));
        let many: Vec<Target> = coins_of("ben").iter().map(piece).collect();
        assert_eq!(many.len(), 512);

        // When
        assert_ok!(call(SUPERVISOR, hold(many.clone(), Some(3))));

        // Then
        let full = || SupervisionError::<Runtime>::TooManyExpiries;
        refused(SUPERVISOR, hold([person("ann")], Some(3)), full());
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(4))));
        refused(SUPERVISOR, hold([person("ann")], Some(3)), full());
        assert_ok!(call(SUPERVISOR, release([many[7]])));
        assert_ok!(call(SUPERVISOR, hold([person("ann")], Some(3))));
        // The same list again takes its own places.
        assert_ok!(call(SUPERVISOR, release([person("ann")])));
        assert_ok!(call(SUPERVISOR, hold(many.clone(), Some(3))));
        check_everything();
        (2..=4).for_each(start_block);
        assert_eq!(pallet_supervision::Holds::<Runtime>::iter().count(), 0);
        assert_ok!(call(
            "//ben",
            pallet_ownership::Call::transfer { to: owner("ann"), coins: coins_of("ben").try_into().expect("512") }
        ));
    });
}

#[test]
fn wrappers_neither_help_nor_hinder() {
    run(|| {
        with_money();
        let coins = coins_of("ann");
        // The supervisor itself may use them.
        let batch = pallet_utility::Call::batch_all { calls: vec![hold([piece(&coins[0])], None).into()] };
        assert_ok!(call(SUPERVISOR, batch));
        assert!(record(piece(&coins[0])).is_some());
        add_proxy(SUPERVISOR, REGISTRY);
        assert_eq!(through(REGISTRY, SUPERVISOR, release([piece(&coins[0])])), Ok(()));
        // A bank's proxy does not speak for the supervisor, nor move a held coin of the bank's vault.
        assert_ok!(call("//ann", deposit(vec![coins[1]])));
        let vault = held(Holder::Vault(VaultId::Bank(BANK_A)));
        assert_ok!(call(SUPERVISOR, hold([piece(&vault[0])], None)));
        add_proxy("//BankA", "//BankB");
        let give_back = || pallet_vault::Call::return_coins { selection: singles(vec![vault[0]]) };
        let stuck: DispatchError = OwnershipError::<Runtime>::CoinHeld.into();
        let same = |result: Result<(), DispatchError>| {
            result.map_err(|error| (error == DispatchError::BadOrigin, error.stripped() == stuck.stripped()))
        };
        assert_eq!(same(through("//BankB", "//BankA", release([piece(&vault[0])]))), Err((true, false)));
        assert_eq!(same(through("//BankB", "//BankA", give_back())), Err((false, true)));
        let batch = pallet_utility::Call::batch_all { calls: vec![give_back().into()] };
        refused("//BankA", batch, OwnershipError::<Runtime>::CoinHeld);
    });
}

#[test]
fn holds_are_listed_page_by_page() {
    run(|| {
        with_money();
        let all: Vec<Target> = coins_of("ann").iter().map(piece).chain([person("ben"), BANK]).collect();
        assert_ok!(call(SUPERVISOR, hold_for(all.clone(), Reason::Stolen, Some(9))));
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = Supervision::page(after, 5);
            found.extend(page.iter().cloned());
            after = page.last().map(|hold| hold.target);
            if page.len() < 5 {
                break;
            }
        }
        assert_eq!(found, Supervision::page(None, 1_000));
        assert!(found.iter().all(|hold| (hold.reason, hold.until, hold.act) == (Reason::Stolen, Some(9), 0)));
        let mut targets: Vec<_> = found.into_iter().map(|hold| hold.target).collect();
        targets.sort();
        let mut expected = all;
        expected.sort();
        assert_eq!(targets, expected);
        // What was released meanwhile still tells where to go on.
        let first = Supervision::page(None, 1)[0].target;
        let rest = Supervision::page(Some(first), 1_000);
        assert_ok!(call(SUPERVISOR, release([first])));
        assert_eq!(Supervision::page(Some(first), 1_000), rest);
    });
}

#[test]
fn the_scan_finds_holds_without_effect_and_effects_without_hold() {
    let broken = |alter: fn()| {
        run(|| {
            with_money();
            assert_ok!(call(SUPERVISOR, hold([person("ann"), piece(&coins_of("ann")[0]), BANK], Some(9))));
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                alter();
                let scan = Supervision::do_try_state();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(scan))
            });
            assert!(matches!(outcome, Ok(Err(_))), "the scan must fail");
        });
    };
    broken(|| pallet_supervision::Holds::<Runtime>::remove(person("ann")));
    broken(|| {
        let kept = record(person("ann")).expect("held");
        pallet_supervision::Holds::<Runtime>::insert(person("ben"), kept);
    });
    broken(|| {
        pallet_ownership::Coins::<Runtime>::mutate(coin(0, 0), |entry| {
            let entry = entry.as_mut().expect("there");
            entry.flags = entry.flags.with_held(false);
        })
    });
    broken(|| {
        pallet_participants::Banks::<Runtime>::mutate(BANK_A, |bank| {
            bank.as_mut().expect("there").status = BankStatus::Active
        })
    });
    broken(|| pallet_supervision::Expiries::<Runtime>::remove(10));
    broken(|| pallet_supervision::Expiries::<Runtime>::insert(11, list([person("ann")])));
    broken(|| pallet_supervision::NextAct::<Runtime>::put(0));
}
