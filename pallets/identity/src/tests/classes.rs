//! `change_class`.

use super::*;
use sp_core::sr25519::Signature;
use specie_primitives::identity::ClassProof;
use OwnerClass::{AnonymousCard, Firm, Person, Phone};

const OTHER: PersonTag = PersonTag([8; 32]);

fn proof(class: OwnerClass, person: Option<PersonTag>, expiry: BlockNumber) -> ClassProof {
    ClassProof::new(Identity::genesis_hash(), ANN, BANK_1, class, person, expiry)
}

fn consent(name: &str, class: OwnerClass, person: Option<PersonTag>, expiry: BlockNumber) -> Option<Consent> {
    Some(Consent { expiry, signature: sign(name, &proof(class, person, expiry)) })
}

/// `change_class` of Ann as a dispatched call.
fn change(
    origin: RuntimeOrigin,
    class: OwnerClass,
    person: Option<PersonTag>,
    consent: Option<Consent>,
) -> DispatchResult {
    with_storage_layer(|| Identity::change_class(origin, ANN, class, person, consent))
}

/// By bank 1 with the consent of the key of "ann".
fn by_consent(class: OwnerClass, person: Option<PersonTag>, expiry: BlockNumber) -> DispatchResult {
    change(by_bank(BANK_1), class, person, consent("ann", class, person, expiry))
}

fn class() -> (OwnerClass, Option<PersonTag>) {
    let record = Owners::<Test>::get(ANN).unwrap();
    (record.class, record.person)
}

#[test]
fn success_a_bank_changes_the_class_with_consent() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        assert_eq!(class(), (Phone, None));
        Today::set(5);

        // When
        assert_ok!(by_consent(Person, Some(TAG), START));

        // Then: what counted for the owner counts for the person
        happened(Event::ClassChanged { owner: ANN, from: Phone, to: Person, by: SuspendedBy::Bank });
        assert_eq!(class(), (Person, Some(TAG)));
        assert_eq!(Owners::<Test>::get(ANN).unwrap().seen, 5);
        assert_eq!(Moves::get(), [(ANN, Subject::Owner(ANN), Subject::Person(TAG))]);

        // The same person as a firm, another firm, and nobody in particular.
        assert_ok!(by_consent(Firm, Some(TAG), START + 1));
        assert_eq!(Moves::get().len(), 1);
        assert_ok!(by_consent(Firm, Some(OTHER), START + 2));
        assert_ok!(by_consent(Phone, None, START + 3));
        assert_ok!(by_consent(AnonymousCard, None, START + 4));
        let moved = [(Subject::Person(TAG), Subject::Person(OTHER)), (Subject::Person(OTHER), Subject::Owner(ANN))];
        assert_eq!(Moves::get()[1..], moved.map(|(from, to)| (ANN, from, to)));
    });
}

#[test]
fn success_the_supervisor_lowers_without_consent() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(by_consent(Firm, Some(TAG), START));
        assert_ok!(Identity::suspend(by_supervisor(), ANN));
        assert_ok!(change(by_supervisor(), Person, Some(TAG), None));
        happened(Event::ClassChanged { owner: ANN, from: Firm, to: Person, by: SuspendedBy::Supervisor });
        assert_ok!(change(by_supervisor(), Phone, None, None));
        assert_ok!(change(by_supervisor(), AnonymousCard, None, None));
        assert_eq!(class(), (AnonymousCard, None));
    });
}

#[test]
fn fails_the_supervisor_only_lowers() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(change(by_supervisor(), Person, Some(TAG), None), Error::<Test>::NotLower);
        assert_ok!(by_consent(Firm, Some(TAG), START));
        // Nor does it say who stands behind an owner.
        assert_noop!(change(by_supervisor(), Person, Some(OTHER), None), Error::<Test>::TagNotAllowed);
        assert_noop!(change(by_supervisor(), Firm, Some(OTHER), None), Error::<Test>::NotLower);
        assert_noop!(change(by_supervisor(), Firm, Some(TAG), None), Error::<Test>::SameClass);
    });
}

