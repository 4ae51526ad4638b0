//! The revocation list and its digests.

use super::*;
use pallet_certificates::{
    Anchors, BatchSignatures, IssuerCertificates, IssuerKind, LastRevocation, Revocations, RevokedBy, RevokedItems,
    RootKeys, MAX_BANK_REVOCATIONS,
};
use specie_primitives::Institution;

const LOST: RevocationReason = RevocationReason::Lost;

fn revoke(body: Body, issuer: &Secret) -> Call<Runtime> {
    Call::revoke { certificate: signed(body, issuer), reason: LOST }
}

/// What is on the list after an entry.
fn listed(after: u32) -> Vec<(u32, RevokedItem, Institution)> {
    let entries = Certificates::revocations(after, 100).entries;
    entries.into_iter().map(|one| (one.number, one.item, one.by)).collect()
}

#[test]
fn success_a_bank_revokes_what_it_issued() {
    run_published(|world| {
        start_block(40);
        let device = world.device_body();
        assert_ok!(call("//BankA", revoke(device, &world.bank)));
        let item = RevokedItem(device.item().0);
        let by = Institution::Bank(BANK_A);
        System::assert_last_event(Event::<Runtime>::Revoked { number: 1, item, reason: LOST, since: 40, by }.into());
        let owner = body(Kind::Owner, &world.bank, Secret::p256(6).key());
        assert_ok!(call("//BankA", revoke(owner, &world.bank)));
        assert_eq!(listed(0), [(1, item, by), (2, RevokedItem(owner.item().0), by)]);
        assert_eq!(listed(1).len(), 1);
        assert!(listed(2).is_empty() && listed(u32::MAX).is_empty());
        assert_eq!(Certificates::revocations(0, 1).total, 2);

        // Once is enough; a renewal of the certificate is another one.
        refused("//BankA", revoke(device, &world.bank), Error::<Runtime>::AlreadyRevoked);
        assert_ok!(call("//BankA", revoke(Body { serial: 2, ..device }, &world.bank)));
    });
}

#[test]
fn fails_a_bank_with_what_it_did_not_issue() {
    run_published(|world| {
        let theirs = Secret::ed25519("//Certificate//BankB");
        let bank_b = Body { bank: Bank(BANK_B.0), subject: theirs.key(), ..world.bank_body() };
        assert_ok!(call("//BankB", publish_bank(bank_b, &world.root, &theirs)));
        let device = world.device_body();

        refused("//BankB", revoke(device, &world.bank), Error::<Runtime>::WrongBank);
        // The same certificate as if it were bank B's, signed by whom it may.
        let claimed = Body { bank: Bank(BANK_B.0), ..device };
        refused("//BankB", revoke(claimed, &world.bank), Error::<Runtime>::UnknownIssuer);
        let forged = Body { issuer: theirs.key().id(), ..claimed };
        refused("//BankB", revoke(forged, &world.bank), Error::<Runtime>::BadSignature);
        let elsewhere = Body { genesis: Genesis([8; 32]), ..device };
        refused("//BankA", revoke(elsewhere, &world.bank), Error::<Runtime>::WrongNetwork);
        // Institutions' certificates are the registry's to revoke.
        for (body, issuer) in [
            (world.bank_body(), &world.root),
            (world.issuing_body(), &world.root),
            (world.root_body(), &world.root),
            (Body { bank: Bank(BANK_B.0), subject: theirs.key(), ..world.bank_body() }, &world.root),
        ] {
            refused("//BankA", revoke(body, issuer), Error::<Runtime>::WrongKind);
        }
        let convicted = Call::revoke { certificate: signed(device, &world.bank), reason: RevocationReason::Convicted };
        refused("//BankA", convicted, Error::<Runtime>::ReasonNotAllowed);
        for uri in [REGISTRY, ISSUING, "//Committee//1", "//ann", "//nobody"] {
            refused(uri, revoke(device, &world.bank), DispatchError::BadOrigin);
        }
        assert!(listed(0).is_empty());
    });
}

