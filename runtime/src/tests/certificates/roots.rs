//! The root key, and the certificates of institutions.

use super::*;
use crate::tests::governance::enact;

fn replace(key: PublicKey, known_until: BlockNumber) -> Call<Runtime> {
    Call::replace_root { key: BoundedVec::truncate_from(key.encode()), known_until }
}

#[test]
fn success_every_institutions_certificate() {
    run_now(|world| {
        let roots = Certificates::root_keys().roots;
        assert_eq!((roots.len(), &roots[0].key.0, &roots[0].certificate), (1, &world.root.key().encode(), &None));

        assert_ok!(call(REGISTRY, publish(world.root_body(), &world.root)));
        assert_ok!(call(REGISTRY, publish(world.issuing_body(), &world.root)));
        assert_ok!(call(REGISTRY, publish(world.registry_body(), &world.root)));
        assert_ok!(call("//BankA", publish_bank(world.bank_body(), &world.root, &world.bank)));
        let key = BoundedVec::truncate_from(world.bank.key().encode());
        let institution = specie_primitives::Institution::Bank(BANK_A);
        System::assert_last_event(Event::<Runtime>::Published { institution, key, serial: 3 }.into());

        let found = Certificates::root_keys();
        assert_eq!(found.roots[0].certificate, Some(signed(world.root_body(), &world.root).into()));
        assert_eq!(found.issuing, [signed(world.issuing_body(), &world.root).into()]);
        assert_eq!(found.registry, [signed(world.registry_body(), &world.root).into()]);
        assert_eq!(Certificates::bank_certificates(BANK_A), [signed(world.bank_body(), &world.root).into()]);
        assert!(Certificates::bank_certificates(BANK_B).is_empty());
    });
}

#[test]
fn success_renewal_takes_the_old_ones_place() {
    run_published(|world| {
        let renewed = Body { serial: 4, not_after: NOW + 2 * YEAR, ..world.bank_body() };
        assert_ok!(call("//BankA", publish_bank(renewed, &world.root, &world.bank)));
        assert_eq!(Certificates::bank_certificates(BANK_A), [signed(renewed, &world.root).into()]);

        // The one before, the same again, and one with an old serial that lasts longer.
        let stale = Body { serial: 3, not_after: NOW + 9 * YEAR, ..world.bank_body() };
        for old in [world.bank_body(), renewed, stale] {
            refused("//BankA", publish_bank(old, &world.root, &world.bank), Error::<Runtime>::NotNewer);
        }
        let issuing = Body { serial: 0, ..world.issuing_body() };
        refused(REGISTRY, publish(issuing, &world.root), Error::<Runtime>::NotNewer);

        // A second key stands beside the first.
        let second = Secret::p256(9);
        let body = Body { subject: second.key(), ..world.bank_body() };
        assert_ok!(call("//BankA", publish_bank(body, &world.root, &second)));
        assert_eq!(Certificates::bank_certificates(BANK_A).len(), 2);
    });
}

