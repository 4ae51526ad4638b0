//! `suspend`, `reinstate`.

use super::*;
use OwnerStatus::{Active, Suspended};
use SuspendedBy::{Bank, Supervisor};

#[test]
fn success_a_bank_suspends_and_reinstates() {
    ExtBuilder::default().build_and_execute(|| {
        // When
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));

        // Then: the owner is paid, but cannot pay
        happened(Event::Suspended { owner: ANN, by: Bank });
        assert_eq!(status(ANN), Suspended(Bank));
        assert_eq!(acts_for("ann"), None);
        assert!(!Identity::is_active(ANN));
        assert_ok!(Identity::ensure_payable(ANN));
        assert_eq!(binding(&key("ann")), Some((ANN, true)));

        // When
        assert_ok!(Identity::reinstate(by_bank(BANK_1), ANN));

        // Then
        happened(Event::Reinstated { owner: ANN, by: Bank });
        assert_eq!(status(ANN), Active);
        assert_eq!(acts_for("ann"), Some(ANN));
    });
}

#[test]
fn success_the_supervisor_suspends_and_reinstates() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Identity::suspend(by_supervisor(), ANN));
        happened(Event::Suspended { owner: ANN, by: Supervisor });
        assert_eq!(status(ANN), Suspended(Supervisor));
        assert_noop!(Identity::reinstate(by_bank(BANK_1), ANN), Error::<Test>::SuspendedBySupervisor);
        assert_noop!(Identity::suspend(by_bank(BANK_1), ANN), Error::<Test>::AlreadySuspended);
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));
        happened(Event::Reinstated { owner: ANN, by: Supervisor });
        assert_eq!(status(ANN), Active);
    });
}

#[test]
fn success_the_supervisor_overrides_a_bank() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        assert_ok!(Identity::suspend(by_supervisor(), ANN));
        assert_eq!(status(ANN), Suspended(Supervisor));
        assert_noop!(Identity::reinstate(by_bank(BANK_1), ANN), Error::<Test>::SuspendedBySupervisor);
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));

        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));
        assert_eq!(status(ANN), Active);
    });
}

#[test]
fn fails_suspend() {
    ExtBuilder::default().build_and_execute(|| {
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann"))] {
            assert_noop!(Identity::suspend(origin, ANN), DispatchError::BadOrigin);
        }
        assert_noop!(Identity::suspend(by_bank(BANK_2), ANN), Error::<Test>::NotYourOwner);
        for origin in [by_bank(BANK_1), by_supervisor()] {
            assert_noop!(Identity::suspend(origin, owner(2)), Error::<Test>::UnknownOwner);
        }
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        assert_noop!(Identity::suspend(by_bank(BANK_1), ANN), Error::<Test>::AlreadySuspended);
        assert_ok!(Identity::suspend(by_supervisor(), ANN));
        assert_noop!(Identity::suspend(by_supervisor(), ANN), Error::<Test>::AlreadySuspended);
        ActiveBanks::set(vec![BANK_2]);
        assert_noop!(Identity::suspend(by_bank(BANK_1), ANN), DispatchError::BadOrigin);
    });
}

#[test]
fn fails_reinstate() {
    ExtBuilder::default().build_and_execute(|| {
        for origin in [by_bank(BANK_1), by_supervisor()] {
            assert_noop!(Identity::reinstate(origin.clone(), ANN), Error::<Test>::NotSuspended);
            assert_noop!(Identity::reinstate(origin, owner(2)), Error::<Test>::UnknownOwner);
        }
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann"))] {
            assert_noop!(Identity::reinstate(origin, ANN), DispatchError::BadOrigin);
        }
        assert_noop!(Identity::reinstate(by_bank(BANK_2), ANN), Error::<Test>::NotYourOwner);
    });
}

#[test]
fn success_the_supervisors_reasons_stop_and_resume() {
    use specie_primitives::traits::Stoppable;
    ExtBuilder::default().build_and_execute(|| {
        // An active owner.
        assert_eq!(Identity::stop(ANN), Ok(false));
        happened(Event::Suspended { owner: ANN, by: Supervisor });
        assert_eq!((status(ANN), Identity::is_held(ANN)), (Suspended(Supervisor), true));
        assert_eq!(Identity::all_stopped(), [ANN]);
        assert_noop!(Identity::stop(ANN), Error::<Test>::AlreadySuspended);
        assert_ok!(Identity::resume(ANN, false));
        happened(Event::Reinstated { owner: ANN, by: Supervisor });
        assert_eq!((status(ANN), Identity::is_held(ANN)), (Active, false));
        assert_noop!(Identity::resume(ANN, false), Error::<Test>::NotSuspended);

        // One whom its bank suspended: that counts again.
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        assert_noop!(Identity::resume(ANN, true), Error::<Test>::NotSuspended);
        assert!(!Identity::is_held(ANN) && Identity::all_stopped().is_empty());
        assert_eq!(Identity::stop(ANN), Ok(true));
        assert_ok!(Identity::resume(ANN, true));
        happened(Event::Suspended { owner: ANN, by: Bank });
        assert_eq!(status(ANN), Suspended(Bank));
        assert_ok!(Identity::reinstate(by_bank(BANK_1), ANN));
        assert_noop!(Identity::stop(owner(9)), Error::<Test>::UnknownOwner);
        assert!(!Identity::is_held(owner(9)));
    });
}
