//! Another key after a loss: `request_rebind` to `complete_rebind`.

use super::*;
use OwnerStatus::{Active, Suspended};
use SuspendedBy::{Bank, Supervisor};

fn call(call: impl FnOnce() -> DispatchResult) -> DispatchResult {
    with_storage_layer(call)
}

fn complete(bank: BankId) -> DispatchResult {
    call(|| Identity::complete_rebind(by_bank(bank), ANN))
}

fn object(name: &str) -> DispatchResult {
    call(|| Identity::object(signed(key(name))))
}

fn decide(name: &str, uphold: bool) -> DispatchResult {
    call(|| Identity::decide_rebind(by_supervisor(), ANN, key(name), uphold))
}

fn approve(name: &str) -> DispatchResult {
    call(|| Identity::approve_rebind(by_supervisor(), ANN, key(name)))
}

fn cancel(bank: BankId) -> DispatchResult {
    call(|| Identity::cancel_rebind(by_bank(bank), ANN))
}

fn wait() {
    System::set_block_number(START + DELAY);
}

fn rebind() -> Option<Rebind> {
    Rebinds::<Test>::get(ANN)
}

#[test]
fn success_an_owner_gets_another_key() {
    ExtBuilder::default().build_and_execute(|| {
        // When
        assert_ok!(request(BANK_1, ANN, "ann2"));

        // Then: nobody pays for the owner
        let ready = START + DELAY;
        happened(Event::RebindRequested { owner: ANN, bank: BANK_1, key: key("ann2"), ready });
        let waiting = Rebind { key: key("ann2"), ready, objection: Objection::None, approved: false };
        assert_eq!(rebind(), Some(waiting));
        assert_eq!(status(ANN), Suspended(Bank));
        assert_eq!((acts_for("ann"), acts_for("ann2")), (None, None));
        assert_eq!(binding(&key("ann2")), None);

        // When
        wait();
        assert_ok!(complete(BANK_1));

        // Then
        happened(Event::Rebound { owner: ANN, old: key("ann"), new: key("ann2") });
        assert_eq!(rebind(), None);
        assert_eq!(status(ANN), Active);
        assert_eq!((acts_for("ann"), acts_for("ann2")), (None, Some(ANN)));
        assert_eq!(binding(&key("ann")), Some((ANN, false)));
        assert_eq!(System::sufficients(&key("ann2")), 1);
    });
}

#[test]
fn success_of_an_owner_that_its_bank_suspended() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        assert_ok!(request(BANK_1, ANN, "ann2"));
        wait();
        assert_ok!(complete(BANK_1));
        assert_eq!((status(ANN), acts_for("ann2")), (Active, Some(ANN)));
    });
}

#[test]
fn boundary_the_waiting_time() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(request(BANK_1, ANN, "ann2"));
        // A shorter time is for requests to come.
        assert_ok!(Identity::set_recovery(RuntimeOrigin::root(), 1, APPROVAL_VALUE, DORMANCY));
        assert_noop!(complete(BANK_1), Error::<Test>::TooEarly);
        System::set_block_number(START + DELAY - 1);
        assert_noop!(complete(BANK_1), Error::<Test>::TooEarly);
        wait();
        assert_ok!(complete(BANK_1));
    });
}

#[test]
fn boundary_the_waiting_time_when_payments_stand_still() {
    ExtBuilder::default().build_and_execute(|| {
        // Given: seven blocks before the request, which do not matter to it, and three after it
        StoodStill::set(7);
        assert_ok!(request(BANK_1, ANN, "ann2"));
        happened(Event::RebindRequested { owner: ANN, bank: BANK_1, key: key("ann2"), ready: START + DELAY });
        StoodStill::set(10);
        assert_eq!(Identity::recoveries().map(|info| info.ready).collect::<Vec<_>>(), [START + DELAY + 3]);

        // Then: it waits three blocks longer
        for early in [START + DELAY, START + DELAY + 2] {
            System::set_block_number(early);
            assert_noop!(complete(BANK_1), Error::<Test>::TooEarly);
        }
        System::set_block_number(START + DELAY + 3);
        assert_ok!(complete(BANK_1));
    });
}

