//! Certificates, chains and renewals.

use crate::{
    common::*,
    entry,
    keys::{high, mixed_order_key, no_point, scalar, small_order},
    plain,
    revocation::Digests,
    show,
};
use hex::encode as hex;
use serde_json::{json, Value};
use specie_certificates::*;

pub fn certificates(first: &World, second: &World) -> Value {
    let device = first.device_certificate.encode();
    let patch = |base: &Certificate, at: usize, bytes: &[u8]| {
        let mut patched = base.encode();
        patched[at..at + bytes.len()].copy_from_slice(bytes);
        patched
    };
    let card = sign(
        Body { flags: Flags::ANONYMOUS, owner: Owner::NONE, max_hops: 1, ..*first.device_certificate.body() },
        &first.bank,
    );
    let terminal = sign(Body { flags: Flags::NONE, max_hops: 0, ..*first.device_certificate.body() }, &first.bank);
    let extreme = sign(
        Body {
            serial: u64::MAX,
            not_before: 0,
            not_after: u32::MAX,
            class: 255,
            bank: Bank(u32::MAX),
            ..*first.device_certificate.body()
        },
        &first.bank,
    );
    let (root, bank, owner) = (&first.root_certificate, &first.bank_certificate, &first.owner_certificate);
    let small = small_order();
    let cases = [
        ("root", root.encode(), "Ok"),
        ("issuing key", first.issuing_certificate.encode(), "Ok"),
        ("registry key", first.registry_certificate.encode(), "Ok"),
        ("bank", bank.encode(), "Ok"),
        ("device, p256", device.clone(), "Ok"),
        ("owner, sr25519", owner.encode(), "Ok"),
        ("root, p256", second.root_certificate.encode(), "Ok"),
        ("device, ed25519 under p256", second.device_certificate.encode(), "Ok"),
        ("anonymous card", card.encode(), "Ok"),
        ("terminal", terminal.encode(), "Ok"),
        ("largest numbers", extreme.encode(), "Ok"),
        ("nothing", vec![], "Truncated"),
        ("last byte missing", device[..device.len() - 1].to_vec(), "Truncated"),
        ("cut in the header", device[..70].to_vec(), "Truncated"),
        ("trailing byte", [device.clone(), vec![0]].concat(), "TrailingBytes"),
        ("version 0", patch(bank, 0, &[0]), "UnknownVersion"),
        ("version 2", patch(bank, 0, &[2]), "UnknownVersion"),
        ("kind 0", patch(bank, 1, &[0]), "UnknownKind"),
        ("kind 7", patch(bank, 1, &[7]), "UnknownKind"),
        ("unknown flag", patch(&first.device_certificate, 58, &[5]), "UnknownFlags"),
        ("subject's algorithm unknown", patch(bank, 89, &[9]), "UnknownAlgorithm"),
        ("signature's algorithm unknown", patch(bank, 122, &[9]), "UnknownAlgorithm"),
        ("subject is no point", patch(bank, 90, &no_point()), "NotOnCurve"),
        ("subject of small order", patch(bank, 90, &small[2]), "SmallOrderKey"),
        ("subject not canonical", patch(bank, 90, &small[8]), "NonCanonicalKey"),
        ("subject of mixed order", patch(bank, 90, &mixed_order_key(&scalar("a"))), "MixedOrderKey"),
        ("ends before it begins", patch(bank, 54, &(START - 1).to_le_bytes()), "EmptyValidity"),
        ("bank with an account key", patch(bank, 89, &account().encode()), "AlgorithmNotAllowed"),
        ("bank with a flag", patch(bank, 58, &[1]), "FieldNotAllowed"),
        ("bank with a class", patch(bank, 59, &[1]), "FieldNotAllowed"),
        ("owner with hops", patch(owner, 60, &[1]), "FieldNotAllowed"),
        ("root with a bank", patch(root, 61, &[1]), "FieldNotAllowed"),
        ("bank with an owner", patch(bank, 65, &[1]), "FieldNotAllowed"),
        ("anonymous card with an owner", patch(&first.device_certificate, 58, &[2]), "FieldNotAllowed"),
        ("owner without an owner", patch(owner, 65, &[0; 24]), "OwnerMissing"),
        ("device without an owner", patch(&first.device_certificate, 65, &[0; 24]), "OwnerMissing"),
        ("eleven hops", patch(bank, 60, &[11]), "TooManyHops"),
        ("anonymous card with two hops", patch(&card, 60, &[2]), "TooManyHops"),
        ("root issued by another", patch(root, 42, &[1]), "NotSelfSigned"),
        ("bank issued by itself", patch(bank, 42, &first.bank.key().id().0), "SelfSigned"),
    ];
    let entries = cases.into_iter().map(|(name, bytes, expected)| {
        let found = Certificate::decode(&bytes).map(|certificate| {
            let short = certificate.encode_short();
            assert_eq!(Certificate::decode_short(&certificate.body().genesis, &short), Ok(certificate));
            json!({
                "body": show(certificate.body()),
                "item": hex(certificate.body().item().0),
                "short": hex(short),
            })
        });
        plain(name, json!({"certificate": hex(&bytes)}), found, expected)
    });
    entries.collect()
}