#[test]
fn a_bank_cannot_withdraw_another_banks_key_by_certifying_it() {
    run_published(|world| {
        // Given: bank B, which certifies bank A's note key as a device of its own.
        let theirs = Secret::ed25519("//Certificate//BankB");
        let bank_b = Body { bank: Bank(BANK_B.0), subject: theirs.key(), ..world.bank_body() };
        assert_ok!(call("//BankB", publish_bank(bank_b, &world.root, &theirs)));
        let trap =
            Body { bank: Bank(BANK_B.0), issuer: theirs.key().id(), subject: world.bank.key(), ..world.device_body() };

        // When it revokes that
        assert_ok!(call("//BankB", revoke(trap, &theirs)));

        // Then bank A's key is what it was.
        let newer = Body { serial: 8, ..world.bank_body() };
        assert_ok!(call("//BankA", publish_bank(newer, &world.root, &world.bank)));
        refused(
            "//BankB",
            Call::revoke_item { item: item_of(world.bank.key()), reason: LOST, since: 0 },
            DispatchError::BadOrigin,
        );
    });
}

#[test]
fn success_the_registry_revokes_anything() {
    run_published(|_| {
        start_block(40);
        let item = RevokedItem([9; 16]);
        let convicted = |since| Call::revoke_item { item, reason: RevocationReason::Convicted, since };
        refused(REGISTRY, convicted(41), Error::<Runtime>::SinceInFuture);
        for uri in [ISSUING, "//Supervising//1", "//BankA", "//Committee//1", "//nobody"] {
            refused(uri, convicted(40), DispatchError::BadOrigin);
        }
        assert_ok!(call(REGISTRY, convicted(7)));
        let found = Certificates::revocations(0, 9).entries;
        assert_eq!((found.len(), found[0].since, found[0].by), (1, 7, Institution::Issuer));
        refused(REGISTRY, convicted(3), Error::<Runtime>::AlreadyRevoked);
    });
}

#[test]
fn boundary_revocations_of_one_bank() {
    run_published(|world| {
        RevokedBy::<Runtime>::insert(Institution::Bank(BANK_A), MAX_BANK_REVOCATIONS - 1);
        let device = world.device_body();
        assert_ok!(call("//BankA", revoke(device, &world.bank)));
        let next = Body { serial: 2, ..device };
        refused("//BankA", revoke(next, &world.bank), Error::<Runtime>::TooManyRevocations);
        // The registry's own allowance is another one.
        assert_ok!(call(REGISTRY, revoke_item(RevokedItem(next.item().0))));
        RevokedBy::<Runtime>::insert(Institution::Bank(BANK_A), 1);
    });
}

/// All banks and the issuer together revoke no more than one digest can hold.
#[test]
fn boundary_of_the_whole_list() {
    let banks = specie_primitives::MAX_BANKS * MAX_BANK_REVOCATIONS;
    assert_eq!(banks + pallet_certificates::MAX_ISSUER_REVOCATIONS, specie_certificates::MAX_ENTRIES);
}

fn anchor(registry: u64, number: u32, entries: u32) -> Call<Runtime> {
    Call::anchor_digest { registry, number, hash: Hash::repeat_byte(number as u8), entries }
}

#[test]
fn success_digests_ascend() {
    run_published(|world| {
        assert_ok!(call(REGISTRY, revoke_item(RevokedItem([1; 16]))));
        assert_ok!(call(REGISTRY, anchor(2, 4, 1)));
        let last = Certificates::revocations(0, 1).digest.expect("announced");
        assert_eq!((last.registry, last.number, last.entries, last.block), (2, 4, 1, 1));

        // Rolled back: an older number, the same number, fewer entries, more than there are.
        refused(REGISTRY, anchor(2, 3, 1), Error::<Runtime>::NotNewer);
        refused(REGISTRY, anchor(2, 4, 1), Error::<Runtime>::NotNewer);
        refused(REGISTRY, anchor(2, 5, 0), Error::<Runtime>::WrongEntries);
        refused(REGISTRY, anchor(2, 5, 2), Error::<Runtime>::WrongEntries);
        refused(REGISTRY, anchor(3, 5, 1), Error::<Runtime>::UnknownRegistry);
        for uri in [ISSUING, "//Supervising//1", "//BankA", "//Committee//1"] {
            refused(uri, anchor(2, 5, 1), DispatchError::BadOrigin);
        }

        // The registry's key is stolen, and announces the highest number. The next key overtakes it.
        assert_ok!(call(REGISTRY, anchor(2, u32::MAX, 1)));
        assert_ok!(call(REGISTRY, revoke_item(item_of(world.registry.key()))));
        refused(REGISTRY, anchor(2, u32::MAX, 2), Error::<Runtime>::RevokedBefore);
        let next = Secret::ed25519("//Certificate//Registry//2");
        let body = Body { subject: next.key(), serial: 7, ..world.registry_body() };
        assert_ok!(call(REGISTRY, publish(body, &world.root)));
        assert_ok!(call(REGISTRY, anchor(7, 1, 2)));
    });
}

