//! Keys and signatures.

use crate::{common::*, plain};
use curve25519_dalek::{constants, edwards::CompressedEdwardsY, ristretto::CompressedRistretto, EdwardsPoint, Scalar};
use hex::encode as hex;
use serde_json::{json, Value};
use sha2::{Digest as _, Sha512};
use specie_certificates::*;

fn tagged(tag: u8, point: &[u8]) -> Vec<u8> {
    [&[tag], point].concat()
}

/// A scalar that nobody would choose.
pub fn scalar(text: &str) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(text).into())
}

/// Little-endian number of 32 bytes below 2^16, plus the field's modulus if so asked.
fn coordinate(small: u16, plus_modulus: bool) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&small.to_le_bytes());
    if plus_modulus {
        bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + small as u8, 0x7f);
    }
    bytes
}

fn is_point(bytes: [u8; 32]) -> bool {
    CompressedEdwardsY(bytes).decompress().is_some()
}

pub fn no_point() -> [u8; 32] {
    (2..).map(|y| coordinate(y, false)).find(|y| !is_point(*y)).unwrap()
}

fn no_account() -> [u8; 32] {
    let is_none = |s: &[u8; 32]| CompressedRistretto(*s).decompress().is_none();
    (2..).step_by(2).map(|s| coordinate(s, false)).find(is_none).unwrap()
}

/// The 14 encodings of the 8 points of small order.
pub fn small_order() -> Vec<[u8; 32]> {
    let mut all: Vec<_> = constants::EIGHT_TORSION.iter().map(|point| point.compress().0).collect();
    for y in [coordinate(1, false), coordinate(0, true), coordinate(1, true), all[4]] {
        for sign in [0, 0x80] {
            let mut bytes = y;
            bytes[31] |= sign;
            if !all.contains(&bytes) {
                all.push(bytes);
            }
        }
    }
    assert_eq!(all.len(), 14);
    assert!(all.iter().all(|bytes| CompressedEdwardsY(*bytes).decompress().unwrap().is_small_order()));
    all
}

pub fn mixed_order_key(secret: &Scalar) -> [u8; 32] {
    (EdwardsPoint::mul_base(secret) + constants::EIGHT_TORSION[1]).compress().0
}

pub fn keys() -> Value {
    let small = small_order();
    let large = (3..19).map(|y| coordinate(y, true)).find(|y| is_point(*y)).unwrap();
    let p256_x = |form: u8, x: [u8; 32]| tagged(2, &tagged(form, &x));
    let p256_modulus = {
        let mut x = [0xff; 32];
        x[4..20].fill(0);
        x[7] = 1;
        x
    };
    let no_p256_point = (1..=255)
        .map(|low| {
            let mut x = [0; 32];
            x[31] = low;
            x
        })
        .find(|x| p256::ecdsa::VerifyingKey::from_sec1_bytes(&tagged(2, x)).is_err())
        .unwrap();
    let mut cases = vec![
        ("ed25519".to_owned(), ed25519(1).key().encode(), "Ok"),
        ("p256".into(), p256(5).key().encode(), "Ok"),
        ("p256, odd y".into(), (1..).map(|i| p256(i).key().encode()).find(|key| key[1] == 3).unwrap(), "Ok"),
        ("p256, even y".into(), (1..).map(|i| p256(i).key().encode()).find(|key| key[1] == 2).unwrap(), "Ok"),
        ("sr25519".into(), account().encode(), "Ok"),
        ("nothing".into(), vec![], "Truncated"),
        ("tag 0".into(), tagged(0, &[1; 32]), "UnknownAlgorithm"),
        ("tag 4".into(), tagged(4, &[1; 32]), "UnknownAlgorithm"),
        ("short".into(), ed25519(1).key().encode()[..32].to_vec(), "Truncated"),
        ("long".into(), [ed25519(1).key().encode(), vec![0]].concat(), "TrailingBytes"),
        ("ed25519, no point".into(), tagged(1, &no_point()), "NotOnCurve"),
        ("ed25519, y not reduced".into(), tagged(1, &large), "NonCanonicalKey"),
        ("ed25519, mixed order".into(), tagged(1, &mixed_order_key(&scalar("a"))), "MixedOrderKey"),
        ("p256, uncompressed form".into(), p256_x(4, [7; 32]), "NonCanonicalKey"),
        ("p256, compact form".into(), p256_x(5, p256(5).key().point()[1..].try_into().unwrap()), "NonCanonicalKey"),
        ("p256, x not reduced".into(), p256_x(2, p256_modulus), "NonCanonicalKey"),
        ("p256, no point".into(), p256_x(2, no_p256_point), "NotOnCurve"),
        ("sr25519, identity".into(), tagged(3, &[0; 32]), "SmallOrderKey"),
        ("sr25519, negative".into(), tagged(3, &coordinate(1, false)), "NotOnCurve"),
        ("sr25519, not reduced".into(), tagged(3, &coordinate(1, true)), "NotOnCurve"),
        ("sr25519, no point".into(), tagged(3, &no_account()), "NotOnCurve"),
    ];
    for (i, bytes) in small.iter().enumerate() {
        let expected = if i < 8 { "SmallOrderKey" } else { "NonCanonicalKey" };
        cases.push((format!("ed25519, small order {i}"), tagged(1, bytes), expected));
    }
    let entries = cases.into_iter().map(|(name, bytes, expected)| {
        let found = PublicKey::decode(&bytes).map(|key| json!({"item": hex(key.item().0), "id": hex(key.id().0)}));
        plain(&name, json!({"key": hex(&bytes)}), found, expected)
    });
    entries.collect()
}