#[test]
fn fails_request_by_nobody_who_may() {
    ExtBuilder::default().build_and_execute(|| {
        let signature = sign("ann2", &rebinding(ANN, BANK_1, "ann2", START));
        let origins =
            [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann")), signed(key("ann2")), by_supervisor()];
        for origin in origins {
            let attempt = call(|| Identity::request_rebind(origin, ANN, key("ann2"), START, signature));
            assert_noop!(attempt, DispatchError::BadOrigin);
        }
        // Another bank's customer is none of its business.
        assert_noop!(request(BANK_2, ANN, "ann2"), Error::<Test>::NotYourOwner);
        assert_noop!(request(BANK_1, owner(2), "ann2"), Error::<Test>::UnknownOwner);
        assert_eq!(status(ANN), Active);
    });
}

#[test]
fn fails_request_of_an_owner_that_cannot_have_one() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Identity::suspend(by_supervisor(), ANN));
        assert_noop!(request(BANK_1, ANN, "ann2"), Error::<Test>::SuspendedBySupervisor);
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));
        assert_ok!(request(BANK_1, ANN, "ann2"));
        for name in ["ann2", "ann3"] {
            assert_noop!(request(BANK_1, ANN, name), Error::<Test>::RebindPending);
        }
        assert_ok!(Identity::close(by_bank(BANK_1), ANN));
        assert_eq!(rebind(), None);
        assert_noop!(request(BANK_1, ANN, "ann2"), Error::<Test>::OwnerClosed);
    });
}

#[test]
fn fails_request_for_a_key_that_is_not_free() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(register(BANK_1, owner(2), "ben"));
        for name in ["ann", "ben"] {
            assert_noop!(request(BANK_1, ANN, name), Error::<Test>::KeyAlreadyBound);
        }
        assert_noop!(request(BANK_1, ANN, "institution"), Error::<Test>::KeyNotForOwners);
        // A key that was taken while the request waited.
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_ok!(register(BANK_2, owner(3), "ann2"));
        wait();
        assert_noop!(complete(BANK_1), Error::<Test>::KeyAlreadyBound);
        assert_eq!((status(ANN), acts_for("ann2")), (Suspended(Bank), Some(owner(3))));
        assert_ok!(cancel(BANK_1));
        assert_ok!(request(BANK_1, ANN, "ann3"));
        Institutional::mutate(|listed| listed.push(key("ann3")));
        System::set_block_number(START + 2 * DELAY);
        assert_noop!(complete(BANK_1), Error::<Test>::KeyNotForOwners);
    });
}

#[test]
fn fails_request_with_a_signature_over_something_else() {
    ExtBuilder::default().build_and_execute(|| {
        let proof = rebinding(ANN, BANK_1, "ann2", START);
        let mut elsewhere = proof.clone();
        elsewhere.genesis = Hash::repeat_byte(1);
        let wrong = [
            sign("ann", &proof),
            sign("ann2", &rebinding(owner(2), BANK_1, "ann2", START)),
            sign("ann2", &rebinding(ANN, BANK_2, "ann2", START)),
            sign("ann2", &rebinding(ANN, BANK_1, "ann3", START)),
            sign("ann2", &rebinding(ANN, BANK_1, "ann2", START + 1)),
            sign("ann2", &rotation(ANN, "ann2", START)),
            sign("ann2", &registration(ANN, BANK_1, "ann2", START)),
            sign("ann2", &elsewhere),
        ];
        let attempt =
            |expiry, signature| call(|| Identity::request_rebind(by_bank(BANK_1), ANN, key("ann2"), expiry, signature));
        for signature in wrong {
            assert_noop!(attempt(START, signature), Error::<Test>::BadSignature);
        }
        for (expiry, error) in
            [(START - 1, Error::<Test>::ProofExpired), (START + MAX_PROOF_AGE + 1, Error::<Test>::ExpiryTooFar)]
        {
            let signature = sign("ann2", &rebinding(ANN, BANK_1, "ann2", expiry));
            assert_noop!(attempt(expiry, signature), error);
        }
        assert_eq!(status(ANN), Active);
    });
}