#[test]
fn fails_publishing_what_the_root_did_not_sign_like_that() {
    run_published(|world| {
        let issuing = world.issuing_body();
        let newer = Body { serial: 8, ..issuing };
        let with = |body: Body, error: Error<Runtime>| refused(REGISTRY, publish(body, &world.root), error);
        with(Body { genesis: Genesis([8; 32]), ..newer }, Error::WrongNetwork);
        with(Body { not_after: NOW - 1, ..newer }, Error::Expired);
        with(Body { not_before: NOW + 1, ..newer }, Error::NotYetValid);
        with(world.bank_body(), Error::WrongKind);
        with(body(Kind::Owner, &world.root, Secret::p256(5).key()), Error::WrongKind);
        with(Body { genesis: Genesis([8; 32]), serial: 8, ..world.root_body() }, Error::WrongNetwork);
        with(Body { not_after: NOW - 1, serial: 8, ..world.root_body() }, Error::Expired);

        let stranger = Secret::ed25519("//Stranger");
        refused(REGISTRY, publish(newer, &stranger), Error::<Runtime>::BadSignature);
        let theirs = Body { issuer: stranger.key().id(), ..newer };
        refused(REGISTRY, publish(theirs, &stranger), Error::<Runtime>::UnknownRoot);
        let other_root = body(Kind::Root, &stranger, stranger.key());
        refused(REGISTRY, publish(other_root, &stranger), Error::<Runtime>::UnknownRoot);
        // The issuing key certifies nobody.
        let below = Body { issuer: world.issuing.key().id(), serial: 9, ..world.registry_body() };
        refused(REGISTRY, publish(below, &world.issuing), Error::<Runtime>::UnknownRoot);

        let altered = |bytes: Vec<u8>| Call::publish { certificate: BoundedVec::truncate_from(bytes) };
        let mut bytes = signed(newer, &world.root).into_inner();
        bytes[50] ^= 1;
        refused(REGISTRY, altered(bytes.clone()), Error::<Runtime>::BadSignature);
        bytes.pop();
        refused(REGISTRY, altered(bytes), Error::<Runtime>::Unreadable);
        refused(REGISTRY, altered(vec![]), Error::<Runtime>::Unreadable);
    });
}

#[test]
fn fails_publishing_by_anybody_else() {
    run_published(|world| {
        let newer = Body { serial: 8, ..world.issuing_body() };
        for uri in [ISSUING, "//Supervising//1", "//BankA", "//Committee//1", "//nobody"] {
            refused(uri, publish(newer, &world.root), DispatchError::BadOrigin);
        }
        let newer = Body { serial: 8, ..world.bank_body() };
        for uri in [REGISTRY, ISSUING, "//Committee//1", "//nobody"] {
            refused(uri, publish_bank(newer, &world.root, &world.bank), DispatchError::BadOrigin);
        }
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        refused("//BankA", publish_bank(newer, &world.root, &world.bank), DispatchError::BadOrigin);
    });
}

#[test]
fn fails_before_the_root_has_described_itself() {
    run_now(|world| {
        refused(REGISTRY, publish(world.issuing_body(), &world.root), Error::<Runtime>::UnknownRoot);
        let bank = publish_bank(world.bank_body(), &world.root, &world.bank);
        refused("//BankA", bank, Error::<Runtime>::UnknownRoot);
    });
}

#[test]
fn fails_a_bank_with_what_is_not_its_own() {
    run_published(|world| {
        // Bank A's certificate, sent by bank B.
        let newer = Body { serial: 8, ..world.bank_body() };
        refused("//BankB", publish_bank(newer, &world.root, &world.bank), Error::<Runtime>::WrongBank);
        // The root was made to certify bank A's key for bank B, which lacks its secret.
        let stolen = Body { bank: Bank(BANK_B.0), ..newer };
        let theirs = Secret::ed25519("//Certificate//BankB");
        refused("//BankB", publish_bank(stolen, &world.root, &theirs), Error::<Runtime>::BadPossession);
        // A possession that bank A showed for another certificate of its key.
        let shown = BoundedVec::truncate_from(world.bank.sign(&world.bank_body().possession()).encode());
        let copied = Call::publish_bank { certificate: signed(stolen, &world.root), possession: shown };
        refused("//BankB", copied, Error::<Runtime>::BadPossession);
        let none = Call::publish_bank { certificate: signed(newer, &world.root), possession: Default::default() };
        refused("//BankA", none, Error::<Runtime>::BadPossession);
        // A bank's certificate by the bank itself, and one of another kind.
        let own = Body { issuer: world.bank.key().id(), subject: theirs.key(), ..newer };
        refused("//BankA", publish_bank(own, &world.bank, &theirs), Error::<Runtime>::UnknownRoot);
        refused("//BankA", publish_bank(world.device_body(), &world.bank, &theirs), Error::<Runtime>::WrongKind);
        let issuing = Body { serial: 8, ..world.issuing_body() };
        refused("//BankA", publish_bank(issuing, &world.root, &world.issuing), Error::<Runtime>::WrongKind);
    });
}

