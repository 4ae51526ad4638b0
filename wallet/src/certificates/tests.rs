//! A small network's documents, and what is made of them.

use super::*;
use specie_certificates::{
    Bank, Batch, BatchCertificate, Body, Document as _, Edition, Entry, Flags, Kind, List, NoneRevoked, Owner, Reason,
    Salt, Seed, Signed,
};
use specie_primitives::{
    certificates::{BatchCertificateInfo, HexBytes},
    CoinId, Denomination,
};

const NOW: u32 = 1_800_000_000;
const DAY: u32 = 86_400;
const SALT: Salt = Salt([3; 16]);

fn key(uri: &str) -> CertificateKey {
    CertificateKey::from_uri(uri).unwrap()
}

fn body(kind: Kind, issuer: &CertificateKey, subject: &CertificateKey) -> Body {
    let below = matches!(kind, Kind::Owner | Kind::Device);
    Body {
        kind,
        genesis: Genesis([7; 32]),
        serial: 1,
        issuer: issuer.key().id(),
        not_before: NOW - 9 * DAY,
        not_after: NOW + 9 * DAY,
        flags: Flags::NONE,
        class: 0,
        max_hops: 0,
        bank: if below || kind == Kind::Bank { Bank(3) } else { Bank(0) },
        owner: if below { Owner([1; 24]) } else { Owner::NONE },
        subject: subject.key(),
    }
}

/// Root, issuing key, registry, bank, device, batch and digest, the device's certificate revoked or not.
fn documents(revoked: bool) -> Vec<Document> {
    let [root, issuing, registry, bank, device] = ["//R", "//I", "//G", "//B", "//D"].map(key);
    let certificate = |body: Body, by: &CertificateKey| Document::Certificate(by.certify(body).unwrap());
    let device_body = body(Kind::Device, &bank, &device);
    let batch = Batch {
        genesis: Genesis([7; 32]),
        batch: 4,
        denomination: 500,
        count: 10,
        seed: Seed([2; 32]),
        signed_at: NOW - DAY,
        issuer: issuing.key().id(),
    };
    let batch = BatchCertificate::new(batch, issuing.sign(&batch.payload())).unwrap();
    let edition = Edition {
        genesis: Genesis([7; 32]),
        number: 1,
        issued_at: NOW - DAY,
        next_at: NOW + DAY,
        issuer: registry.key().id(),
        salt: SALT,
    };
    let entry = Entry { item: device_body.item(), reason: Reason::Lost, since: 9 };
    let digest = List::new(edition, if revoked { vec![entry] } else { vec![] }).unwrap().digest();
    let signature = registry.sign(&digest.payload());
    vec![
        certificate(device_body, &bank),
        certificate(body(Kind::Bank, &root, &bank), &root),
        Document::Batch(batch),
        certificate(body(Kind::Issuing, &root, &issuing), &root),
        Document::Digest(Signed { document: digest, signature }),
        certificate(body(Kind::Registry, &root, &registry), &root),
        certificate(body(Kind::Root, &root, &root), &root),
    ]
}

fn trust(uri: &str) -> Trust {
    Trust { root: key(uri).key(), genesis: None }
}

fn names(documents: &[Document], trust: &Trust, now: u32) -> Vec<String> {
    let verdicts = Bench::new(documents, trust, now.into()).verdicts();
    verdicts.iter().map(|one| one.refused.as_ref().map_or("Ok".into(), NotProven::name)).collect()
}

fn encoded(document: &Document) -> Vec<u8> {
    match document {
        Document::Certificate(certificate) => certificate.encode(),
        Document::Batch(batch) => batch.encode(),
        Document::Digest(digest) => digest.encode(),
        Document::Coin(proof) => serde_json::to_vec(proof).unwrap(),
    }
}

fn proof() -> CoinProof {
    let documents = documents(false);
    let hex = |place: usize| HexBytes(encoded(&documents[place]));
    let info = BatchCertificateInfo { batch: 4, certificate: hex(2), issuing: hex(3), root: hex(6) };
    CoinProof::new(CoinId { batch: 4, index: 9 }, info, &trust("//R"), NOW.into(), &NoneRevoked).unwrap()
}

#[test]
fn what_hangs_together_holds() {
    assert_eq!(names(&documents(false), &trust("//R"), NOW), ["Ok"; 7]);
    let mut expected = vec!["Ok"; 7];
    expected[0] = "Revoked";
    assert_eq!(names(&documents(true), &trust("//R"), NOW), expected);
}

