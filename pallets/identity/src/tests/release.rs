//! `release`.

use super::*;

fn release(bank: BankId) -> DispatchResult {
    with_storage_layer(|| Identity::release(by_bank(bank), ANN))
}

/// Registers Ann's id at bank 2 with another key.
fn register_again(name: &str) -> DispatchResult {
    register(BANK_2, ANN, name)
}

#[test]
fn success_the_id_of_a_dormant_owner_becomes_free() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        assert_noop!(register_again("eve"), Error::<Test>::AlreadyRegistered);
        Today::set(DORMANCY);

        // When: the phone number is a customer's of another bank now
        assert_ok!(release(BANK_2));

        // Then: nobody has the id
        happened(Event::Released { owner: ANN, by: BANK_2 });
        assert_eq!((Owners::<Test>::get(ANN), acts_for("ann")), (None, None));
        assert_eq!(Released::<Test>::get(ANN), Some(START));
        assert_noop!(Identity::ensure_payable(ANN), Error::<Test>::UnknownOwner);
        assert_noop!(release(BANK_2), Error::<Test>::UnknownOwner);

        // When somebody gets it. Then the key before stays bound for good, and signs for nobody.
        assert_noop!(register_again("ann"), Error::<Test>::KeyAlreadyBound);
        assert_ok!(register_again("eve"));
        assert_eq!((acts_for("ann"), acts_for("eve")), (None, Some(ANN)));
        assert_eq!(binding(&key("ann")), Some((ANN, false)));
        assert_eq!(System::sufficients(&key("ann")), 1);
        let back = sign("ann", &rotation(ANN, "ann", START));
        let back = with_storage_layer(|| Identity::rotate(signed(key("eve")), key("ann"), START, back));
        assert_noop!(back, Error::<Test>::KeyAlreadyBound);
        assert_noop!(request(BANK_2, ANN, "ann"), Error::<Test>::KeyAlreadyBound);
        assert_noop!(register(BANK_2, owner(2), "ann"), Error::<Test>::KeyAlreadyBound);
    });
}

#[test]
fn boundary_dormancy() {
    ExtBuilder::default().build_and_execute(|| {
        Today::set(DORMANCY - 1);
        assert_noop!(release(BANK_1), Error::<Test>::NotDormant);
        // Whoever gets a key is there.
        let signature = sign("ann2", &rotation(ANN, "ann2", START));
        assert_ok!(Identity::rotate(signed(key("ann")), key("ann2"), START, signature));
        Today::set(2 * DORMANCY - 2);
        assert_noop!(release(BANK_1), Error::<Test>::NotDormant);
        Today::set(2 * DORMANCY - 1);
        // Never, when the supervisor says so.
        assert_ok!(Identity::set_recovery(by_supervisor(), DELAY, APPROVAL_VALUE, 0));
        assert_noop!(release(BANK_1), Error::<Test>::NotDormant);
        assert_ok!(Identity::set_recovery(RuntimeOrigin::root(), DELAY, APPROVAL_VALUE, DORMANCY));
        assert_ok!(release(BANK_1));
    });
}

#[test]
fn fails_release() {
    ExtBuilder::default().build_and_execute(|| {
        Today::set(2 * DORMANCY);
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann")), by_supervisor()] {
            assert_noop!(Identity::release(origin, ANN), DispatchError::BadOrigin);
        }
        Holders::set(vec![(ANN, 1)]);
        assert_noop!(release(BANK_1), DispatchError::Other("something is held"));
        Holders::set(vec![]);
        assert_ok!(Identity::suspend(by_supervisor(), ANN));
        assert_noop!(release(BANK_1), Error::<Test>::SuspendedBySupervisor);
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_noop!(release(BANK_2), Error::<Test>::RebindPending);
        assert_ok!(Identity::cancel_rebind(by_bank(BANK_1), ANN));
        assert_ok!(release(BANK_2));
    });
}

#[test]
fn success_a_closed_owner_is_released_too() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Identity::move_to(signed(key("ann")), BANK_2, START));
        assert_ok!(Identity::close(by_bank(BANK_1), ANN));
        assert_noop!(release(BANK_1), Error::<Test>::NotDormant);
        Today::set(DORMANCY);
        assert_ok!(release(BANK_1));
        assert_ok!(register_again("eve"));
    });
}