pub fn roots(first: &World, second: &World) -> Value {
    let other = Genesis([0x48; 32]);
    let forged = Certificate::new(*first.root_certificate.body(), first.bank.sign(b"")).unwrap();
    let cases = [
        ("ed25519", first.root_certificate, GENESIS, first.root.key(), "Ok"),
        ("p256", second.root_certificate, GENESIS, second.root.key(), "Ok"),
        ("another network", first.root_certificate, other, first.root.key(), "WrongNetwork"),
        ("a bank", first.bank_certificate, GENESIS, first.bank.key(), "WrongKind"),
        ("another root", first.root_certificate, GENESIS, second.root.key(), "WrongRoot"),
        ("signed by another", forged, GENESIS, first.root.key(), "BadSignature"),
    ];
    let entries = cases.into_iter().map(|(name, root, genesis, key, expected)| {
        let found = Root::pin(root, &genesis, &key).map(|_| Value::Null);
        let fields = json!({"certificate": hex(root.encode()), "genesis": hex(genesis.0), "key": hex(key.encode())});
        plain(name, fields, found, expected)
    });
    entries.collect()
}

pub fn chains(first: &World, second: &World, digests: &Digests) -> Value {
    type Case<'a> = (&'a str, &'a World, Vec<Vec<u8>>, u64, &'a str, &'a str, usize);
    let (bank, device) = (first.bank_certificate, first.device_certificate);
    let chain = |certificates: &[Certificate]| certificates.iter().map(Certificate::encode).collect::<Vec<_>>();
    let plain = chain(&[bank, device]);
    let issue = |change: &dyn Fn(Body) -> Body, signer: &Secret| sign(change(*device.body()), signer);
    let device_with = |change: &dyn Fn(Body) -> Body| chain(&[bank, issue(change, &first.bank)]);
    let bank_with = |change: &dyn Fn(Body) -> Body| chain(&[sign(change(*bank.body()), &first.root), device]);
    let altered = |at: usize| {
        let mut bytes = device.encode();
        bytes[at] ^= 1;
        vec![bank.encode(), bytes]
    };
    let (p256_bank, p256_device) = (second.bank_certificate, second.device_certificate);
    let high_s = Certificate::new(*p256_device.body(), high(*p256_device.signature())).unwrap();
    let other_tag = Certificate::new(*device.body(), second.bank.sign(&device.body().payload())).unwrap();
    let end = u64::from(device.body().not_after);
    let start = u64::from(START);
    let none = "nothing";
    let small = {
        let mut bytes = p256_device.encode();
        bytes[90..122].copy_from_slice(&small_order()[0]);
        vec![p256_bank.encode(), bytes]
    };
    let not_canonical = {
        let mut bytes = p256_device.encode();
        bytes[90..122].copy_from_slice(&small_order()[8]);
        vec![p256_bank.encode(), bytes]
    };
    let cases: Vec<Case> = vec![
        ("device", first, plain.clone(), NOW, none, "Ok", 0),
        ("owner", first, chain(&[bank, first.owner_certificate]), NOW, none, "Ok", 0),
        ("bank", first, chain(&[bank]), NOW, none, "Ok", 0),
        ("issuing key", first, chain(&[first.issuing_certificate]), NOW, none, "Ok", 0),
        ("registry key", first, chain(&[first.registry_certificate]), NOW, none, "Ok", 0),
        ("p256 all the way", second, chain(&[p256_bank, p256_device]), NOW, none, "Ok", 0),
        ("first second", first, plain.clone(), start, none, "Ok", 0),
        ("last second", first, plain.clone(), end, none, "Ok", 0),
        (
            "renewed bank, same key",
            first,
            bank_with(&|b| Body { serial: 9, not_after: b.not_after + YEAR, ..b }),
            NOW,
            none,
            "Ok",
            0,
        ),
        ("nobody in particular revoked", first, chain(&[bank, first.owner_certificate]), NOW, "device key", "Ok", 0),
        ("no certificate", first, vec![], NOW, none, "EmptyChain", 1),
        ("three certificates", first, chain(&[bank, device, device]), NOW, none, "ChainTooLong", 3),
        ("root not yet valid", first, plain.clone(), start - 1, none, "NotYetValid", 0),
        ("root expired", first, plain.clone(), start + u64::from(YEAR) * 20 + 1, none, "Expired", 0),
        ("device expired", first, plain.clone(), end + 1, none, "Expired", 2),
        ("bank expired", first, bank_with(&|b| Body { not_after: NOW as u32 - 1, ..b }), NOW, none, "Expired", 1),
        (
            "device not yet valid",
            first,
            device_with(&|b| Body { not_before: NOW as u32 + 1, ..b }),
            NOW,
            none,
            "NotYetValid",
            2,
        ),
        (
            "bank not yet valid",
            first,
            bank_with(&|b| Body { not_before: NOW as u32 + 1, ..b }),
            NOW,
            none,
            "NotYetValid",
            1,
        ),
        (
            "bank of another network",
            first,
            bank_with(&|b| Body { genesis: Genesis([0x48; 32]), ..b }),
            NOW,
            none,
            "WrongNetwork",
            1,
        ),
        (
            "device of another network",
            first,
            device_with(&|b| Body { genesis: Genesis([0x48; 32]), ..b }),
            NOW,
            none,
            "WrongNetwork",
            2,
        ),
        ("root in the chain", first, chain(&[first.root_certificate, bank]), NOW, none, "WrongKind", 1),
        ("device right below the root", first, chain(&[device]), NOW, none, "WrongKind", 1),
        ("upside down", first, chain(&[device, bank]), NOW, none, "WrongKind", 1),
        ("bank below a bank", first, chain(&[bank, bank]), NOW, none, "WrongKind", 2),
        ("device below the issuing key", first, chain(&[first.issuing_certificate, device]), NOW, none, "WrongKind", 2),
        (
            "device below a device",
            first,
            chain(&[bank, device])[1..].iter().cloned().chain(chain(&[device])).collect(),
            NOW,
            none,
            "WrongKind",
            1,
        ),
        ("bank of another root", first, chain(&[p256_bank, p256_device]), NOW, none, "WrongIssuer", 1),
        ("device of another bank's key", first, chain(&[bank, p256_device]), NOW, none, "WrongIssuer", 2),
        ("device for another bank", first, device_with(&|b| Body { bank: Bank(8), ..b }), NOW, none, "WrongBank", 2),
        (
            "more hops than the bank may grant",
            first,
            bank_with(&|b| Body { max_hops: 4, ..b }),
            NOW,
            none,
            "TooManyHops",
            2,
        ),
        (
            "device signed with a wrong key",
            first,
            chain(&[bank, issue(&|b| b, &ed25519(9))]),
            NOW,
            none,
            "BadSignature",
            2,
        ),
        (
            "bank signed with a wrong key",
            first,
            chain(&[sign(*bank.body(), &ed25519(9)), device]),
            NOW,
            none,
            "BadSignature",
            1,
        ),
        ("signature of another algorithm", first, chain(&[bank, other_tag]), NOW, none, "WrongAlgorithm", 2),
        ("high s", second, chain(&[p256_bank, high_s]), NOW, none, "HighS", 2),
        ("key of small order", second, small, NOW, none, "SmallOrderKey", 2),
        ("key not canonical", second, not_canonical, NOW, none, "NonCanonicalKey", 2),
        ("altered class", first, altered(59), NOW, none, "BadSignature", 2),
        ("altered serial", first, altered(34), NOW, none, "BadSignature", 2),
        ("altered signature", first, altered(150), NOW, none, "BadSignature", 2),
        (
            "trailing byte",
            first,
            vec![bank.encode(), [device.encode(), vec![0]].concat()],
            NOW,
            none,
            "TrailingBytes",
            2,
        ),
        ("device's key revoked", first, plain.clone(), NOW, "device key", "Revoked", 2),
        ("device's certificate revoked", first, plain.clone(), NOW, "device certificate", "Revoked", 2),
        (
            "renewed after its certificate was revoked",
            first,
            device_with(&|b| Body { serial: 7, ..b }),
            NOW,
            "device certificate",
            "Ok",
            0,
        ),
        ("bank's key revoked", first, plain.clone(), NOW, "bank key", "Revoked", 1),
    ];
    let entries = cases.into_iter().map(|(name, world, chain, now, digest, expected, position)| {
        let read = chain
            .iter()
            .zip(1..)
            .map(|(bytes, position)| Certificate::decode(bytes).map_err(|fault| Refused { position, fault }));
        let found = read
            .collect::<Result<Vec<_>, _>>()
            .and_then(|chain| verify_chain(&world.pinned(), &chain, now, digests.get(digest)));
        let found = found.map(|verified| {
            json!({"verified": {
                "kind": format!("{:?}", verified.kind),
                "key": hex(verified.key.encode()),
                "bank": verified.bank.map(|bank| bank.0),
                "owner": verified.owner.map(|owner| hex(owner.0)),
                "class": verified.class,
                "max_hops": verified.max_hops,
                "rollback_resistant": verified.flags.contains(Flags::ROLLBACK_RESISTANT),
                "anonymous": verified.flags.contains(Flags::ANONYMOUS),
                "valid_until": verified.valid_until,
            }})
        });
        let chain: Vec<_> = chain.iter().map(hex).collect();
        let root = hex(world.root_certificate.encode());
        entry(name, json!({"root": root, "chain": chain, "now": now, "digest": digest}), found, expected, position)
    });
    entries.collect()
}