#[test]
fn fails_without_the_owners_consent_to_just_this() {
    ExtBuilder::default().build_and_execute(|| {
        let attempt = |consent| change(by_bank(BANK_1), Person, Some(TAG), consent);
        assert_noop!(attempt(None), Error::<Test>::ConsentMissing);
        let (right, mut elsewhere) = (proof(Person, Some(TAG), START), proof(Person, Some(TAG), START));
        elsewhere.genesis = Hash::repeat_byte(1);
        let mut other_bank = right.clone();
        other_bank.bank = BANK_2;
        let mut other_owner = right.clone();
        other_owner.owner = owner(2);
        let wrong = [
            sign("ben", &right),
            sign("ann", &proof(Firm, Some(TAG), START)),
            sign("ann", &proof(Person, Some(OTHER), START)),
            sign("ann", &proof(Person, Some(TAG), START + 1)),
            sign("ann", &elsewhere),
            sign("ann", &other_bank),
            sign("ann", &other_owner),
            Signature::from_raw([0; 64]),
        ];
        for signature in wrong {
            assert_noop!(attempt(Some(Consent { expiry: START, signature })), Error::<Test>::BadSignature);
        }
        assert_ok!(attempt(Some(Consent { expiry: START, signature: sign("ann", &right) })));
    });
}

#[test]
fn fails_with_a_consent_that_was_used() {
    ExtBuilder::default().build_and_execute(|| {
        let used = consent("ann", Person, Some(TAG), START + 1);
        let raise = |consent| change(by_bank(BANK_1), Person, Some(TAG), consent);
        // Nobody undoes the supervisor's act, nor the owner's own, with an old paper.
        assert_ok!(raise(used.clone()));
        assert_ok!(change(by_supervisor(), Phone, None, None));
        assert_noop!(raise(used.clone()), Error::<Test>::ConsentUsed);
        assert_noop!(raise(consent("ann", Person, Some(TAG), START)), Error::<Test>::ConsentUsed);
        assert_ok!(raise(consent("ann", Person, Some(TAG), START + 2)));
        assert_ok!(by_consent(Phone, None, START + 3));
        assert_noop!(raise(consent("ann", Person, Some(TAG), START + 2)), Error::<Test>::ConsentUsed);
    });
}

#[test]
fn fails_change_class() {
    ExtBuilder::default().build_and_execute(|| {
        let good = || consent("ann", Person, Some(TAG), START);
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann"))] {
            assert_noop!(change(origin, Person, Some(TAG), good()), DispatchError::BadOrigin);
        }
        assert_noop!(change(by_bank(BANK_2), Person, Some(TAG), good()), Error::<Test>::NotYourOwner);
        let unknown = with_storage_layer(|| Identity::change_class(by_bank(BANK_1), owner(2), Phone, None, None));
        assert_noop!(unknown, Error::<Test>::UnknownOwner);
        assert_noop!(by_consent(Phone, None, START), Error::<Test>::SameClass);
        assert_noop!(by_consent(Person, None, START), Error::<Test>::TagMissing);
        assert_noop!(by_consent(AnonymousCard, Some(TAG), START), Error::<Test>::TagNotAllowed);
        assert_noop!(by_consent(Person, Some(TAG), START - 1), Error::<Test>::ProofExpired);
        assert_noop!(by_consent(Person, Some(TAG), START + MAX_PROOF_AGE + 1), Error::<Test>::ExpiryTooFar);
        // A thief's key consents to nothing.
        assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        assert_noop!(by_consent(Person, Some(TAG), START), Error::<Test>::OwnerSuspended);
        assert_ok!(Identity::close(by_bank(BANK_1), ANN));
        assert_noop!(by_consent(Person, Some(TAG), START), Error::<Test>::OwnerClosed);
        assert_noop!(change(by_supervisor(), AnonymousCard, None, None), Error::<Test>::OwnerClosed);
    });
}

#[test]
fn a_key_that_was_replaced_consents_to_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let old = consent("ann", Person, Some(TAG), START);
        let signature = sign("ann2", &rotation(ANN, "ann2", START));
        assert_ok!(Identity::rotate(signed(key("ann")), key("ann2"), START, signature));
        assert_noop!(change(by_bank(BANK_1), Person, Some(TAG), old), Error::<Test>::BadSignature);
        assert_ok!(change(by_bank(BANK_1), Person, Some(TAG), consent("ann2", Person, Some(TAG), START)));
    });
}
