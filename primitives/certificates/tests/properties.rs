//! No bytes make it panic, what is encoded reads back, and no altered bit passes.

mod common;

use common::*;
use proptest::prelude::*;
use specie_certificates::*;
use std::sync::LazyLock;

static FIRST: LazyLock<World> = LazyLock::new(World::first);
static SECOND: LazyLock<World> = LazyLock::new(World::second);

fn worlds() -> impl Strategy<Value = &'static World> {
    prop_oneof![Just(&*FIRST), Just(&*SECOND)]
}

/// What reads must give the same bytes again.
fn read_everything(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::decode(bytes) {
        assert_eq!(certificate.encode(), bytes);
        let _ = verify_chain(&FIRST.pinned(), &[certificate, certificate], NOW, &NoneRevoked);
    }
    if let Ok(certificate) = Certificate::decode_short(&GENESIS, bytes) {
        assert_eq!(certificate.encode_short(), bytes);
    }
    if let Ok(batch) = BatchCertificate::decode(bytes) {
        assert_eq!(batch.encode(), bytes);
        let _ = verify_batch(&FIRST.pinned(), &FIRST.issuing_certificate, &batch, NOW, &NoneRevoked);
    }
    if let Ok(list) = Signed::<List>::decode(bytes) {
        assert_eq!(list.encode(), bytes);
        let _ = list.verify(&FIRST.pinned(), &FIRST.registry_certificate, None);
    }
    if let Ok(digest) = Signed::<Digest>::decode(bytes) {
        assert_eq!(digest.encode(), bytes);
        let _ = (0..50).filter(|i| digest.document.contains(&item(*i))).count();
        let _ = digest.verify(&FIRST.pinned(), &FIRST.registry_certificate, None);
    }
    if let Ok(key) = PublicKey::decode(bytes) {
        assert_eq!(key.encode(), bytes);
    }
    if let Ok(key) = PublicKey::decode_trusted(bytes) {
        let _ = key.verify(b"", &Signature::Ed25519([0xff; 64]));
        let _ = key.verify(b"", &Signature::P256([0xff; 64]));
    }
    if let Ok(signature) = Signature::decode(bytes) {
        assert_eq!(signature.encode(), bytes);
        let _ = FIRST.root.key().verify(b"", &signature);
        let _ = SECOND.root.key().verify(b"", &signature);
        if let Signature::P256(bytes) = signature {
            let _ = Signature::p256_low(bytes);
        }
    }
    let _ = String::from_utf8_lossy(bytes).parse::<CoinSerial>();
}

fn documents() -> Vec<Vec<u8>> {
    let list = many(FIRST.edition(4), 300);
    vec![
        FIRST.device_certificate.encode(),
        FIRST.owner_certificate.encode(),
        FIRST.bank_certificate.encode_short(),
        sign_batch(FIRST.batch(), &FIRST.issuing).encode(),
        sign_document(list.digest(), &FIRST.registry).encode(),
        sign_document(list, &FIRST.registry).encode(),
        FIRST.root.key().encode(),
        SECOND.root.key().encode(),
        account().encode(),
        SECOND.root.sign(b"").encode(),
        CoinSerial::new(&GENESIS, &Seed([0; 32]), 1, 1).to_string().into_bytes(),
    ]
}

static DOCUMENTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(documents);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_everything(&bytes);
    }

    #[test]
    fn broken_documents_are_read_or_refused(
        document in 0..11usize,
        flips in proptest::collection::vec(any::<proptest::sample::Index>(), 0..4),
        cut in any::<proptest::sample::Index>(),
        tail in proptest::collection::vec(any::<u8>(), 0..3),
    ) {
        let mut bytes = DOCUMENTS[document].clone();
        for flip in flips {
            let bit = flip.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        if cut.index(4) == 0 {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.extend(tail);
        read_everything(&bytes);
    }

    #[test]
    fn headers_of_every_value_are_read_or_refused(
        header in proptest::collection::vec(any::<u8>(), 87),
        kind in 0..8u8,
        flags in 0..5u8,
        key in any::<bool>(),
        hops in 0..13u8,
    ) {
        let subject = if key { FIRST.device.key() } else { account() };
        let mut bytes = [vec![1, kind], header, subject.encode(), FIRST.bank.sign(b"").encode()].concat();
        (bytes[58], bytes[60]) = (flags, hops);
        read_everything(&bytes);
    }

    #[test]
    fn altered_chains_are_refused(
        world in worlds(),
        leaf in any::<bool>(),
        upper in any::<bool>(),
        bit in any::<proptest::sample::Index>(),
    ) {
        let leaf = if leaf { &world.device_certificate } else { &world.owner_certificate };
        let mut chain = [world.bank_certificate.encode(), leaf.encode()];
        let altered = &mut chain[usize::from(!upper)];
        let bit = bit.index(altered.len() * 8);
        altered[bit / 8] ^= 1 << (bit % 8);
        let read: Result<Vec<_>, _> = chain.iter().map(|bytes| Certificate::decode(bytes)).collect();
        if let Ok(chain) = read {
            prop_assert!(verify_chain(&world.pinned(), &chain, NOW, &NoneRevoked).is_err());
        }
    }

    #[test]
    fn altered_batches_and_digests_are_refused(world in worlds(), bit in any::<proptest::sample::Index>()) {
        let mut bytes = sign_batch(world.batch(), &world.issuing).encode();
        let place = bit.index(bytes.len() * 8);
        bytes[place / 8] ^= 1 << (place % 8);
        if let Ok(batch) = BatchCertificate::decode(&bytes) {
            let result = verify_batch(&world.pinned(), &world.issuing_certificate, &batch, NOW, &NoneRevoked);
            prop_assert!(result.is_err());
        }
        let mut bytes = sign_document(world.list(4, &[item(1), item(2)]).digest(), &world.registry).encode();
        let place = bit.index(bytes.len() * 8);
        bytes[place / 8] ^= 1 << (place % 8);
        if let Ok(digest) = Signed::<Digest>::decode(&bytes) {
            prop_assert!(digest.verify(&world.pinned(), &world.registry_certificate, None).is_err());
        }
    }

    #[test]
    fn bodies_read_back(
        serial in any::<u64>(),
        begin in any::<u32>(),
        life in any::<u32>(),
        class in any::<u8>(),
        hops in 0..=MAX_HOPS,
        bank in any::<u32>(),
        owner in any::<[u8; 24]>(),
        genesis in any::<[u8; 32]>(),
    ) {
        prop_assume!(owner != [0; 24]);
        let certificate = sign(
            Body {
                serial,
                genesis: Genesis(genesis),
                not_before: begin,
                not_after: begin.saturating_add(life),
                class,
                max_hops: hops,
                bank: Bank(bank),
                owner: Owner(owner),
                ..*FIRST.device_certificate.body()
            },
            &FIRST.bank,
        );
        prop_assert_eq!(Certificate::decode(&certificate.encode()), Ok(certificate));
        prop_assert_eq!(Certificate::decode_short(&Genesis(genesis), &certificate.encode_short()), Ok(certificate));
        prop_assert_eq!(certificate.check_signature(&FIRST.bank.key()), Ok(()));
    }

    #[test]
    fn digests_miss_nothing(count in 0..700u32, number in any::<u32>()) {
        let list = many(FIRST.edition(number), count);
        let digest = list.digest();
        prop_assert!((0..count).all(|i| digest.contains(&item(i))));
        // One by chance in 2^20.
        prop_assert!((count..count + 500).filter(|i| digest.contains(&item(*i))).count() <= 2);
        let signed = sign_document(digest, &FIRST.registry);
        prop_assert_eq!(Signed::<Digest>::decode(&signed.encode()), Ok(signed));
        let signed = sign_document(list, &FIRST.registry);
        prop_assert_eq!(Signed::<List>::decode(&signed.encode()), Ok(signed));
    }
}

#[test]
fn who_is_hit_depends_on_the_salt() {
    // Given: an item that was searched for with a salt that is known, so that revoking it hits another one.
    const PREPARED: u32 = 139_148;
    let hits = |salt: Salt| {
        let edition = Edition { salt, ..FIRST.edition(41) };
        let entry = Entry { item: item(PREPARED), reason: Reason::Lost, since: 0 };
        let digest = List::new(edition, vec![entry]).unwrap().digest();
        assert!(digest.contains(&item(PREPARED)));
        digest.contains(&item(0))
    };

    // Then: the same number with the salt of another edition does not hit it.
    assert!(hits(SALT));
    assert!(!hits(Salt([0x5b; 16])));
}
