//! `docs/protocol/vectors/certificates.json` says what this crate does.
//!
//! Each vector states its verdict here, by hand. `SPECIE_WRITE_VECTORS=1 cargo test` writes the file anew.

mod certificates;
mod coins;
#[path = "../common/mod.rs"]
mod common;
mod keys;
mod revocation;

use common::*;
use hex::encode as hex;
use serde_json::{json, Map, Value};
use specie_certificates::*;
use std::{fmt::Write as _, path::Path};

/// A vector: its own fields, then the verdict and where it fell.
fn entry(name: &str, fields: Value, found: Result<Value, Refused>, expected: &str, position: usize) -> Value {
    let Value::Object(mut entry) = fields else { panic!("{name}: not an object") };
    entry.insert("name".into(), json!(name));
    entry.insert("verdict".into(), json!(expected));
    match found {
        Ok(shown) => {
            assert_eq!(expected, "Ok", "{name}");
            if let Value::Object(shown) = shown {
                entry.extend(shown);
            }
        },
        Err(refused) => {
            assert_eq!((format!("{:?}", refused.fault), refused.position), (expected.into(), position), "{name}");
            entry.insert("position".into(), json!(position));
        },
    }
    Value::Object(entry)
}

/// A vector of something that has no position.
fn plain(name: &str, fields: Value, found: Result<Value, Fault>, expected: &str) -> Value {
    let mut entry = entry(name, fields, found.map_err(|fault| Refused { position: 0, fault }), expected, 0);
    entry.as_object_mut().unwrap().remove("position");
    entry
}

fn show(body: &Body) -> Value {
    json!({
        "kind": format!("{:?}", body.kind),
        "genesis": hex(body.genesis.0),
        "serial": body.serial.to_string(),
        "issuer": hex(body.issuer.0),
        "not_before": body.not_before,
        "not_after": body.not_after,
        "rollback_resistant": body.flags.contains(Flags::ROLLBACK_RESISTANT),
        "anonymous": body.flags.contains(Flags::ANONYMOUS),
        "class": body.class,
        "max_hops": body.max_hops,
        "bank": body.bank.0,
        "owner": hex(body.owner.0),
        "subject": hex(body.subject.encode()),
    })
}

fn vectors() -> Value {
    let (first, second) = (World::first(), World::second());
    let digests = revocation::Digests::new(&first);
    json!({
        "about": "Vectors of docs/protocol/certificates.md. Bytes are hexadecimal. A verdict is Ok or the name of a fault; \
                  position says how far below the root it was found. Written by the tests of specie-certificates.",
        "keys": keys::keys(),
        "small_order": keys::small_order_signatures(),
        "ed25519": keys::ed25519_signatures(),
        "signatures": keys::signatures(),
        "certificates": certificates::certificates(&first, &second),
        "roots": certificates::roots(&first, &second),
        "digests": revocation::digest_entries(&digests, &first),
        "chains": certificates::chains(&first, &second, &digests),
        "renewals": certificates::renewals(&first),
        "possessions": certificates::possessions(&first, &second),
        "batches": coins::batches(&first, &second, &digests),
        "serials": coins::serials(),
        "documents": revocation::documents(&first, &digests),
        "sizes": revocation::sizes(&first),
    })
}

/// One line a vector, the name first.
fn print(value: &Value, depth: usize, out: &mut String) {
    let object = |map: &Map<String, Value>, out: &mut String| {
        let mut fields: Vec<_> = map.iter().collect();
        fields.sort_by_key(|(key, _)| (*key != "name", *key));
        let separator = if depth == 0 { ",\n  " } else { ", " };
        out.push_str(if depth == 0 { "{\n  " } else { "{" });
        for (i, (key, value)) in fields.into_iter().enumerate() {
            out.push_str(if i == 0 { "" } else { separator });
            write!(out, "{}: ", json!(key)).unwrap();
            print(value, depth + 1, out);
        }
        out.push_str(if depth == 0 { "\n}\n" } else { "}" });
    };
    match value {
        Value::Object(map) => object(map, out),
        Value::Array(list) if depth < 2 && !list.is_empty() => {
            for (i, value) in list.iter().enumerate() {
                out.push_str(if i == 0 { "[\n    " } else { ",\n    " });
                print(value, depth + 1, out);
            }
            out.push_str("\n  ]");
        },
        other => write!(out, "{other}").unwrap(),
    }
}

#[test]
fn the_file_says_what_the_code_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol/vectors/certificates.json");
    let vectors = vectors();
    if std::env::var_os("SPECIE_WRITE_VECTORS").is_some() {
        let mut text = String::new();
        print(&vectors, 0, &mut text);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), vectors);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let text = std::fs::read_to_string(&path).expect("the vectors are there");
    let file: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    for (section, expected) in vectors.as_object().unwrap() {
        assert_eq!(&file[section], expected, "section {section}; SPECIE_WRITE_VECTORS=1 writes it anew");
    }
    assert_eq!(file.as_object().map(Map::len), vectors.as_object().map(Map::len));
}

#[test]
fn every_fault_has_a_vector() {
    let text = vectors().to_string();
    let all = [
        Fault::Truncated,
        Fault::TrailingBytes,
        Fault::UnknownVersion,
        Fault::UnknownKind,
        Fault::UnknownFlags,
        Fault::UnknownAlgorithm,
        Fault::NotOnCurve,
        Fault::NonCanonicalKey,
        Fault::SmallOrderKey,
        Fault::MixedOrderKey,
        Fault::EmptyValidity,
        Fault::AlgorithmNotAllowed,
        Fault::FieldNotAllowed,
        Fault::OwnerMissing,
        Fault::TooManyHops,
        Fault::NotSelfSigned,
        Fault::SelfSigned,
        Fault::WrongRoot,
        Fault::WrongNetwork,
        Fault::EmptyChain,
        Fault::ChainTooLong,
        Fault::WrongKind,
        Fault::WrongIssuer,
        Fault::WrongBank,
        Fault::NotYetValid,
        Fault::Expired,
        Fault::WrongAlgorithm,
        Fault::HighS,
        Fault::BadSignature,
        Fault::Revoked,
        Fault::OtherKey,
        Fault::OtherHolder,
        Fault::NotNewer,
        Fault::EmptyBatch,
        Fault::ZeroValue,
        Fault::NotInBatch,
        Fault::TooManyEntries,
        Fault::NotAscending,
        Fault::UnknownReason,
        Fault::BadCode,
        Fault::SerialLength,
        Fault::SerialSign,
        Fault::SerialCheck,
    ];
    for fault in all {
        assert!(text.contains(&format!("\"verdict\":\"{fault:?}\"")), "{fault:?}");
        assert!(!fault.to_string().is_empty());
    }
}
