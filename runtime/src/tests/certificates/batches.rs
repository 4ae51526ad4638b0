//! The issuer's signature on batches.

use super::*;
use specie_certificates::CoinSerial;

/// What the issuer signs about the first batch, which `with_batches` minted.
fn first(world: &World) -> Batch {
    let minted = pallet_issuance::Batches::<Runtime>::get(0).expect("minted");
    Batch {
        genesis: network(),
        batch: 0,
        denomination: minted.denomination.0,
        count: minted.count,
        seed: Seed(minted.seed),
        signed_at: NOW - 10,
        issuer: world.issuing.key().id(),
    }
}

fn certified(batch: Batch, signer: &Secret) -> BatchCertificateBytes {
    let certificate = BatchCertificate::new(batch, signer.sign(&batch.payload())).expect("a certificate");
    BoundedVec::truncate_from(certificate.encode())
}

fn certify(batch: Batch, signer: &Secret) -> Call<Runtime> {
    Call::certify_batch { certificate: certified(batch, signer) }
}

/// Everything published, and two batches minted.
fn with_batches(test: impl FnOnce(World)) {
    run_published(|world| {
        mint(TEN, 1_000);
        mint(HUNDRED, 7);
        test(world);
    });
}

#[test]
fn success_a_certified_coin_is_checked_with_the_root_key_alone() {
    with_batches(|world| {
        assert_eq!(Certificates::certificate(0), None);
        assert_ok!(call(ISSUING, certify(first(&world), &world.issuing)));
        System::assert_last_event(
            Event::<Runtime>::BatchCertified { batch: 0, count: 1_000, signed_at: NOW - 10 }.into(),
        );

        let found = Certificates::certificate(0).expect("certified");
        assert_eq!(found.certificate.0, certified(first(&world), &world.issuing).into_inner());
        let read = |bytes: &[u8]| Certificate::decode(bytes).expect("a certificate");
        let root = Root::pin(read(&found.root.0), &network(), &world.root.key()).expect("the root");
        let batch = BatchCertificate::decode(&found.certificate.0).expect("a certificate");
        let verified =
            verify_batch(&root, &read(&found.issuing.0), &batch, NOW.into(), &NoneRevoked).expect("it holds");
        let coin = verified.coin(999).expect("a coin of the batch");
        assert_eq!(coin.denomination, TEN.0);
        let seed = Seed(pallet_issuance::Batches::<Runtime>::get(0).expect("minted").seed);
        assert_eq!(coin.serial, CoinSerial::new(&network(), &seed, 0, 999));
        assert!(verified.coin(1_000).is_err());
        assert_eq!(Certificates::certificate(1), None);
    });
}

#[test]
fn fails_what_the_batch_is_not() {
    with_batches(|world| {
        let batch = first(&world);
        let with = |batch: Batch, error: Error<Runtime>| refused(ISSUING, certify(batch, &world.issuing), error);
        with(Batch { genesis: Genesis([8; 32]), ..batch }, Error::WrongNetwork);
        with(Batch { batch: 1, ..batch }, Error::WrongBatch);
        with(Batch { batch: 2, ..batch }, Error::UnknownBatch);
        with(Batch { count: 999, ..batch }, Error::WrongBatch);
        with(Batch { count: 1_001, ..batch }, Error::WrongBatch);
        with(Batch { denomination: 10_000, ..batch }, Error::WrongBatch);
        with(Batch { seed: Seed([8; 32]), ..batch }, Error::WrongBatch);
        with(Batch { signed_at: NOW + 1, ..batch }, Error::NotYetValid);
        with(Batch { signed_at: NOW - YEAR - 1, ..batch }, Error::RootNotValid);
        assert_eq!(Certificates::certificate(0), None);
    });
}