#[test]
fn fails_a_proof_that_served_before() {
    ExtBuilder::default().build_and_execute(|| {
        let expiry = START + MAX_PROOF_AGE;
        let signature = sign("ann2", &rebinding(ANN, BANK_1, "ann2", expiry));
        let again = || call(|| Identity::request_rebind(by_bank(BANK_1), ANN, key("ann2"), expiry, signature));
        assert_ok!(again());
        assert_noop!(again(), Error::<Test>::RebindPending);
        wait();
        assert_ok!(complete(BANK_1));
        assert_noop!(again(), Error::<Test>::KeyAlreadyBound);
        // Not even when the owner has gone on to a third key.
        let third = sign("ann3", &rotation(ANN, "ann3", expiry));
        assert_ok!(Identity::rotate(signed(key("ann2")), key("ann3"), expiry, third));
        assert_noop!(again(), Error::<Test>::KeyAlreadyBound);
        assert_eq!(acts_for("ann3"), Some(ANN));
    });
}

#[test]
fn fails_complete() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(complete(BANK_1), Error::<Test>::NoRebind);
        assert_ok!(request(BANK_1, ANN, "ann2"));
        wait();
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann2")), by_supervisor()] {
            assert_noop!(call(|| Identity::complete_rebind(origin, ANN)), DispatchError::BadOrigin);
        }
        assert_noop!(complete(BANK_2), Error::<Test>::NotYourOwner);
        // Nor for a bank that was suspended itself meanwhile.
        ActiveBanks::set(vec![BANK_2]);
        assert_noop!(complete(BANK_1), DispatchError::BadOrigin);
        ActiveBanks::set(vec![BANK_1, BANK_2]);
        assert_ok!(complete(BANK_1));
        assert_noop!(complete(BANK_1), Error::<Test>::NoRebind);
    });
}

#[test]
fn the_supervisors_suspension_stands_in_the_way() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_ok!(Identity::suspend(by_supervisor(), ANN));
        wait();
        assert_noop!(complete(BANK_1), Error::<Test>::SuspendedBySupervisor);
        assert_eq!(status(ANN), Suspended(Supervisor));
        // Reinstated, the present key is good again, and the request is over.
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));
        assert_eq!((rebind(), acts_for("ann")), (None, Some(ANN)));
        assert_noop!(complete(BANK_1), Error::<Test>::NoRebind);
    });
}

#[test]
fn a_found_phone_ends_the_request() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_ok!(Identity::reinstate(by_bank(BANK_1), ANN));
        assert_eq!((rebind(), acts_for("ann")), (None, Some(ANN)));
        let ended = RuntimeEvent::from(Event::<Test>::RebindCancelled { owner: ANN, key: key("ann2") });
        assert!(System::events().into_iter().any(|record| record.event == ended));
    });
}

#[test]
fn a_bank_takes_its_request_back() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(cancel(BANK_1), Error::<Test>::NoRebind);
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_noop!(cancel(BANK_2), Error::<Test>::NotYourOwner);
        assert_noop!(call(|| Identity::cancel_rebind(signed(key("ann")), ANN)), DispatchError::BadOrigin);
        assert_ok!(cancel(BANK_1));
        happened(Event::RebindCancelled { owner: ANN, key: key("ann2") });
        // The loss report stands.
        assert_eq!((rebind(), status(ANN)), (None, Suspended(Bank)));
        wait();
        assert_noop!(complete(BANK_1), Error::<Test>::NoRebind);
    });
}