/// Every key of small order with every such R, and S = 0: ZIP-215 accepts all of them.
pub fn small_order_signatures() -> Value {
    let all = small_order();
    for key in &all {
        for r in &all {
            let signature = [&r[..], &[0; 32]].concat().try_into().unwrap();
            assert_eq!(verify_ed25519(key, b"Zcash", &signature), Ok(()));
        }
    }
    json!({"message": hex("Zcash"), "encodings": all.iter().map(hex).collect::<Vec<_>>()})
}

pub fn ed25519_signatures() -> Value {
    let message = b"rules at the edge";
    let (a, r) = (scalar("a"), scalar("r"));
    let torsion = constants::EIGHT_TORSION[1];
    let order: [u8; 32] = (-Scalar::ONE).to_bytes();
    // R ‖ (r + H(R, A, M) a)
    let sign = |key: [u8; 32], point: EdwardsPoint| -> [u8; 64] {
        let point = point.compress().0;
        let hash = Sha512::new().chain_update(point).chain_update(key).chain_update(message).finalize();
        let s = r + Scalar::from_bytes_mod_order_wide(&hash.into()) * a;
        [point, s.to_bytes()].concat().try_into().unwrap()
    };
    let (key, point) = (EdwardsPoint::mul_base(&a).compress().0, EdwardsPoint::mul_base(&r));
    let mixed = mixed_order_key(&a);
    let good = sign(key, point);
    let mut carry = 1u16;
    let mut large_s = good;
    for (s, l) in large_s[32..].iter_mut().zip(order) {
        carry += u16::from(*s) + u16::from(l);
        *s = carry as u8;
        carry >>= 8;
    }
    let with_r = |r: [u8; 32]| -> [u8; 64] { [&r[..], &good[32..]].concat().try_into().unwrap() };
    let altered = |place: usize| {
        let mut altered = good;
        altered[place] ^= 1;
        altered
    };
    let cases = [
        ("plain", key, good, "Ok"),
        ("R of mixed order: holds only with the cofactor", key, sign(key, point + torsion), "Ok"),
        ("key of mixed order: holds only with the cofactor", mixed, sign(mixed, point), "Ok"),
        ("both of mixed order", mixed, sign(mixed, point + torsion), "Ok"),
        ("S plus the group's order", key, large_s, "BadSignature"),
        ("R is no point", key, with_r(no_point()), "BadSignature"),
        ("R of another signature", key, with_r(point.compress().0.map(|byte| byte ^ 1)), "BadSignature"),
        ("altered R", key, altered(3), "BadSignature"),
        ("altered S", key, altered(40), "BadSignature"),
        ("key is no point", no_point(), good, "NotOnCurve"),
        ("another key", ed25519(9).key().point().try_into().unwrap(), good, "BadSignature"),
    ];
    let entries = cases.into_iter().map(|(name, key, signature, expected)| {
        let found = verify_ed25519(&key, message, &signature).map(|()| Value::Null);
        let fields = json!({"key": hex(key), "message": hex(message), "signature": hex(signature)});
        plain(name, fields, found, expected)
    });
    entries.collect()
}

/// The other of the two values of s.
pub fn high(signature: Signature) -> Signature {
    let Signature::P256(bytes) = signature else { panic!("not P-256") };
    let (r, s) = p256::ecdsa::Signature::from_slice(&bytes).unwrap().split_scalars();
    Signature::P256(p256::ecdsa::Signature::from_scalars(r, -s).unwrap().to_bytes().into())
}

pub fn signatures() -> Value {
    let message = b"pay to the bearer";
    let (first, second) = (ed25519(1), p256(11));
    let order = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").unwrap();
    let (one, two) = (first.sign(message), second.sign(message));
    assert_eq!(Signature::p256_low(high(two).encode()[1..].try_into().unwrap()), Ok(two));
    let half = |bytes: &[u8], at: usize| {
        let mut signature = two.encode();
        signature[at..at + 32].copy_from_slice(bytes);
        signature
    };
    let cases = [
        ("ed25519", &first, one.encode(), "Ok"),
        ("p256", &second, two.encode(), "Ok"),
        ("p256, high s", &second, high(two).encode(), "HighS"),
        ("p256, r = 0", &second, half(&[0; 32], 1), "BadSignature"),
        ("p256, s = 0", &second, half(&[0; 32], 33), "BadSignature"),
        ("p256, r = order", &second, half(&order, 1), "BadSignature"),
        ("p256, s = order", &second, half(&order, 33), "BadSignature"),
        ("p256 key, ed25519 signature", &second, one.encode(), "WrongAlgorithm"),
        ("ed25519 key, p256 signature", &first, two.encode(), "WrongAlgorithm"),
        ("tag of sr25519", &first, tagged(3, &one.encode()[1..]), "UnknownAlgorithm"),
        ("tag 0", &first, tagged(0, &one.encode()[1..]), "UnknownAlgorithm"),
        ("short", &first, one.encode()[..64].to_vec(), "Truncated"),
        ("long", &first, [one.encode(), vec![0]].concat(), "TrailingBytes"),
        ("ed25519, another key's", &first, ed25519(2).sign(message).encode(), "BadSignature"),
        ("p256, another key's", &second, p256(12).sign(message).encode(), "BadSignature"),
    ];
    let entries = cases.into_iter().map(|(name, secret, signature, expected)| {
        let found = Signature::decode(&signature).and_then(|signature| secret.key().verify(message, &signature));
        let fields = json!({"key": hex(secret.key().encode()), "message": hex(message), "signature": hex(&signature)});
        plain(name, fields, found.map(|()| Value::Null), expected)
    });
    entries.collect()
}
