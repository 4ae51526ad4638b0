//! A small network with keys that everybody knows.
#![allow(dead_code)]

use p256::ecdsa::signature::Signer as _;
use specie_certificates::*;

/// 1 January 2026.
pub const START: u32 = 1_767_225_600;
/// Seconds of 365 days.
pub const YEAR: u32 = 31_536_000;
/// When tests look at it.
pub const NOW: u64 = (START + YEAR) as u64;

pub const GENESIS: Genesis = Genesis([0x47; 32]);
pub const OWNER: Owner = Owner([0xa1; 24]);
pub const BANK: Bank = Bank(7);
/// Of every edition.
pub const SALT: Salt = Salt([0x5a; 16]);

/// A secret key.
#[derive(Clone, Debug)]
pub enum Secret {
    Ed25519(ed25519_zebra::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

/// The Ed25519 key whose seed is this byte 32 times.
pub fn ed25519(byte: u8) -> Secret {
    Secret::Ed25519([byte; 32].into())
}

/// The P-256 key whose secret is this byte 32 times.
pub fn p256(byte: u8) -> Secret {
    Secret::P256(p256::ecdsa::SigningKey::from_slice(&[byte; 32]).unwrap())
}

impl Secret {
    pub fn key(&self) -> PublicKey {
        PublicKey::decode(&match self {
            Self::Ed25519(key) => {
                let point: [u8; 32] = ed25519_zebra::VerificationKey::from(key).into();
                [&[1], &point[..]].concat()
            },
            Self::P256(key) => [&[2], key.verifying_key().to_encoded_point(true).as_bytes()].concat(),
        })
        .unwrap()
    }

    pub fn sign(&self, message: &[u8]) -> Signature {
        match self {
            Self::Ed25519(key) => Signature::Ed25519(key.sign(message).to_bytes()),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                Signature::p256_low(signature.to_bytes().into()).unwrap()
            },
        }
    }
}

/// The sr25519 key of an owner.
pub fn account() -> PublicKey {
    let point = curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED;
    PublicKey::decode(&[&[3], &point.0[..]].concat()).unwrap()
}

pub fn body(kind: Kind, issuer: &Secret, subject: PublicKey) -> Body {
    let below_bank = matches!(kind, Kind::Owner | Kind::Device);
    let years = match kind {
        Kind::Root => 20,
        Kind::Issuing | Kind::Registry | Kind::Bank => 4,
        Kind::Owner | Kind::Device => 2,
    };
    Body {
        kind,
        genesis: GENESIS,
        serial: 1,
        issuer: issuer.key().id(),
        not_before: START,
        not_after: START + years * YEAR,
        flags: if kind == Kind::Device { Flags::ROLLBACK_RESISTANT } else { Flags::NONE },
        class: if below_bank { 3 } else { 0 },
        max_hops: match kind {
            Kind::Bank => MAX_HOPS,
            Kind::Device => 5,
            _ => 0,
        },
        bank: if below_bank || kind == Kind::Bank { BANK } else { Bank(0) },
        owner: if below_bank { OWNER } else { Owner::NONE },
        subject,
    }
}

pub fn sign(body: Body, issuer: &Secret) -> Certificate {
    Certificate::new(body, issuer.sign(&body.payload())).unwrap()
}

pub fn sign_batch(batch: Batch, issuer: &Secret) -> BatchCertificate {
    BatchCertificate::new(batch, issuer.sign(&batch.payload())).unwrap()
}

pub fn sign_document<D: Document>(document: D, issuer: &Secret) -> Signed<D> {
    let signature = issuer.sign(&document.payload());
    Signed { document, signature }
}

/// One of each kind.
#[derive(Debug)]
pub struct World {
    pub root: Secret,
    pub issuing: Secret,
    pub registry: Secret,
    pub bank: Secret,
    pub device: Secret,
    pub root_certificate: Certificate,
    pub issuing_certificate: Certificate,
    pub registry_certificate: Certificate,
    pub bank_certificate: Certificate,
    pub device_certificate: Certificate,
    pub owner_certificate: Certificate,
}

impl World {
    pub fn new(root: Secret, issuing: Secret, registry: Secret, bank: Secret, device: Secret) -> Self {
        Self {
            root_certificate: sign(body(Kind::Root, &root, root.key()), &root),
            issuing_certificate: sign(body(Kind::Issuing, &root, issuing.key()), &root),
            registry_certificate: sign(Body { serial: 2, ..body(Kind::Registry, &root, registry.key()) }, &root),
            bank_certificate: sign(Body { serial: 3, ..body(Kind::Bank, &root, bank.key()) }, &root),
            device_certificate: sign(body(Kind::Device, &bank, device.key()), &bank),
            owner_certificate: sign(Body { serial: 2, ..body(Kind::Owner, &bank, account()) }, &bank),
            root,
            issuing,
            registry,
            bank,
            device,
        }
    }

    /// Ed25519 but for the device.
    pub fn first() -> Self {
        Self::new(ed25519(1), ed25519(2), ed25519(3), ed25519(4), p256(5))
    }

    /// P-256 but for the device.
    pub fn second() -> Self {
        Self::new(p256(11), p256(12), p256(13), p256(14), ed25519(15))
    }

    pub fn pinned(&self) -> Root {
        Root::pin(self.root_certificate, &GENESIS, &self.root.key()).unwrap()
    }

    pub fn batch(&self) -> Batch {
        Batch {
            genesis: GENESIS,
            batch: 12,
            denomination: 500,
            count: 1_000,
            seed: Seed([0x5e; 32]),
            signed_at: START + 1_000,
            issuer: self.issuing.key().id(),
        }
    }

    pub fn edition(&self, number: u32) -> Edition {
        let issued_at = START + YEAR - 3_600;
        Edition {
            genesis: GENESIS,
            number,
            issued_at,
            next_at: issued_at + 86_400,
            issuer: self.registry.key().id(),
            salt: SALT,
        }
    }

    pub fn list(&self, number: u32, items: &[Item]) -> List {
        let mut items = items.to_vec();
        items.sort();
        let entry = |item| Entry { item, reason: Reason::Compromised, since: 5_000 };
        List::new(self.edition(number), items.into_iter().map(entry).collect()).unwrap()
    }

    pub fn digest(&self, number: u32, items: &[Item]) -> Accepted<Digest> {
        sign_document(self.list(number, items).digest(), &self.registry)
            .verify(&self.pinned(), &self.registry_certificate, None)
            .unwrap()
    }
}

/// The `i`th of many items.
pub fn item(i: u32) -> Item {
    use blake2::{digest::consts::U32, Blake2b, Digest as _};
    let hash = Blake2b::<U32>::new().chain_update(b"specie/test/item").chain_update(i.to_le_bytes()).finalize();
    Item(hash[..16].try_into().unwrap())
}

/// A list of so many items, as `item`, `Lost`, since their own number.
pub fn many(edition: Edition, count: u32) -> List {
    let entry = |i| Entry { item: item(i), reason: Reason::Lost, since: i };
    let mut entries: Vec<Entry> = (0..count).map(entry).collect();
    entries.sort_by_key(|entry| entry.item);
    List::new(edition, entries).unwrap()
}