#[test]
fn an_objection_goes_before_the_supervisor() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        assert_noop!(object("ann"), Error::<Test>::NoRebind);
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert!(Identity::may_object(ANN));

        // When
        assert_ok!(object("ann"));

        // Then: the request stands still, and so does the owner
        happened(Event::RebindObjected { owner: ANN, key: key("ann2") });
        assert!(!Identity::may_object(ANN));
        assert_noop!(object("ann"), Error::<Test>::AlreadyObjected);
        wait();
        assert_noop!(complete(BANK_1), Error::<Test>::ObjectionPending);
        assert_eq!((status(ANN), acts_for("ann")), (Suspended(Bank), None));

        // When the supervisor overrules it. Then it is not heard again.
        assert_ok!(decide("ann2", false));
        happened(Event::RebindDecided { owner: ANN, key: key("ann2"), upheld: false });
        assert_noop!(object("ann"), Error::<Test>::AlreadyObjected);
        assert_noop!(decide("ann2", true), Error::<Test>::NoObjection);
        assert_ok!(complete(BANK_1));
        assert_eq!(acts_for("ann2"), Some(ANN));
    });
}

#[test]
fn an_objection_that_stands_ends_the_request() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_ok!(object("ann"));
        assert_ok!(decide("ann2", true));
        assert_eq!(rebind(), None);
        wait();
        assert_noop!(complete(BANK_1), Error::<Test>::NoRebind);
        // It does not win by itself: somebody reinstates the owner, or nobody.
        assert_eq!((status(ANN), acts_for("ann")), (Suspended(Bank), None));
        assert_ok!(Identity::reinstate(by_supervisor(), ANN));
        assert_eq!(acts_for("ann"), Some(ANN));
    });
}

#[test]
fn fails_object_by_anybody_but_the_present_key() {
    ExtBuilder::default().build_and_execute(|| {
        let signature = sign("ann2", &rotation(ANN, "ann2", START));
        assert_ok!(Identity::rotate(signed(key("ann")), key("ann2"), START, signature));
        assert_ok!(register(BANK_1, owner(2), "ben"));
        assert_ok!(request(BANK_1, ANN, "ann3"));
        for name in ["ann", "ann3", "nobody"] {
            assert_noop!(object(name), DispatchError::BadOrigin);
        }
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), by_bank(BANK_1)] {
            assert_noop!(call(|| Identity::object(origin)), DispatchError::BadOrigin);
        }
        assert_noop!(object("ben"), Error::<Test>::NoRebind);
        assert_ok!(object("ann2"));
        // A key that was just replaced says nothing any more.
        assert_ok!(decide("ann3", false));
        wait();
        assert_ok!(complete(BANK_1));
        assert_ok!(request(BANK_1, ANN, "ann4"));
        assert_noop!(object("ann2"), DispatchError::BadOrigin);
        assert_ok!(object("ann3"));
    });
}

#[test]
fn fails_deciding_by_anybody_but_the_supervisor_or_on_another_key() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(decide("ann2", false), Error::<Test>::NoRebind);
        assert_noop!(approve("ann2"), Error::<Test>::NoRebind);
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_noop!(decide("ann2", false), Error::<Test>::NoObjection);
        assert_ok!(object("ann"));
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann")), by_bank(BANK_1)] {
            let decided = call(|| Identity::decide_rebind(origin.clone(), ANN, key("ann2"), false));
            assert_noop!(decided, DispatchError::BadOrigin);
            let approved = call(|| Identity::approve_rebind(origin, ANN, key("ann2")));
            assert_noop!(approved, DispatchError::BadOrigin);
        }
        // While the supervisor makes up its mind, the bank asks for another key.
        assert_ok!(cancel(BANK_1));
        assert_ok!(request(BANK_1, ANN, "thief"));
        assert_ok!(object("ann"));
        assert_noop!(decide("ann2", false), Error::<Test>::OtherKey);
        assert_noop!(approve("ann2"), Error::<Test>::OtherKey);
    });
}