pub fn renewals(first: &World) -> Value {
    let old = *first.device_certificate.body();
    let other_issuer = ed25519(40).key().id();
    let cases = [
        ("higher serial", Body { serial: 2, ..old }, "Ok"),
        ("higher serial, other limits", Body { serial: 2, class: 1, max_hops: 1, ..old }, "Ok"),
        ("another issuing key, later beginning", Body { issuer: other_issuer, not_before: START + 1, ..old }, "Ok"),
        ("the same", old, "NotNewer"),
        ("lower serial, later beginning", Body { serial: 0, not_before: START + 1, ..old }, "NotNewer"),
        ("another issuing key, same beginning", Body { issuer: other_issuer, serial: 9, ..old }, "NotNewer"),
        ("another network", Body { genesis: Genesis([0x48; 32]), serial: 2, ..old }, "WrongNetwork"),
        ("another kind", Body { kind: Kind::Owner, flags: Flags::NONE, max_hops: 0, serial: 2, ..old }, "WrongKind"),
        ("another key", Body { subject: p256(50).key(), serial: 2, ..old }, "OtherKey"),
        ("another bank", Body { bank: Bank(8), serial: 2, ..old }, "OtherHolder"),
        ("another owner", Body { owner: Owner([0xa2; 24]), serial: 2, ..old }, "OtherHolder"),
    ];
    let entries = cases.into_iter().map(|(name, new, expected)| {
        let fields = json!({
            "old": hex(first.device_certificate.encode()),
            "new": hex(sign(new, &first.bank).encode()),
        });
        plain(name, fields, check_renewal(&old, &new).map(|()| Value::Null), expected)
    });
    entries.collect()
}