#[test]
fn fails_another_key() {
    with_batches(|world| {
        let batch = first(&world);
        let stranger = Secret::ed25519("//Stranger");
        refused(ISSUING, certify(batch, &stranger), Error::<Runtime>::BadSignature);
        refused(ISSUING, certify(batch, &world.registry), Error::<Runtime>::BadSignature);
        // Keys that are certified for something else, and one that is not.
        for other in [&stranger, &world.registry, &world.root, &world.bank] {
            let theirs = Batch { issuer: other.key().id(), ..batch };
            refused(ISSUING, certify(theirs, other), Error::<Runtime>::UnknownIssuer);
        }
        // R and key of small order fit every message where both are admitted; S is zero.
        let mut bytes = certified(batch, &world.issuing).into_inner();
        let start = bytes.len() - 64;
        bytes[start..].fill(0);
        bytes[start] = 1;
        let zero = Call::certify_batch { certificate: BoundedVec::truncate_from(bytes.clone()) };
        refused(ISSUING, zero, Error::<Runtime>::BadSignature);
        bytes.truncate(100);
        let cut = Call::certify_batch { certificate: BoundedVec::truncate_from(bytes) };
        refused(ISSUING, cut, Error::<Runtime>::Unreadable);
    });
}

#[test]
fn fails_by_anybody_else() {
    with_batches(|world| {
        for uri in [REGISTRY, "//BankA", "//Committee//1", "//ann", "//nobody"] {
            refused(uri, certify(first(&world), &world.issuing), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn success_signed_anew_when_a_key_was_revoked() {
    with_batches(|world| {
        let batch = first(&world);
        assert_ok!(call(ISSUING, certify(batch, &world.issuing)));
        // The same again, and an older one.
        refused(ISSUING, certify(batch, &world.issuing), Error::<Runtime>::NotNewer);
        let older = Batch { signed_at: batch.signed_at - 1, ..batch };
        refused(ISSUING, certify(older, &world.issuing), Error::<Runtime>::NotNewer);

        assert_ok!(call(REGISTRY, revoke_item(item_of(world.issuing.key()))));
        let later = Batch { signed_at: NOW, ..batch };
        refused(ISSUING, certify(later, &world.issuing), Error::<Runtime>::RevokedBefore);

        let second = Secret::p256(30);
        let body = Body { subject: second.key(), serial: 9, ..world.issuing_body() };
        assert_ok!(call(REGISTRY, publish(body, &world.root)));
        let anew = Batch { issuer: second.key().id(), signed_at: NOW, ..batch };
        assert_ok!(call(ISSUING, certify(anew, &second)));
        let found = Certificates::certificate(0).expect("certified");
        assert_eq!(found.certificate.0, certified(anew, &second).into_inner());
        assert_eq!(found.issuing.0, signed(body, &world.root).into_inner());
    });
}

#[test]
fn fails_a_signature_that_is_revoked_itself() {
    with_batches(|world| {
        let batch = first(&world);
        assert_ok!(call(REGISTRY, revoke_item(RevokedItem(batch.item().0))));
        refused(ISSUING, certify(batch, &world.issuing), Error::<Runtime>::RevokedBefore);
        assert_ok!(call(ISSUING, certify(Batch { signed_at: NOW, ..batch }, &world.issuing)));
    });
}

#[test]
fn success_coins_outlive_keys() {
    with_batches(|world| {
        assert_ok!(call(ISSUING, certify(first(&world), &world.issuing)));
        // The issuing key has ended, and the root was replaced: the certificate is still there.
        pallet_timestamp::Now::<Runtime>::put(u64::from(NOW + 2 * YEAR) * 1_000);
        let new = Secret::ed25519("//Root//2").key();
        let key = BoundedVec::truncate_from(new.encode());
        assert_ok!(crate::tests::governance::enact(Call::replace_root { key, known_until: 0 }));
        assert!(Certificates::certificate(0).is_some());
        // But nothing new is certified under either.
        let late = Batch { batch: 1, denomination: HUNDRED.0, count: 7, ..first(&world) };
        let seed = Seed(pallet_issuance::Batches::<Runtime>::get(1).expect("minted").seed);
        refused(ISSUING, certify(Batch { seed, ..late }, &world.issuing), Error::<Runtime>::UnknownRoot);
    });
}
