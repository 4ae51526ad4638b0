//! `register`.

use super::*;
use sp_core::sr25519::Signature;

/// `register` by bank 1 as a dispatched call: a failure leaves nothing behind.
fn submit(owner: OwnerId, key: AccountId, expiry: BlockNumber, signature: Signature) -> DispatchResult {
    with_storage_layer(|| Identity::register(by_bank(BANK_1), owner, key, OwnerClass::Phone, None, expiry, signature))
}

#[test]
fn success_register() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        assert_eq!(System::sufficients(&key("ben")), 0);
        assert_eq!(acts_for("ben"), None);
        assert!(!Identity::is_active(owner(2)));
        assert_noop!(Identity::ensure_payable(owner(2)), Error::<Test>::UnknownOwner);

        // When
        Today::set(3);
        assert_ok!(register(BANK_2, owner(2), "ben"));

        // Then
        happened(Event::Registered { owner: owner(2), bank: BANK_2, key: key("ben"), class: OwnerClass::Phone });
        let record = OwnerRecord {
            bank: BANK_2,
            key: key("ben"),
            status: OwnerStatus::Active,
            registered: START,
            class: OwnerClass::Phone,
            person: None,
            seen: 3,
            consent: 0,
            rotated: None,
        };
        assert_eq!(Owners::<Test>::get(owner(2)), Some(record));
        assert_eq!(binding(&key("ben")), Some((owner(2), true)));
        assert_eq!(acts_for("ben"), Some(owner(2)));
        assert!(Identity::is_active(owner(2)));
        assert_ok!(Identity::ensure_payable(owner(2)));
        assert_eq!(System::sufficients(&key("ben")), 1);
    });
}

#[test]
fn success_register_with_a_wrapped_proof() {
    ExtBuilder::default().build_and_execute(|| {
        let message =
            [b"<Bytes>".as_slice(), &registration(owner(2), BANK_1, "ben", START).encode(), b"</Bytes>"].concat();
        assert_ok!(submit(owner(2), key("ben"), START, pair("ben").sign(&message)));
        assert_eq!(acts_for("ben"), Some(owner(2)));
    });
}

