//! Mandates and their use: two people, one target, a time, and a record.

use super::*;
use pallet_supervision::{Mandate, Trace};
use specie_primitives::Role;

const AUTHORITY: Hash = Hash::repeat_byte(7);
const QUERY: Hash = Hash::repeat_byte(9);
/// Longest life of a mandate in blocks.
const YEAR: BlockNumber = 365 * 86_400;

fn open(target: Target, until: BlockNumber) -> Supervise<Runtime> {
    Supervise::open_mandate { target, reason: Reason::CourtOrder, authority: AUTHORITY, until }
}

fn confirm(mandate: u32) -> Supervise<Runtime> {
    Supervise::confirm_mandate { mandate }
}

fn close(mandate: u32) -> Supervise<Runtime> {
    Supervise::close_mandate { mandate }
}

fn trace(mandate: u32, target: Target) -> Supervise<Runtime> {
    Supervise::trace { mandate, target, query: QUERY }
}

fn mandate(number: u32) -> Mandate {
    pallet_supervision::Mandates::<Runtime>::get(number).expect("opened")
}

fn traces() -> Vec<(u32, Trace)> {
    let mut all: Vec<_> = pallet_supervision::Traces::<Runtime>::iter().collect();
    all.sort_by_key(|(number, _)| *number);
    all
}

/// A mandate on Ann, in force.
fn in_force(until: BlockNumber) -> u32 {
    let number = pallet_supervision::NextMandate::<Runtime>::get();
    assert_ok!(call(SUPERVISOR, open(person("ann"), until)));
    assert_ok!(call(REGISTRY, confirm(number)));
    number
}

/// The committee gives a role these keys.
fn set_keys(role: Role, uris: &[&str]) {
    let keys = uris.iter().map(|uri| account(uri)).collect::<Vec<_>>().try_into().expect("few");
    let set = pallet_participants::Call::set_role_keys { role, keys };
    assert_ok!(RuntimeCall::from(set).dispatch(RuntimeOrigin::root()));
}

#[test]
fn success_two_people_give_a_mandate_and_its_uses_are_on_record() {
    run(|| {
        // Given
        with_money();
        let until = 50;
        assert_ok!(call(SUPERVISOR, open(person("ann"), until)));
        let (target, reason, by) = (person("ann"), Reason::CourtOrder, account(SUPERVISOR));
        let opened = SupervisionEvent::MandateOpened { mandate: 0, by, target, reason, authority: AUTHORITY, until };
        System::assert_last_event(opened.into());

        // When
        assert_ok!(call(REGISTRY, confirm(0)));
        start_block(2);
        assert_ok!(call(SUPERVISOR, trace(0, person("ann"))));
        assert_ok!(call(SUPERVISOR, trace(0, person("ann"))));

        // Then
        let expected = Mandate {
            target,
            reason,
            authority: AUTHORITY,
            opened_by: account(SUPERVISOR),
            opened: 1,
            until,
            confirmed_by: Some(account(REGISTRY)),
            closed: None,
            traces: 2,
        };
        assert_eq!(mandate(0), expected);
        let by = account(SUPERVISOR);
        let used = Trace { mandate: 0, query: QUERY, by: by.clone(), block: 2 };
        assert_eq!(traces(), [(0, used.clone()), (1, used)]);
        System::assert_last_event(SupervisionEvent::Traced { trace: 1, mandate: 0, by, query: QUERY }.into());
        // A coin can be traced as well.
        let coin = piece(&coins_of("ann")[0]);
        assert_ok!(call(SUPERVISOR, open(coin, until)));
        assert_ok!(call(REGISTRY, confirm(1)));
        assert_ok!(call(SUPERVISOR, trace(1, coin)));
        // Either role closes.
        assert_ok!(call(REGISTRY, close(0)));
        System::assert_last_event(SupervisionEvent::MandateClosed { mandate: 0, by: account(REGISTRY) }.into());
        assert_ok!(call(SUPERVISOR, close(1)));
        assert_eq!((mandate(0).closed, mandate(1).closed), (Some(2), Some(2)));
    });
}

#[test]
fn fails_open_mandate() {
    run(|| {
        with_money();
        only(&[SUPERVISOR], open(person("ann"), 9));
        refused(SUPERVISOR, open(Target::Bank(BANK_A), 9), SupervisionError::<Runtime>::NotTraceable);
        let unstated =
            Supervise::open_mandate { target: person("ann"), reason: Reason::Unstated, authority: AUTHORITY, until: 9 };
        refused(SUPERVISOR, unstated, SupervisionError::<Runtime>::NoReason);
        start_block(5);
        refused(SUPERVISOR, open(person("ann"), 4), SupervisionError::<Runtime>::ExpiryPassed);
        refused(SUPERVISOR, open(person("ann"), 5 + YEAR + 1), SupervisionError::<Runtime>::MandateTooLong);
        assert_ok!(call(SUPERVISOR, open(person("ann"), 5 + YEAR)));
        assert_ok!(call(SUPERVISOR, open(person("ann"), 5)));
    });
}

#[test]
fn fails_a_mandate_of_one_person() {
    run(|| {
        with_money();
        assert_ok!(call(SUPERVISOR, open(person("ann"), 50)));
        only(&[REGISTRY], confirm(0));
        only(&[SUPERVISOR], trace(0, person("ann")));
        only(&[SUPERVISOR, REGISTRY], close(0));
        refused(SUPERVISOR, trace(0, person("ann")), SupervisionError::<Runtime>::MandateNotConfirmed);
        // The key that opened it gets the other role.
        set_keys(Role::Supervising, &["//Supervising//2"]);
        set_keys(Role::Registry, &[SUPERVISOR]);
        refused(SUPERVISOR, confirm(0), SupervisionError::<Runtime>::SameKey);
        // The key that opened it has no role any more.
        set_keys(Role::Registry, &[REGISTRY]);
        refused(REGISTRY, confirm(0), SupervisionError::<Runtime>::OpenerNotSupervising);
        assert_eq!(mandate(0).confirmed_by, None);
    });
}