#[test]
fn fails_publishing_what_is_revoked() {
    run_published(|world| {
        let newer = Body { serial: 8, ..world.bank_body() };
        assert_ok!(call(REGISTRY, revoke_item(RevokedItem(newer.item().0))));
        refused("//BankA", publish_bank(newer, &world.root, &world.bank), Error::<Runtime>::RevokedBefore);
        // Another certificate of the same key is not concerned; the key's own revocation ends that.
        let again = Body { serial: 9, ..newer };
        assert_ok!(call("//BankA", publish_bank(again, &world.root, &world.bank)));
        assert_ok!(call(REGISTRY, revoke_item(item_of(world.bank.key()))));
        let last = Body { serial: 10, ..newer };
        refused("//BankA", publish_bank(last, &world.root, &world.bank), Error::<Runtime>::RevokedBefore);
        assert_ok!(call(REGISTRY, revoke_item(item_of(world.root.key()))));
        let root = Body { serial: 8, ..world.root_body() };
        refused(REGISTRY, publish(root, &world.root), Error::<Runtime>::RevokedBefore);
    });
}

#[test]
fn boundary_certificates_of_one_holder() {
    run_published(|world| {
        let numbered = |number: u32| {
            let key = Secret::ed25519(&format!("//Certificate//BankA//{number}"));
            let body = Body { subject: key.key(), not_after: NOW + number, ..world.bank_body() };
            publish_bank(body, &world.root, &key)
        };
        for number in 2..=pallet_certificates::MAX_CERTIFICATES {
            assert_ok!(call("//BankA", numbered(number)));
        }
        let before = Certificates::bank_certificates(BANK_A);
        refused("//BankA", numbered(17), Error::<Runtime>::TooManyCertificates);
        // When number 2 has ended it makes room, and no other does.
        pallet_timestamp::Now::<Runtime>::put(u64::from(NOW + 3) * 1_000);
        assert_ok!(call("//BankA", numbered(17)));
        let after = Certificates::bank_certificates(BANK_A);
        assert_eq!((before.len(), after.len()), (16, 16));
        assert_eq!(before.iter().filter(|one| !after.contains(one)).count(), 1);
        refused("//BankA", numbered(18), Error::<Runtime>::TooManyCertificates);
        // Keys that signed coins stay, however old.
        let issuing = |number: u32| {
            let key = Secret::ed25519(&format!("//Certificate//Issuing//{number}"));
            publish(Body { subject: key.key(), not_after: NOW + 4, ..world.issuing_body() }, &world.root)
        };
        for number in 2..=pallet_certificates::MAX_CERTIFICATES {
            assert_ok!(call(REGISTRY, issuing(number)));
        }
        pallet_timestamp::Now::<Runtime>::put(u64::from(NOW + 5) * 1_000);
        let last = Body { subject: Secret::p256(77).key(), ..world.issuing_body() };
        refused(REGISTRY, publish(last, &world.root), Error::<Runtime>::TooManyCertificates);
    });
}

#[test]
fn success_root_replaced_by_the_committee() {
    run_published(|world| {
        let new = Secret::p256(21);
        assert_ok!(enact(replace(new.key(), 100)));
        let key = BoundedVec::truncate_from(new.key().encode());
        assert!(
            System::events()
                .iter()
                .any(|record| record.event
                    == Event::<Runtime>::RootReplaced { key: key.clone(), known_until: 100 }.into())
        );
        assert_ok!(call(REGISTRY, publish(body(Kind::Root, &new, new.key()), &new)));

        // Until that block both roots are known.
        start_block(100);
        let by_old = Body { serial: 8, ..world.bank_body() };
        assert_ok!(call("//BankA", publish_bank(by_old, &world.root, &world.bank)));
        assert_eq!(Certificates::root_keys().roots.len(), 2);

        // After it only the new one is: a renewal by the old root is refused, one by the new root begins later.
        start_block(101);
        let again = Body { serial: 9, ..by_old };
        refused("//BankA", publish_bank(again, &world.root, &world.bank), Error::<Runtime>::UnknownRoot);
        let by_new = Body { issuer: new.key().id(), serial: 1, not_before: NOW, ..by_old };
        assert_ok!(call("//BankA", publish_bank(by_new, &new, &world.bank)));
        let roots = Certificates::root_keys().roots;
        assert_eq!((roots.len(), &roots[0].key.0, roots[0].until), (1, &new.key().encode(), None));
        // The old root comes back neither by itself nor as somebody else's certificate.
        let root = Body { serial: 9, ..world.root_body() };
        refused(REGISTRY, publish(root, &world.root), Error::<Runtime>::UnknownRoot);
    });
}

