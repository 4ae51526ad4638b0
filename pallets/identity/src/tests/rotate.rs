//! `rotate`.

use super::*;

/// `rotate` with a proof by the book, as a dispatched call.
fn rotate(from: &str, to: &str, expiry: BlockNumber) -> DispatchResult {
    let signature = sign(to, &rotation(ANN, to, expiry));
    with_storage_layer(|| Identity::rotate(signed(key(from)), key(to), expiry, signature))
}

#[test]
fn success_rotate() {
    ExtBuilder::default().build_and_execute(|| {
        // When
        assert_ok!(rotate("ann", "ann2", START));

        // Then
        happened(Event::Rotated { owner: ANN, old: key("ann"), new: key("ann2") });
        assert_eq!(acts_for("ann"), None);
        assert_eq!(acts_for("ann2"), Some(ANN));
        assert_eq!(binding(&key("ann")), Some((ANN, false)));
        assert_eq!(binding(&key("ann2")), Some((ANN, true)));
        assert_eq!(System::sufficients(&key("ann")), 1);
        assert_eq!(System::sufficients(&key("ann2")), 1);
        assert_eq!(Owners::<Test>::get(ANN).unwrap().registered, 0);
    });
}

#[test]
fn success_rotate_with_a_wrapped_proof() {
    ExtBuilder::default().build_and_execute(|| {
        let message = [b"<Bytes>".as_slice(), &rotation(ANN, "ann2", START).encode(), b"</Bytes>"].concat();
        assert_ok!(Identity::rotate(signed(key("ann")), key("ann2"), START, pair("ann2").sign(&message)));
    });
}

#[test]
fn fails_rotate_by_anybody_but_the_current_key_of_an_active_owner() {
    ExtBuilder::default().build_and_execute(|| {
        let signature = sign("ann2", &rotation(ANN, "ann2", START));
        let origins = [
            RuntimeOrigin::root(),
            RuntimeOrigin::none(),
            by_bank(BANK_1),
            by_supervisor(),
            signed(key("ann2")),
            signed(ANN.account()),
        ];
        for origin in origins {
            assert_noop!(Identity::rotate(origin, key("ann2"), START, signature), DispatchError::BadOrigin);
        }
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        assert_noop!(rotate("ann", "ann2", START), DispatchError::BadOrigin);
        assert_ok!(Identity::reinstate(by_bank(BANK_1), ANN));
        assert_ok!(rotate("ann", "ann2", START));
        assert_noop!(rotate("ann", "ann3", START), DispatchError::BadOrigin);
    });
}

#[test]
fn fails_rotate_with_a_signature_over_something_else() {
    ExtBuilder::default().build_and_execute(|| {
        let mut elsewhere = rotation(ANN, "ann2", START);
        elsewhere.genesis = Hash::repeat_byte(1);
        let wrong = [
            sign("ann", &rotation(ANN, "ann2", START)),
            sign("ann2", &rotation(owner(2), "ann2", START)),
            sign("ann2", &rotation(ANN, "ann3", START)),
            sign("ann2", &rotation(ANN, "ann2", START + 1)),
            sign("ann2", &registration(ANN, BANK_1, "ann2", START)),
            sign("ann2", &rebinding(ANN, BANK_1, "ann2", START)),
            sign("ann2", &elsewhere),
        ];
        for signature in wrong {
            assert_noop!(
                with_storage_layer(|| Identity::rotate(signed(key("ann")), key("ann2"), START, signature)),
                Error::<Test>::BadSignature
            );
        }
    });
}

#[test]
fn fails_rotate_to_a_key_that_is_not_free() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(register(BANK_1, owner(2), "ben"));
        for name in ["ann", "ben"] {
            assert_noop!(rotate("ann", name, START), Error::<Test>::KeyAlreadyBound);
        }
        assert_noop!(rotate("ann", "institution", START), Error::<Test>::KeyNotForOwners);
        // Not even back to a key of its own.
        assert_ok!(rotate("ann", "ann2", START));
        Today::set(1);
        assert_noop!(rotate("ann2", "ann", START), Error::<Test>::KeyAlreadyBound);
    });
}

#[test]
fn boundary_expiry() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(rotate("ann", "ann2", START - 1), Error::<Test>::ProofExpired);
        assert_noop!(rotate("ann", "ann2", START + MAX_PROOF_AGE + 1), Error::<Test>::ExpiryTooFar);
        assert_ok!(rotate("ann", "ann2", START + MAX_PROOF_AGE));
        Today::set(1);
        assert_ok!(rotate("ann2", "ann3", START));
    });
}

#[test]
fn boundary_once_a_business_day() {
    ExtBuilder::default().build_and_execute(|| {
        // Given: the state keeps every key.
        let bound = || OwnerOf::<Test>::iter().filter(|(_, of)| *of == ANN).count();
        Today::set(5);
        assert_ok!(rotate("ann", "ann2", START));
        assert_eq!(bound(), 2);

        // When a second one follows on that day, or on one that the calendar brings again. Then it is refused.
        for today in [5, 4] {
            Today::set(today);
            assert_noop!(rotate("ann2", "ann3", START), Error::<Test>::RotatedToday);
        }
        assert_eq!((bound(), acts_for("ann2")), (2, Some(ANN)));
        Today::set(6);
        assert_ok!(rotate("ann2", "ann3", START));
        assert_noop!(rotate("ann3", "ann4", START), Error::<Test>::RotatedToday);
    });
}

#[test]
fn another_key_after_a_loss_is_no_rotation() {
    ExtBuilder::default().build_and_execute(|| {
        // Neither does a rotation stand in the way of it, nor it in the way of a rotation.
        let recover = |name: &str, block| {
            assert_ok!(request(BANK_1, ANN, name));
            System::set_block_number(block);
            assert_ok!(Identity::complete_rebind(by_bank(BANK_1), ANN));
        };
        recover("ann2", START + DELAY);
        assert_ok!(rotate("ann2", "ann3", START + DELAY));
        recover("ann4", START + 2 * DELAY);
        assert_eq!(acts_for("ann4"), Some(ANN));
        assert_noop!(rotate("ann4", "ann5", START + 2 * DELAY), Error::<Test>::RotatedToday);
    });
}

#[test]
fn a_refused_rotation_does_not_count() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(rotate("ann", "institution", START), Error::<Test>::KeyNotForOwners);
        assert_ok!(rotate("ann", "ann2", START));
        // Whoever gets the id after its release begins anew.
        Today::set(DORMANCY);
        assert_ok!(Identity::release(by_bank(BANK_1), ANN));
        assert_ok!(register(BANK_2, ANN, "eve"));
        assert_ok!(rotate("eve", "eve2", START));
    });
}
