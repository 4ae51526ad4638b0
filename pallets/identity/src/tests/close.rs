//! `close`.

use super::*;

#[test]
fn success_close() {
    ExtBuilder::default().build_and_execute(|| {
        // When
        assert_ok!(Identity::close(by_bank(BANK_1), ANN));

        // Then
        happened(Event::Closed { owner: ANN });
        assert_eq!(status(ANN), OwnerStatus::Closed);
        assert_eq!(acts_for("ann"), None);
        assert!(!Identity::is_active(ANN));
        assert_noop!(Identity::ensure_payable(ANN), Error::<Test>::OwnerClosed);
        assert_eq!(binding(&key("ann")), Some((ANN, true)));
        assert_eq!(System::sufficients(&key("ann")), 1);
        for origin in [by_bank(BANK_1), by_supervisor()] {
            assert_noop!(Identity::suspend(origin, ANN), Error::<Test>::OwnerClosed);
        }
        assert_noop!(Identity::reinstate(by_bank(BANK_1), ANN), Error::<Test>::OwnerClosed);
    });
}

#[test]
fn the_supervisor_opens_what_a_bank_closed() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Identity::close(by_bank(BANK_1), ANN));
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));
        assert_eq!((status(ANN), acts_for("ann")), (OwnerStatus::Active, Some(ANN)));
        assert_noop!(Identity::reinstate(by_supervisor(), ANN), Error::<Test>::NotSuspended);
    });
}

#[test]
fn success_close_an_owner_that_the_bank_suspended() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        assert_ok!(Identity::close(by_bank(BANK_1), ANN));
        assert_eq!(status(ANN), OwnerStatus::Closed);
    });
}

#[test]
fn fails_close() {
    ExtBuilder::default().build_and_execute(|| {
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann")), by_supervisor()] {
            assert_noop!(Identity::close(origin, ANN), DispatchError::BadOrigin);
        }
        let close = |bank: BankId, owner: OwnerId| with_storage_layer(|| Identity::close(by_bank(bank), owner));
        assert_noop!(close(BANK_2, ANN), Error::<Test>::NotYourOwner);
        assert_noop!(close(BANK_1, owner(2)), Error::<Test>::UnknownOwner);
        Holders::set(vec![(ANN, 1)]);
        assert_noop!(close(BANK_1, ANN), DispatchError::Other("something is held"));
        Holders::set(vec![]);
        assert_ok!(Identity::suspend(by_supervisor(), ANN));
        assert_noop!(close(BANK_1, ANN), Error::<Test>::SuspendedBySupervisor);
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));
        assert_ok!(close(BANK_1, ANN));
        assert_noop!(close(BANK_1, ANN), Error::<Test>::OwnerClosed);
    });
}