#[test]
fn fails_register_by_nobody_who_may() {
    ExtBuilder::default().build_and_execute(|| {
        let signature = sign("ben", &registration(owner(2), BANK_1, "ben", START));
        let origins =
            [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann")), signed(key("ben")), by_supervisor()];
        for origin in origins {
            assert_noop!(
                Identity::register(origin, owner(2), key("ben"), OwnerClass::Phone, None, START, signature),
                DispatchError::BadOrigin
            );
        }
        ActiveBanks::set(vec![BANK_2]);
        assert_noop!(submit(owner(2), key("ben"), START, signature), DispatchError::BadOrigin);
    });
}

#[test]
fn fails_register_under_the_id_of_a_cards_purse() {
    ExtBuilder::default().build_and_execute(|| {
        let purse = specie_primitives::cards::purse_id(1, &key("card"));
        assert_noop!(register(BANK_1, purse, "ben"), Error::<Test>::CardPurse);
        assert_eq!(binding(&key("ben")), None);
        // One bit beside it is anybody's.
        let mut id = purse.0;
        id[7] ^= 1;
        assert_ok!(register(BANK_1, OwnerId(id), "ben"));
    });
}

#[test]
fn fails_register_with_a_signature_over_something_else() {
    ExtBuilder::default().build_and_execute(|| {
        let proof = registration(owner(2), BANK_1, "ben", START);
        let mut elsewhere = proof.clone();
        elsewhere.genesis = Hash::repeat_byte(1);
        let mut untagged = proof.clone();
        untagged.tag = [0; 24];
        let mut higher = proof.clone();
        higher.class = OwnerClass::Person;
        let wrong = [
            sign("cleo", &proof),
            sign("ben", &registration(owner(3), BANK_1, "ben", START)),
            sign("ben", &registration(owner(2), BANK_2, "ben", START)),
            sign("ben", &registration(owner(2), BANK_1, "cleo", START)),
            sign("ben", &registration(owner(2), BANK_1, "ben", START + 1)),
            sign("ben", &rotation(owner(2), "ben", START)),
            sign("ben", &elsewhere),
            sign("ben", &untagged),
            sign("ben", &higher),
            sign("ben", &rebinding(owner(2), BANK_1, "ben", START)),
            Signature::from_raw([0; 64]),
        ];
        for signature in wrong {
            assert_noop!(submit(owner(2), key("ben"), START, signature), Error::<Test>::BadSignature);
        }
        assert_ok!(submit(owner(2), key("ben"), START, sign("ben", &proof)));
    });
}

#[test]
fn verified_classes_have_a_tag_and_the_others_none() {
    ExtBuilder::default().build_and_execute(|| {
        let attempt = |number: u8, class, person: Option<PersonTag>| {
            let (name, mut proof) = (format!("k{number}"), registration(owner(number), BANK_1, "k", START));
            (proof.key, proof.class) = (key(&name), class);
            let signature = sign(&name, &proof);
            with_storage_layer(|| {
                Identity::register(by_bank(BANK_1), owner(number), key(&name), class, person, START, signature)
            })
        };
        for (number, class) in (2..).zip(OwnerClass::ALL) {
            let (right, wrong, error) = match class.is_verified() {
                true => (Some(TAG), None, Error::<Test>::TagMissing),
                false => (None, Some(TAG), Error::<Test>::TagNotAllowed),
            };
            assert_noop!(attempt(number, class, wrong), error);
            assert_ok!(attempt(number, class, right));
            let record = Owners::<Test>::get(owner(number)).unwrap();
            assert_eq!((record.class, record.person), (class, right));
        }
    });
}

#[test]
fn boundary_expiry() {
    ExtBuilder::default().build_and_execute(|| {
        let attempt = |number: u8, name: &str, expiry| {
            submit(owner(number), key(name), expiry, sign(name, &registration(owner(number), BANK_1, name, expiry)))
        };
        assert_noop!(attempt(2, "ben", START - 1), Error::<Test>::ProofExpired);
        assert_noop!(attempt(2, "ben", START + MAX_PROOF_AGE + 1), Error::<Test>::ExpiryTooFar);
        assert_noop!(attempt(2, "ben", BlockNumber::MAX), Error::<Test>::ExpiryTooFar);
        assert_ok!(attempt(2, "ben", START));
        assert_ok!(attempt(3, "cleo", START + MAX_PROOF_AGE));
        // A chain at its very last blocks does not overflow.
        System::set_block_number(BlockNumber::MAX - 1);
        assert_ok!(attempt(4, "dora", BlockNumber::MAX));
    });
}

#[test]
fn fails_register_an_owner_twice() {
    ExtBuilder::default().build_and_execute(|| {
        for bank in [BANK_1, BANK_2] {
            assert_noop!(register(bank, ANN, "ben"), Error::<Test>::AlreadyRegistered);
        }
        // Closed ids stay taken, and so do their keys.
        assert_ok!(Identity::close(by_bank(BANK_1), ANN));
        assert_noop!(register(BANK_1, ANN, "ben"), Error::<Test>::AlreadyRegistered);
        assert_noop!(register(BANK_1, owner(2), "ann"), Error::<Test>::KeyAlreadyBound);
    });
}

#[test]
fn fails_register_a_bound_key() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(register(BANK_1, owner(2), "ann"), Error::<Test>::KeyAlreadyBound);
        let proof = rotation(ANN, "ann2", START);
        assert_ok!(Identity::rotate(signed(key("ann")), key("ann2"), START, sign("ann2", &proof)));
        for name in ["ann", "ann2"] {
            assert_noop!(register(BANK_1, owner(2), name), Error::<Test>::KeyAlreadyBound);
        }
    });
}

#[test]
fn fails_register_an_institutions_key() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(register(BANK_1, owner(2), "institution"), Error::<Test>::KeyNotForOwners);
        // Nobody can sign for this account; it is refused before that matters.
        assert_noop!(
            submit(owner(2), owner(3).account(), START, Signature::from_raw([0; 64])),
            Error::<Test>::KeyNotForOwners
        );
    });
}
