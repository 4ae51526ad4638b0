//! Batches and printed serials.

use crate::{common::*, entry, plain, revocation::Digests};
use hex::encode as hex;
use serde_json::{json, Value};
use specie_certificates::*;

pub fn batches(first: &World, second: &World, digests: &Digests) -> Value {
    type Case<'a> = (&'a str, &'a World, Certificate, Vec<u8>, u64, &'a str, &'a str, usize);
    let batch = first.batch();
    let with = |change: &dyn Fn(Batch) -> Batch| sign_batch(change(batch), &first.issuing).encode();
    let bytes = with(&|b| b);
    let patch = |at: usize, new: &[u8]| {
        let mut patched = bytes.clone();
        patched[at..at + new.len()].copy_from_slice(new);
        patched
    };
    let second_bytes = sign_batch(second.batch(), &second.issuing).encode();
    let issuing = first.issuing_certificate;
    let long_after = u64::from(START) + 10 * u64::from(YEAR);
    let none = "nothing";
    let cases: Vec<Case> = vec![
        ("a thousand coins", first, issuing, bytes.clone(), NOW, none, "Ok", 0),
        ("p256", second, second.issuing_certificate, second_bytes.clone(), NOW, none, "Ok", 0),
        (
            "all coins there can be",
            first,
            issuing,
            with(&|b| Batch { batch: u32::MAX, count: u32::MAX, ..b }),
            NOW,
            none,
            "Ok",
            0,
        ),
        ("long after the issuing key expired", first, issuing, bytes.clone(), long_after, none, "Ok", 0),
        ("nothing", first, issuing, vec![], NOW, none, "Truncated", 2),
        ("last byte missing", first, issuing, bytes[..157].to_vec(), NOW, none, "Truncated", 2),
        ("trailing byte", first, issuing, [bytes.clone(), vec![0]].concat(), NOW, none, "TrailingBytes", 2),
        ("version 2", first, issuing, patch(0, &[2]), NOW, none, "UnknownVersion", 2),
        ("worthless coins", first, issuing, patch(37, &[0; 8]), NOW, none, "ZeroValue", 2),
        ("no coins", first, issuing, patch(45, &[0; 4]), NOW, none, "EmptyBatch", 2),
        ("altered value", first, issuing, patch(37, &[0xff]), NOW, none, "BadSignature", 2),
        ("altered count", first, issuing, patch(45, &[0xff]), NOW, none, "BadSignature", 2),
        ("altered seed", first, issuing, patch(49, &[0xff]), NOW, none, "BadSignature", 2),
        (
            "another network",
            first,
            issuing,
            with(&|b| Batch { genesis: Genesis([0x48; 32]), ..b }),
            NOW,
            none,
            "WrongNetwork",
            2,
        ),
        (
            "signed in the future",
            first,
            issuing,
            with(&|b| Batch { signed_at: NOW as u32 + 1, ..b }),
            NOW,
            none,
            "NotYetValid",
            2,
        ),
        (
            "signed before the root",
            first,
            issuing,
            with(&|b| Batch { signed_at: START - 1, ..b }),
            NOW,
            none,
            "NotYetValid",
            0,
        ),
        (
            "signed after the issuing key expired",
            first,
            issuing,
            with(&|b| Batch { signed_at: issuing.body().not_after + 1, ..b }),
            long_after,
            none,
            "Expired",
            1,
        ),
        ("root expired", first, issuing, bytes.clone(), long_after * 2, none, "Expired", 0),
        (
            "signed by the registry",
            first,
            first.registry_certificate,
            sign_batch(Batch { issuer: first.registry.key().id(), ..batch }, &first.registry).encode(),
            NOW,
            none,
            "WrongKind",
            1,
        ),
        ("another issuing key", first, issuing, second_bytes, NOW, none, "WrongIssuer", 2),
        (
            "signed with a wrong key",
            first,
            issuing,
            sign_batch(batch, &ed25519(9)).encode(),
            NOW,
            none,
            "BadSignature",
            2,
        ),
        ("issuing key revoked", first, issuing, bytes.clone(), NOW, "issuing key", "Revoked", 1),
        ("batch revoked", first, issuing, bytes.clone(), NOW, "batch", "Revoked", 2),
        (
            "signed anew after that",
            first,
            issuing,
            with(&|b| Batch { signed_at: b.signed_at + 1, ..b }),
            NOW,
            "batch",
            "Ok",
            0,
        ),
    ];
    let entries = cases.into_iter().map(|(name, world, issuing, bytes, now, digest, expected, position)| {
        let found = BatchCertificate::decode(&bytes)
            .map_err(|fault| Refused { position: 2, fault })
            .and_then(|batch| verify_batch(&world.pinned(), &issuing, &batch, now, digests.get(digest)));
        let found = found.map(|verified| {
            let batch = verified.batch();
            let indices = [0, 1, 2, 499, 999, batch.count - 1, batch.count];
            let coins = indices.map(|index| match verified.coin(index) {
                Ok(coin) => json!({"index": index, "verdict": "Ok", "serial": coin.serial.to_string()}),
                Err(fault) => json!({"index": index, "verdict": format!("{fault:?}")}),
            });
            json!({"item": hex(batch.item().0), "denomination": batch.denomination.to_string(), "coins": coins})
        });
        let fields = json!({
            "root": hex(world.root_certificate.encode()),
            "issuing": hex(issuing.encode()),
            "batch": hex(&bytes),
            "now": now,
            "digest": digest,
        });
        entry(name, fields, found, expected, position)
    });
    entries.collect()
}

pub fn serials() -> Value {
    let good = CoinSerial::new(&GENESIS, &Seed([0x5e; 32]), 12, 0).to_string();
    let last = if good.ends_with('0') { '1' } else { '0' };
    let altered = format!("{}{last}", &good[..23]);
    let signs: Vec<char> = good.chars().collect();
    let swap = (0..22).find(|i| signs[*i] != signs[i + 1] && signs[*i] != '-' && signs[i + 1] != '-').unwrap();
    let mut swapped = signs.clone();
    swapped.swap(swap, swap + 1);
    let cases = [
        ("as printed", good.clone(), "Ok"),
        ("small letters, no hyphens", good.replace('-', "").to_lowercase(), "Ok"),
        ("spaces", good.replace('-', " "), "Ok"),
        ("letters taken for digits", "OoOo-oooo-0000-0000-0000".into(), "Ok"),
        ("nothing", String::new(), "SerialLength"),
        ("a sign missing", good[..23].into(), "SerialLength"),
        ("a sign too many", format!("{good}0"), "SerialLength"),
        ("no such sign", format!("{}U", &good[..23]), "SerialSign"),
        ("not a letter of ours", format!("{}é", &good[..23]), "SerialSign"),
        ("wrong sign", altered, "SerialCheck"),
        ("two signs swapped", swapped.into_iter().collect(), "SerialCheck"),
    ];
    let entries = cases.into_iter().map(|(name, text, expected)| {
        let found = text.parse::<CoinSerial>().map(|serial| json!({"serial": serial.to_string()}));
        plain(name, json!({"text": text}), found, expected)
    });
    entries.collect()
}
