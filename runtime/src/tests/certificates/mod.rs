//! Certificates on the chain, made by the code that makes them off the chain.

mod batches;
mod random;
mod revocations;
mod roots;

use super::*;
use frame_support::BoundedVec;
use p256::ecdsa::signature::Signer as _;
use pallet_certificates::{Call, Error, Event};
use sp_core::ed25519;
use specie_certificates::{
    verify_batch, Bank, Batch, BatchCertificate, Body, Certificate, Flags, Genesis, Kind, NoneRevoked, Owner,
    PublicKey, Root, Seed, Signature,
};
use specie_primitives::certificates::{BatchCertificateBytes, CertificateBytes, RevocationReason, RevokedItem};

/// When these tests play, in seconds since 1970.
const NOW: u32 = 1_800_000_000;
/// Seconds of 365 days.
const YEAR: u32 = 31_536_000;
/// A key of the role that keeps the certificates.
const REGISTRY: &str = "//Registry//1";
/// A key of the role that issues coins.
const ISSUING: &str = "//Issuing//1";

/// A secret that signs certificates.
enum Secret {
    Ed25519(ed25519::Pair),
    P256(p256::ecdsa::SigningKey),
}

impl Secret {
    fn ed25519(uri: &str) -> Self {
        Self::Ed25519(ed25519::Pair::from_string(uri, None).expect("a development URI"))
    }

    fn p256(byte: u8) -> Self {
        Self::P256(p256::ecdsa::SigningKey::from_slice(&[byte; 32]).expect("a secret"))
    }

    fn key(&self) -> PublicKey {
        let bytes = match self {
            Self::Ed25519(pair) => genesis::ed25519_key(pair.public()).0,
            Self::P256(key) => [&[2u8][..], key.verifying_key().to_encoded_point(true).as_bytes()].concat(),
        };
        PublicKey::decode(&bytes).expect("a key")
    }

    fn sign(&self, message: &[u8]) -> Signature {
        match self {
            Self::Ed25519(pair) => Signature::Ed25519(pair.sign(message).0),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                Signature::p256_low(signature.to_bytes().into()).expect("a signature")
            },
        }
    }
}

/// The secrets of a small world.
struct World {
    root: Secret,
    issuing: Secret,
    registry: Secret,
    bank: Secret,
}

impl World {
    fn new() -> Self {
        Self {
            root: Secret::ed25519(genesis::LOCAL_ROOT),
            issuing: Secret::ed25519("//Certificate//Issuing"),
            registry: Secret::p256(3),
            bank: Secret::ed25519("//Certificate//BankA"),
        }
    }

    fn root_body(&self) -> Body {
        body(Kind::Root, &self.root, self.root.key())
    }

    fn issuing_body(&self) -> Body {
        body(Kind::Issuing, &self.root, self.issuing.key())
    }

    fn registry_body(&self) -> Body {
        Body { serial: 2, ..body(Kind::Registry, &self.root, self.registry.key()) }
    }

    fn bank_body(&self) -> Body {
        Body { serial: 3, ..body(Kind::Bank, &self.root, self.bank.key()) }
    }

    /// A device of bank A's.
    fn device_body(&self) -> Body {
        body(Kind::Device, &self.bank, Secret::p256(5).key())
    }
}

fn network() -> Genesis {
    Genesis(System::block_hash(0).0)
}

/// What a certificate of this kind says, of bank A where it is a bank's.
fn body(kind: Kind, issuer: &Secret, subject: PublicKey) -> Body {
    let below_bank = matches!(kind, Kind::Owner | Kind::Device);
    Body {
        kind,
        genesis: network(),
        serial: 1,
        issuer: issuer.key().id(),
        not_before: NOW - YEAR,
        not_after: NOW + YEAR,
        flags: Flags::NONE,
        class: 0,
        max_hops: if matches!(kind, Kind::Bank | Kind::Device) { 5 } else { 0 },
        bank: if below_bank || kind == Kind::Bank { Bank(BANK_A.0) } else { Bank(0) },
        owner: if below_bank { Owner([7; 24]) } else { Owner::NONE },
        subject,
    }
}

fn signed(body: Body, issuer: &Secret) -> CertificateBytes {
    let certificate = Certificate::new(body, issuer.sign(&body.payload())).expect("a certificate");
    BoundedVec::truncate_from(certificate.encode())
}

fn publish(body: Body, issuer: &Secret) -> Call<Runtime> {
    Call::publish { certificate: signed(body, issuer) }
}

fn publish_bank(body: Body, issuer: &Secret, holder: &Secret) -> Call<Runtime> {
    let possession = BoundedVec::truncate_from(holder.sign(&body.possession()).encode());
    Call::publish_bank { certificate: signed(body, issuer), possession }
}

/// The local network at [`NOW`].
fn run_now(test: impl FnOnce(World)) {
    run(|| {
        pallet_timestamp::Now::<Runtime>::put(u64::from(NOW) * 1_000);
        test(World::new());
    });
}

/// The same with all certificates published.
fn run_published(test: impl FnOnce(World)) {
    run_now(|world| {
        assert_ok!(call(REGISTRY, publish(world.root_body(), &world.root)));
        assert_ok!(call(REGISTRY, publish(world.issuing_body(), &world.root)));
        assert_ok!(call(REGISTRY, publish(world.registry_body(), &world.root)));
        assert_ok!(call("//BankA", publish_bank(world.bank_body(), &world.root, &world.bank)));
        test(world);
    });
}

/// The item of a key as the chain names it.
fn item_of(key: PublicKey) -> RevokedItem {
    RevokedItem(key.item().0)
}

fn revoke_item(item: RevokedItem) -> Call<Runtime> {
    Call::revoke_item { item, reason: RevocationReason::Compromised, since: System::block_number() }
}