#[test]
fn boundary_much_money_needs_approval() {
    ExtBuilder::default().build_and_execute(|| {
        Holders::set(vec![(ANN, APPROVAL_VALUE)]);
        assert_ok!(request(BANK_1, ANN, "ann2"));
        wait();
        // One minor unit more, also in another place.
        Holders::set(vec![(ANN, APPROVAL_VALUE), (ANN, 1)]);
        assert_noop!(complete(BANK_1), Error::<Test>::ApprovalMissing);
        let info: Vec<_> = Identity::recoveries().collect();
        assert_eq!((info.len(), info[0].needs_approval, info[0].held), (1, true, APPROVAL_VALUE + 1));
        Holders::set(vec![(ANN, APPROVAL_VALUE)]);
        assert!(!Identity::recoveries().any(|info| info.needs_approval));
        assert_ok!(complete(BANK_1));
    });
}

#[test]
fn success_of_an_owner_with_much_money() {
    ExtBuilder::default().build_and_execute(|| {
        Holders::set(vec![(ANN, APPROVAL_VALUE + 1)]);
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_ok!(approve("ann2"));
        happened(Event::RebindApproved { owner: ANN, key: key("ann2") });
        assert_noop!(approve("ann2"), Error::<Test>::AlreadyApproved);
        // Approval shortens nothing, and silences no objection.
        assert_noop!(complete(BANK_1), Error::<Test>::TooEarly);
        assert_ok!(object("ann"));
        wait();
        assert_noop!(complete(BANK_1), Error::<Test>::ObjectionPending);
        assert_ok!(decide("ann2", false));
        assert_ok!(complete(BANK_1));
        // It was for that request.
        assert_ok!(request(BANK_1, ANN, "ann3"));
        System::set_block_number(START + 2 * DELAY);
        assert_noop!(complete(BANK_1), Error::<Test>::ApprovalMissing);
    });
}

#[test]
fn the_supervisor_makes_the_rules_of_recovery_stricter_only() {
    ExtBuilder::default().build_and_execute(|| {
        for origin in [RuntimeOrigin::none(), by_bank(BANK_1), signed(key("ann"))] {
            assert_noop!(Identity::set_recovery(origin, 1, 2, 3), DispatchError::BadOrigin);
        }
        for origin in [by_supervisor(), RuntimeOrigin::root()] {
            assert_noop!(Identity::set_recovery(origin, 0, 2, 3), Error::<Test>::NoDelay);
        }
        let looser = [
            (DELAY - 1, APPROVAL_VALUE, DORMANCY),
            (DELAY, APPROVAL_VALUE + 1, DORMANCY),
            (DELAY, APPROVAL_VALUE, DORMANCY - 1),
        ];
        for (delay, value, days) in looser {
            let attempt = Identity::set_recovery(by_supervisor(), delay, value, days);
            assert_noop!(attempt, Error::<Test>::NotStricter);
        }
        assert_ok!(Identity::set_recovery(by_supervisor(), DELAY, APPROVAL_VALUE, DORMANCY));
        assert_ok!(Identity::set_recovery(by_supervisor(), DELAY + 1, APPROVAL_VALUE - 1, 0));
        // Never is the longest.
        let again = Identity::set_recovery(by_supervisor(), DELAY + 1, APPROVAL_VALUE - 1, u32::MAX);
        assert_noop!(again, Error::<Test>::NotStricter);
        assert_ok!(Identity::set_recovery(RuntimeOrigin::root(), 1, 2, 3));
        happened(Event::RecoverySet { delay: 1, approval_value: 2, dormancy_days: 3 });
        assert_ok!(request(BANK_1, ANN, "ann2"));
        assert_eq!(rebind().unwrap().ready, START + 1);
    });
}