#[test]
fn boundary_anchors_that_are_remembered() {
    run_published(|_| {
        for number in 1..=40 {
            assert_ok!(call(REGISTRY, anchor(2, number, 0)));
        }
        let anchors = Anchors::<Runtime>::get();
        assert_eq!((anchors.len(), anchors[0].number, anchors[15].number), (16, 25, 40));
        pallet_timestamp::Now::<Runtime>::put(u64::from(NOW + 2 * YEAR) * 1_000);
        refused(REGISTRY, anchor(2, 41, 0), Error::<Runtime>::RootNotValid);
    });
}

#[test]
fn every_broken_state_is_found() {
    run_published(|world| {
        assert_ok!(call("//BankA", revoke(world.device_body(), &world.bank)));
        assert_ok!(call(REGISTRY, anchor(2, 1, 1)));
        mint(TEN, 5);
        let breaks = |message: &str, change: &dyn Fn()| {
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                change();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(Certificates::do_try_state()))
            });
            let Ok(Err(DispatchError::Other(found))) = outcome else { panic!("{message}: {outcome:?}") };
            assert!(found.starts_with(message), "{message}: {found}");
        };
        let item = RevokedItem(world.device_body().item().0);
        breaks("I1: the last", &|| {
            RootKeys::<Runtime>::mutate(|roots| roots.iter_mut().for_each(|root| root.until = Some(9)))
        });
        breaks("I1: a root key cannot be read", &|| {
            RootKeys::<Runtime>::mutate(|roots| roots.iter_mut().for_each(|root| root.key = Default::default()))
        });
        breaks("I2: a certificate is in the wrong place", &|| {
            let list = IssuerCertificates::<Runtime>::get(IssuerKind::Issuing);
            IssuerCertificates::<Runtime>::insert(IssuerKind::Registry, list);
        });
        breaks("I2: a key has two certificates", &|| {
            let two = vec![signed(world.issuing_body(), &world.root), signed(world.issuing_body(), &world.root)];
            IssuerCertificates::<Runtime>::insert(IssuerKind::Issuing, BoundedVec::truncate_from(two));
        });
        let stored = |count| pallet_certificates::BatchSignature {
            count,
            signed_at: NOW,
            issuer: world.issuing.key().id().0,
            signature: BoundedVec::truncate_from(world.issuing.sign(b"something else").encode()),
        };
        breaks("I3: a certified batch was never minted", &|| BatchSignatures::<Runtime>::insert(9, stored(5)));
        breaks("I3: more coins", &|| BatchSignatures::<Runtime>::insert(0, stored(6)));
        breaks("I3: a batch's signature", &|| BatchSignatures::<Runtime>::insert(0, stored(5)));
        breaks("I4: a revocation is missing", &|| Revocations::<Runtime>::remove(item));
        breaks("I4: Revocations and RevokedItems", &|| RevokedItems::<Runtime>::remove(1));
        breaks("I4: a revocation has a number", &|| LastRevocation::<Runtime>::put(0));
        breaks("I4: the counts", &|| RevokedBy::<Runtime>::remove(Institution::Bank(BANK_A)));
        breaks("I5: anchors do not ascend", &|| {
            Anchors::<Runtime>::mutate(|anchors| {
                let again = anchors[0];
                assert!(anchors.try_push(again).is_ok());
            })
        });
        breaks("I5: an anchor has more", &|| {
            Anchors::<Runtime>::mutate(|anchors| anchors.iter_mut().for_each(|one| one.entries = 7))
        });
    });
}