#[test]
fn success_a_stolen_root_is_withdrawn_at_once() {
    run_published(|world| {
        let new = Secret::ed25519("//Root//2");
        assert_ok!(enact(replace(new.key(), 0)));
        let newer = Body { serial: 8, ..world.bank_body() };
        refused("//BankA", publish_bank(newer, &world.root, &world.bank), Error::<Runtime>::UnknownRoot);
    });
}

#[test]
fn fails_replacing_the_root_by_fewer() {
    run_published(|world| {
        let new = Secret::ed25519("//Root//2").key();
        for uri in [REGISTRY, ISSUING, "//Admitting//1", "//BankA", "//Committee//1", "//nobody"] {
            refused(uri, replace(new, 100), DispatchError::BadOrigin);
        }
        // One member alone: the motion carries itself out, but not as two thirds.
        let motion: RuntimeCall = pallet_participants::Call::enact { call: Box::new(replace(new, 100).into()) }.into();
        let alone = pallet_collective::Call::<Runtime, frame_support::instances::Instance1>::propose {
            threshold: 1,
            length_bound: codec::Encode::encoded_size(&motion) as u32,
            proposal: Box::new(motion),
        };
        assert_ok!(call("//Committee//1", alone));
        assert_eq!(Certificates::root_keys().roots[0].key.0, world.root.key().encode());
    });
}

#[test]
fn fails_root_keys_that_are_none() {
    run_now(|world| {
        let with = |bytes: &[u8], error: Error<Runtime>| {
            let key = BoundedVec::truncate_from(bytes.to_vec());
            assert_eq!(enact(Call::replace_root { key, known_until: 9 }), Err(error.into()), "{bytes:?}");
        };
        let tagged = |point: [u8; 32]| [&[1u8][..], &point[..]].concat();
        let mut identity = [0; 32];
        identity[0] = 1;
        with(&tagged(identity), Error::BadKey);
        // The same point with the sign of its zero set: another encoding of it.
        identity[31] = 0x80;
        with(&tagged(identity), Error::BadKey);
        // A point of order 4, and no point at all.
        with(&tagged([0; 32]), Error::BadKey);
        let mut none = [0; 32];
        none[0] = 2;
        with(&tagged(none), Error::BadKey);
        with(&[&[3u8][..], pair("//Account").public().0.as_slice()].concat(), Error::BadKey);
        with(&[], Error::BadKey);
        with(&[9; 34], Error::BadKey);
        with(&world.root.key().encode()[..32], Error::BadKey);
        with(&world.root.key().encode(), Error::RootKnown);
        assert_eq!(Certificates::root_keys().roots.len(), 1);
    });
}

#[test]
fn boundary_root_keys() {
    run_now(|_| {
        let key = |number: u32| Secret::ed25519(&format!("//Root//{number}")).key();
        for number in 1..pallet_certificates::MAX_ROOTS {
            assert_ok!(enact(replace(key(number), 1_000)));
        }
        assert_eq!(enact(replace(key(9), 1_000)), Err(Error::<Runtime>::TooManyRoots.into()));
        assert_eq!(Certificates::root_keys().roots.len(), 4);
        // When the old ones are known no more there is room again.
        start_block(1_001);
        assert_ok!(enact(replace(key(9), 2_000)));
        assert_eq!(Certificates::root_keys().roots.len(), 2);
    });
}