#[test]
fn fails_a_mandate_through_proxies() {
    run(|| {
        // Given: one person's key may act for the keys of both roles.
        with_money();
        add_proxy(SUPERVISOR, "//Operating//1");
        add_proxy(REGISTRY, "//Operating//1");
        let filtered = || Err(frame_system::Error::<Runtime>::CallFiltered.into());
        let same = |result: Result<(), DispatchError>| result.map_err(DispatchError::stripped);
        let filtered = || same(filtered());

        // Then: neither half of a mandate is done like that, wrapped or not.
        let batch = |inner: Supervise<Runtime>| pallet_utility::Call::batch_all { calls: vec![inner.into()] };
        let opened = open(person("ann"), 50);
        assert_eq!(same(through("//Operating//1", SUPERVISOR, opened.clone())), filtered());
        assert_eq!(same(through("//Operating//1", SUPERVISOR, batch(opened.clone()))), filtered());
        assert_ok!(call(SUPERVISOR, opened));
        assert_eq!(same(through("//Operating//1", REGISTRY, confirm(0))), filtered());
        assert_eq!(same(through("//Operating//1", REGISTRY, batch(confirm(0)))), filtered());
        assert_eq!(mandate(0).confirmed_by, None);
        // What one person may do, a proxy may.
        assert_eq!(through("//Operating//1", REGISTRY, close(0)), Ok(()));
    });
}

#[test]
fn fails_using_a_mandate_that_does_not_allow_it() {
    run(|| {
        with_money();
        let number = in_force(20);
        // Another owner, a coin of the owner's, a bank; no mandate at all.
        let coin = piece(&coins_of("ann")[0]);
        for other in [person("ben"), coin, Target::Bank(BANK_A)] {
            refused(SUPERVISOR, trace(number, other), SupervisionError::<Runtime>::ForeignMandate);
        }
        refused(SUPERVISOR, trace(9, person("ann")), SupervisionError::<Runtime>::UnknownMandate);
        refused(REGISTRY, confirm(9), SupervisionError::<Runtime>::UnknownMandate);
        refused(REGISTRY, confirm(number), SupervisionError::<Runtime>::AlreadyConfirmed);
        // Closed.
        assert_ok!(call(SUPERVISOR, close(number)));
        for after in [trace(number, person("ann")), close(number)] {
            refused(SUPERVISOR, after, SupervisionError::<Runtime>::MandateClosed);
        }
        refused(REGISTRY, confirm(number), SupervisionError::<Runtime>::MandateClosed);
        assert_eq!(traces(), []);
    });
}

#[test]
fn boundary_a_mandate_ends_after_its_last_block() {
    run(|| {
        with_money();
        let number = in_force(20);
        assert_ok!(call(SUPERVISOR, open(person("ann"), 20)));
        start_block(20);
        assert_ok!(call(SUPERVISOR, trace(number, person("ann"))));
        start_block(21);
        let over = || SupervisionError::<Runtime>::MandateExpired;
        refused(SUPERVISOR, trace(number, person("ann")), over());
        refused(SUPERVISOR, close(number), over());
        refused(REGISTRY, confirm(number + 1), over());
        assert_eq!(traces().len(), 1);
    });
}

#[test]
fn boundary_a_mandate_has_so_many_uses() {
    run(|| {
        with_money();
        let number = in_force(20);
        pallet_supervision::Mandates::<Runtime>::mutate(number, |mandate| {
            mandate.as_mut().expect("there").traces = 999;
        });
        assert_ok!(call(SUPERVISOR, trace(number, person("ann"))));
        refused(SUPERVISOR, trace(number, person("ann")), SupervisionError::<Runtime>::TooManyTraces);
        // The scan finds that somebody counted by hand.
        assert!(Supervision::do_try_state().is_err());
        pallet_supervision::Mandates::<Runtime>::mutate(number, |mandate| {
            mandate.as_mut().expect("there").traces = 1;
        });
    });
}

#[test]
fn the_scan_finds_mandates_and_uses_that_do_not_fit() {
    let broken = |alter: fn()| {
        run(|| {
            with_money();
            assert_ok!(call(SUPERVISOR, trace(in_force(20), person("ann"))));
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                alter();
                let scan = Supervision::do_try_state();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(scan))
            });
            assert!(matches!(outcome, Ok(Err(_))), "the scan must fail");
        });
    };
    fn change(alter: impl FnOnce(&mut Mandate)) {
        pallet_supervision::Mandates::<Runtime>::mutate(0, |mandate| alter(mandate.as_mut().expect("there")))
    }
    broken(|| change(|mandate| mandate.confirmed_by = None));
    broken(|| change(|mandate| mandate.confirmed_by = Some(mandate.opened_by.clone())));
    broken(|| change(|mandate| mandate.traces = 0));
    broken(|| pallet_supervision::Traces::<Runtime>::remove(0));
    broken(|| pallet_supervision::Mandates::<Runtime>::remove(0));
    broken(|| pallet_supervision::NextMandate::<Runtime>::put(0));
    broken(|| pallet_supervision::NextTrace::<Runtime>::put(0));
}