/// Signatures by which a certified key shows itself.
pub fn possessions(first: &World, second: &World) -> Value {
    let (bank, p256_bank) = (first.bank_certificate, second.bank_certificate);
    let shown = |certificate: Certificate, secret: &Secret| secret.sign(&certificate.body().possession());
    let renewed = Body { serial: 9, ..*bank.body() };
    let cases = [
        ("bank", bank, shown(bank, &first.bank), "Ok"),
        ("bank, p256", p256_bank, shown(p256_bank, &second.bank), "Ok"),
        ("device", first.device_certificate, shown(first.device_certificate, &first.device), "Ok"),
        ("by the issuer", bank, shown(bank, &first.root), "BadSignature"),
        ("by a key of another algorithm", bank, shown(bank, &second.bank), "WrongAlgorithm"),
        ("for another certificate of the key", bank, first.bank.sign(&renewed.possession()), "BadSignature"),
        ("without its own tag", bank, first.bank.sign(&bank.body().payload()), "BadSignature"),
    ];
    let entries = cases.into_iter().map(|(name, certificate, signature, expected)| {
        let fields = json!({ "certificate": hex(certificate.encode()), "possession": hex(signature.encode()) });
        let body = certificate.body();
        plain(name, fields, body.subject.verify(&body.possession(), &signature).map(|()| Value::Null), expected)
    });
    entries.collect()
}