#[test]
fn a_digest_signed_with_a_revoked_key_does_not_hold() {
    let [root, registry, next] = ["//R", "//G", "//G2"].map(key);
    let revoked = body(Kind::Registry, &root, &registry).subject.item();
    let digest = |number: u32, items: Vec<specie_certificates::Item>, by: &CertificateKey| {
        let genesis = Genesis([7; 32]);
        let (issued_at, next_at) = (NOW - DAY, NOW + DAY);
        let edition = Edition { genesis, number, issued_at, next_at, issuer: by.key().id(), salt: SALT };
        let entries = items.into_iter().map(|item| Entry { item, reason: Reason::Compromised, since: 0 }).collect();
        let document = List::new(edition, entries).unwrap().digest();
        let signature = by.sign(&document.payload());
        Document::Digest(Signed { document, signature })
    };
    let newer = Body { serial: 2, ..body(Kind::Registry, &root, &next) };
    let certificates = || {
        let certify = |body: Body| Document::Certificate(root.certify(body).unwrap());
        vec![certify(body(Kind::Root, &root, &root)), certify(newer)]
    };
    let verdicts = |digests: Vec<Document>| {
        let stolen = Document::Certificate(root.certify(body(Kind::Registry, &root, &registry)).unwrap());
        let all: Vec<_> = digests.into_iter().chain([stolen]).chain(certificates()).collect();
        names(&all, &trust("//R"), NOW)
    };
    // Before anybody revokes the key.
    assert_eq!(verdicts(vec![digest(1, vec![], &registry)])[..2], ["Ok", "Ok"]);
    // The next registry key revokes it: then neither what it signed before holds, nor what the thief signs after that.
    let found =
        verdicts(vec![digest(1, vec![], &registry), digest(9, vec![], &registry), digest(2, vec![revoked], &next)]);
    assert_eq!(found[..4], ["Revoked", "Revoked", "Ok", "Revoked"]);
    // It revoked itself: what it signs later does not make it good again.
    let found = verdicts(vec![digest(3, vec![], &registry), digest(2, vec![revoked], &registry)]);
    assert_eq!(found[..3], ["Revoked", "Revoked", "Revoked"]);
}

#[test]
fn what_lacks_a_link_does_not() {
    let without = |place: usize| {
        let mut documents = documents(true);
        documents.remove(place);
        names(&documents, &trust("//R"), NOW)
    };
    assert_eq!(without(6), ["RootMissing"; 6]);
    assert_eq!(without(1)[0], "IssuerMissing");
    assert_eq!(without(3)[2], "IssuerMissing");
    // A digest that nobody vouches for revokes nothing.
    let lacking = without(5);
    assert_eq!((lacking[4].as_str(), lacking[0].as_str()), ("IssuerMissing", "Ok"));
    // Another root, another network, another time.
    assert_eq!(names(&documents(false), &trust("//Other"), NOW)[6], "WrongRoot");
    let elsewhere = Trust { genesis: Some(Genesis([8; 32])), ..trust("//R") };
    assert_eq!(names(&documents(false), &elsewhere, NOW), ["WrongNetwork"; 7]);
    assert_eq!(names(&documents(false), &trust("//R"), NOW + 99 * DAY)[0], "Expired");
}

#[test]
fn files_read_back() {
    for document in documents(true).into_iter().chain([Document::Coin(proof())]) {
        assert_eq!(read(&encoded(&document)), Ok(document));
    }
    // Eighteen entries make a digest as long as a certificate now and then.
    let Document::Digest(one) = &documents(false)[4] else { panic!("a digest") };
    let mut lengths = (0..40u32).map(|number| {
        let entry = |item: u8| Entry { item: specie_certificates::Item([item; 16]), reason: Reason::Lost, since: 0 };
        let edition = Edition { number, ..*one.document.edition() };
        let list = List::new(edition, (0..18).map(entry).collect()).unwrap();
        let signed = Signed { document: list.digest(), signature: one.signature };
        let bytes = signed.encode();
        assert_eq!(read(&bytes), Ok(Document::Digest(signed)));
        bytes.len()
    });
    assert!(lengths.any(|length| length == specie_certificates::CERTIFICATE_MAX_LEN - 1));
    assert_eq!(read(&[]), Err(Fault::Truncated));
    assert_eq!(read(b"{}"), Err(Fault::Truncated));
    assert_eq!(read(&[0; 187]), Err(Fault::UnknownVersion));
}

#[test]
fn a_coin_is_checked_with_the_root_key_alone() {
    let proof = proof();
    let verify = |proof: &CoinProof, root: &str| {
        proof.verify(&trust(root), NOW.into(), &NoneRevoked).map_err(|error| error.name())
    };
    let coin = verify(&proof, "//R").unwrap();
    assert_eq!((coin.batch, coin.index, coin.denomination), (4, 9, 500));
    assert_eq!(coin.serial.to_string(), proof.serial);
    assert_eq!(verify(&proof, "//Other"), Err("WrongRoot".into()));

    let altered = |change: fn(&mut CoinProof)| {
        let mut altered = proof.clone();
        change(&mut altered);
        verify(&altered, "//R").unwrap_err()
    };
    assert_eq!(altered(|proof| proof.coin.index = 10), "NotInBatch");
    assert_eq!(altered(|proof| proof.coin.index = 8), "WrongSerial");
    assert_eq!(altered(|proof| proof.coin.batch = 5), "WrongBatch");
    assert_eq!(altered(|proof| proof.denomination = Denomination(501)), "WrongValue");
    assert_eq!(altered(|proof| proof.serial = "0000-0000-0000-0000-0000".into()), "WrongSerial");
    assert_eq!(altered(|proof| proof.batch.0[45] ^= 1), "BadSignature");
    assert_eq!(altered(|proof| proof.issuing = proof.root.clone()), "WrongKind");
    assert_eq!(altered(|proof| proof.root.0.clear()), "Truncated");
}

#[test]
fn keys_come_from_phrases_and_hard_steps() {
    let phrase = crate::keys::generate_phrase().unwrap();
    assert_eq!(key(&phrase).key(), key(&phrase).key());
    assert_ne!(key(&phrase).key(), key(&format!("{}//1", *phrase)).key());
    for secret in ["", " ", "/soft", "secretword another"] {
        let error = CertificateKey::from_uri(secret).unwrap_err().to_string();
        assert!(!error.contains("secretword"), "{error}");
    }
    assert!(!format!("{:?}", key("//R")).contains("//R"));
}
