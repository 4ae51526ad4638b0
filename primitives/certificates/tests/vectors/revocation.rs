//! Lists and digests.

use crate::{common::*, entry};
use hex::encode as hex;
use serde_json::{json, Value};
use specie_certificates::*;

/// Digests that chains and batches refer to.
pub struct Digests(Vec<(&'static str, Accepted<Digest>, Vec<u8>)>);

impl Digests {
    pub fn new(first: &World) -> Self {
        let sets = [
            ("nothing", vec![]),
            ("device key", vec![first.device.key().item()]),
            ("device certificate", vec![first.device_certificate.body().item(), item(0), item(1)]),
            ("bank key", vec![item(0), item(1), item(2), first.bank.key().item()]),
            ("issuing key", vec![first.issuing.key().item()]),
            ("batch", vec![first.batch().item()]),
            ("registry key", vec![first.registry.key().item()]),
        ];
        let make = |(number, (name, items)): (u32, (&'static str, Vec<Item>))| {
            let digest = first.digest(number, &items);
            let bytes = sign_document(first.list(number, &items).digest(), &first.registry).encode();
            (name, digest, bytes)
        };
        Self((1..).zip(sets).map(make).collect())
    }

    pub fn get(&self, name: &str) -> &Accepted<Digest> {
        &self.0.iter().find(|(found, ..)| *found == name).unwrap().1
    }
}

pub fn digest_entries(digests: &Digests, first: &World) -> Value {
    let entries = digests.0.iter().map(|(name, _, bytes)| {
        json!({
            "name": name,
            "digest": hex(bytes),
            "root": hex(first.root_certificate.encode()),
            "registry": hex(first.registry_certificate.encode()),
        })
    });
    entries.collect()
}

fn document<D: Document>(first: &World, case: Case, held: Option<&Accepted<D>>) -> Value {
    let found = Signed::<D>::decode(&case.bytes)
        .map_err(|fault| Refused { position: 2, fault })
        .and_then(|signed| signed.verify(&first.pinned(), &case.registry, held))
        .map(|accepted| {
            let Standing { registry, number } = accepted.standing();
            let edition = accepted.edition();
            json!({
                "standing": {"registry": registry.to_string(), "number": number},
                "issued_at": edition.issued_at,
                "next_at": edition.next_at,
                "revoked": case.probes.iter().map(|item| accepted.is_revoked(item)).collect::<Vec<_>>(),
            })
        });
    let fields = json!({
        "form": case.form,
        "root": hex(first.root_certificate.encode()),
        "registry": hex(case.registry.encode()),
        "document": hex(&case.bytes),
        "held": case.held,
        "probes": case.probes.iter().map(|item| hex(item.0)).collect::<Vec<_>>(),
    });
    entry(case.name, fields, found, case.expected, case.position)
}

struct Case {
    name: &'static str,
    form: &'static str,
    registry: Certificate,
    bytes: Vec<u8>,
    held: Option<&'static str>,
    probes: Vec<Item>,
    expected: &'static str,
    position: usize,
}

pub fn documents(first: &World, digests: &Digests) -> Value {
    let list = many(first.edition(40), 20);
    let digest = many(first.edition(41), 600).digest();
    let list_bytes = sign_document(list.clone(), &first.registry).encode();
    let bytes = sign_document(digest.clone(), &first.registry).encode();
    let patch = |bytes: &[u8], at: usize, new: &[u8]| {
        let mut patched = bytes.to_vec();
        patched[at..at + new.len()].copy_from_slice(new);
        patched
    };
    let other = ed25519(30);
    let next = sign(Body { serial: 20, ..body(Kind::Registry, &first.root, other.key()) }, &first.root);
    let by_next = |number: u32, count: u32| {
        let edition = Edition { issuer: other.key().id(), ..first.edition(number) };
        sign_document(many(edition, count).digest(), &other).encode()
    };
    let with = |change: &dyn Fn(Edition) -> Edition| {
        sign_document(many(change(first.edition(41)), 3).digest(), &first.registry).encode()
    };
    let full = patch(&with(&|e| e)[..], 53, &4_000_001u32.to_le_bytes());
    // One number takes 21 or 22 bits of 24.
    let filled = {
        let mut filled = sign_document(many(first.edition(41), 1).digest(), &first.registry).encode();
        filled[EDITION_LEN + 2] |= 1;
        filled
    };
    let expired = first.registry_certificate.body().not_after + 1;
    let end = bytes.len() - SIGNATURE_LEN;
    let probes: Vec<_> = [0, 1, 19, 20, 599, 600, 601, 602].map(item).to_vec();
    let case = |name, form, bytes: &[u8], expected, position| Case {
        name,
        form,
        registry: first.registry_certificate,
        bytes: bytes.to_vec(),
        held: None,
        probes: if expected == "Ok" { probes.clone() } else { vec![] },
        expected,
        position,
    };
    let held = |case: Case, held| Case { held: Some(held), ..case };
    let under = |case: Case, registry| Case { registry, ..case };
    let (l, d) = ("list", "digest");
    let swapped = {
        let mut swapped = list_bytes.clone();
        let (one, two) = swapped[EDITION_LEN..].split_at_mut(ENTRY_LEN);
        one.swap_with_slice(&mut two[..ENTRY_LEN]);
        swapped
    };
    let cases = vec![
        case("list of 20", l, &list_bytes, "Ok", 0),
        case("digest of 600", d, &bytes, "Ok", 0),
        case("empty list", l, &sign_document(many(first.edition(1), 0), &first.registry).encode(), "Ok", 0),
        case("empty digest", d, &sign_document(many(first.edition(1), 0).digest(), &first.registry).encode(), "Ok", 0),
        held(case("newer than what is held", d, &bytes, "Ok", 0), "batch"),
        held(case("as old as what is held", d, &with(&|e| Edition { number: 6, ..e }), "NotNewer", 2), "batch"),
        held(case("older than what is held", d, &with(&|e| Edition { number: 5, ..e }), "NotNewer", 2), "batch"),
        held(under(case("later registry, lower number", d, &by_next(1, 3), "Ok", 0), next), "batch"),
        held(case("registry key revoked by what is held", d, &bytes, "Revoked", 1), "registry key"),
        held(under(case("registry replaced after that", d, &by_next(1, 3), "Ok", 0), next), "registry key"),
        case("nothing", d, &[], "Truncated", 2),
        case("header cut", d, &bytes[..100], "Truncated", 2),
        case("digest with a byte more", d, &[&bytes[..end], &[0], &bytes[end..]].concat(), "BadCode", 2),
        case("digest with a byte less", d, &[&bytes[..end - 1], &bytes[end..]].concat(), "BadCode", 2),
        case("digest with a count one lower", d, &patch(&bytes, 53, &599u32.to_le_bytes()), "BadCode", 2),
        case("digest with a bit in its filling", d, &filled, "BadCode", 2),
        case("digest altered", d, &patch(&bytes, 70, &[bytes[70] ^ 1]), "BadSignature", 2),
        case("digest with another salt", d, &patch(&bytes, 57, &[bytes[57] ^ 1]), "BadSignature", 2),
        case("digest read as a list", l, &bytes, "UnknownReason", 2),
        case("list read as a digest", d, &list_bytes, "BadCode", 2),
        case("list with a byte more", l, &[&list_bytes[..], &[0]].concat(), "TrailingBytes", 2),
        case("list one entry short", l, &patch(&list_bytes, 53, &[21]), "Truncated", 2),
        case("list one entry long", l, &patch(&list_bytes, 53, &[19]), "TrailingBytes", 2),
        case("list out of order", l, &swapped, "NotAscending", 2),
        case("list out of order with a byte more", l, &[&swapped[..], &[0]].concat(), "TrailingBytes", 2),
        case("list with no such reason", l, &patch(&list_bytes, EDITION_LEN + 16, &[6]), "UnknownReason", 2),
        case("list altered", l, &patch(&list_bytes, EDITION_LEN + 17, &[0xff]), "BadSignature", 2),
        case("too many entries", d, &full, "TooManyEntries", 2),
        case("version 2", d, &patch(&bytes, 0, &[2]), "UnknownVersion", 2),
        case("due before it was issued", d, &patch(&bytes, 41, &[0; 4]), "EmptyValidity", 2),
        case("unknown algorithm", d, &patch(&bytes, end, &[7]), "UnknownAlgorithm", 2),
        case("another network", d, &with(&|e| Edition { genesis: Genesis([0x48; 32]), ..e }), "WrongNetwork", 2),
        case("issued before the registry", d, &with(&|e| Edition { issued_at: START - 1, ..e }), "NotYetValid", 0),
        case(
            "issued after the registry expired",
            d,
            &with(&|e| Edition { issued_at: expired, next_at: expired, ..e }),
            "Expired",
            1,
        ),
        under(case("signed by a bank", d, &bytes, "WrongKind", 1), first.bank_certificate),
        under(case("another registry key", d, &bytes, "WrongIssuer", 2), next),
        case("signed with a wrong key", d, &sign_document(digest.clone(), &other).encode(), "BadSignature", 2),
    ];
    let entries = cases.into_iter().map(|case| match case.form {
        "list" => document::<List>(first, case, None),
        _ => {
            let held = case.held.map(|held| digests.get(held));
            document::<Digest>(first, case, held)
        },
    });
    entries.collect()
}

/// Digests of long lists, by the hash of their payload.
pub fn sizes(first: &World) -> Value {
    let entries =
        [(0, 138), (1, 141), (600, 1_758), (10_000, 27_107), (1_000_000, 2_697_842)].map(|(count, length)| {
            let digest = many(first.edition(41), count).digest();
            let signed = sign_document(digest.clone(), &first.registry).encode();
            assert_eq!(signed.len(), length, "{count}");
            // 22 bits an entry at most.
            assert!(signed.len() <= EDITION_LEN + SIGNATURE_LEN + (22 * count as usize).div_ceil(8));
            assert!(signed.len() >= EDITION_LEN + SIGNATURE_LEN + (21 * count as usize).div_ceil(8));
            let hash = <blake2::Blake2b<blake2::digest::consts::U32> as blake2::Digest>::digest(digest.payload());
            json!({"count": count, "length": length, "payload_hash": hex(hash)})
        });
    json!({
        "number": 41,
        "genesis": hex(GENESIS.0),
        "issued_at": first.edition(41).issued_at,
        "next_at": first.edition(41).next_at,
        "issuer": hex(first.registry.key().id().0),
        "salt": hex(SALT.0),
        "entries": entries,
    })
}
