//! The vectors of RFC 9497, our own, and bytes that are none.

use crate::*;
use proptest::prelude::*;
use rand::{rngs::OsRng, CryptoRng, RngCore};
use serde_json::Value;
use specie_primitives::identity::{self, NormalisedIdentity};

/// Gives the scalars it was made with, one after the other: what draws one takes 64 bytes and reduces them.
struct Scalars(Vec<Vec<u8>>);

impl Scalars {
    fn new<'a>(scalars: impl IntoIterator<Item = &'a str>) -> Self {
        let mut scalars: Vec<_> = scalars.into_iter().map(bytes).collect();
        scalars.reverse();
        Self(scalars)
    }
}

impl RngCore for Scalars {
    fn next_u32(&mut self) -> u32 {
        panic!("only scalars are drawn")
    }

    fn next_u64(&mut self) -> u64 {
        panic!("only scalars are drawn")
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        assert_eq!(dest.len(), 64);
        dest.fill(0);
        dest[..32].copy_from_slice(&self.0.pop().expect("one scalar too many was drawn"));
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl CryptoRng for Scalars {}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

fn array<const N: usize>(hex: &str) -> [u8; N] {
    bytes(hex).try_into().unwrap()
}

fn error_name(error: PrfError) -> &'static str {
    match error {
        PrfError::Length { .. } => "length",
        PrfError::Version(_) => "version",
        PrfError::Count(_) => "count",
        PrfError::Element(_) => "element",
        PrfError::ProofEncoding => "proof_encoding",
        PrfError::Proof => "proof",
        PrfError::Answer { .. } => "answer",
        _ => "other",
    }
}

mod rfc9497 {
    //! Appendix A.1.2: VOPRF mode, ristretto255-SHA512.
    use super::*;

    const SEED: &str = "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3";
    const KEY_INFO: &str = "74657374206b6579";
    const SECRET: &str = "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
    const PUBLIC: &str = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
    const BLIND_1: &str = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";
    const BLIND_2: &str = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e";

    struct Vector {
        inputs: &'static [&'static str],
        blinds: &'static [&'static str],
        blinded: &'static [&'static str],
        evaluated: &'static [&'static str],
        proof_scalar: &'static str,
        proof: &'static str,
        outputs: &'static [&'static str],
    }

    const VECTORS: [Vector; 3] = [
        Vector {
            inputs: &["00"],
            blinds: &[BLIND_1],
            blinded: &["863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"],
            evaluated: &["aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e"],
            proof_scalar: "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
            proof: "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06\
                    6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
            outputs: &["b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d\
                        a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c"],
        },
        Vector {
            inputs: &["5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"],
            blinds: &[BLIND_1],
            blinded: &["cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c"],
            evaluated: &["60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468"],
            proof_scalar: "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
            proof: "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a\
                    67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
            outputs: &["8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60\
                        356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6"],
        },
        Vector {
            inputs: &["00", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"],
            blinds: &[BLIND_1, BLIND_2],
            blinded: &[
                "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
                "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
            ],
            evaluated: &[
                "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
                "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
            ],
            proof_scalar: "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
            proof: "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a\
                    5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08",
            outputs: &[
                "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d\
                 a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
                "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60\
                 356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
            ],
        },
    ];

    #[test]
    fn the_key_is_derived_as_written() {
        let key = Key::derive(&array(SEED), &bytes(KEY_INFO)).unwrap();
        assert_eq!(hex::encode(*key.to_bytes()), SECRET);
        assert_eq!(key.public().to_string(), PUBLIC);
        assert_eq!(Key::from_bytes(&array(SECRET)).unwrap().public(), key.public());
    }

    #[test]
    fn requests_answers_and_outputs_are_as_written() {
        let key = Key::from_bytes(&array(SECRET)).unwrap();
        for vector in &VECTORS {
            let count = vector.inputs.len();
            let mut rng = Scalars::new(vector.blinds.iter().copied());
            let blinded: Vec<_> =
                vector.inputs.iter().map(|input| Blinded::from_input(&bytes(input), 1, &mut rng).unwrap()).collect();
            let request = Request::new(&blinded).unwrap();
            assert_eq!(hex::encode(request.encode()), format!("01{count:02x}{}", vector.blinded.concat()));

            let response = key.evaluate(&request, &mut Scalars::new([vector.proof_scalar])).unwrap();
            assert_eq!(hex::encode(&response), format!("01{count:02x}{}{}", vector.evaluated.concat(), vector.proof));

            let outputs = finish(&blinded, &response, &key.public()).unwrap();
            for ((output, input), expected) in outputs.iter().zip(vector.inputs).zip(vector.outputs) {
                assert_eq!(hex::encode(output.as_bytes()), expected[..64]);
                assert_eq!(key.output_of(&bytes(input)).as_ref(), Ok(output));
            }
        }
    }
}

mod vectors {
    //! docs/protocol/vectors/owner-id.json, which was made with another implementation.
    use super::*;

    fn file() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol/vectors/owner-id.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn text<'a>(value: &'a Value, field: &str) -> &'a str {
        value[field].as_str().unwrap()
    }

    fn number(value: &Value, field: &str) -> u32 {
        value[field].as_u64().unwrap().try_into().unwrap()
    }

    /// The blinded identities of an exchange.
    fn blinded(file: &Value, exchange: &Value) -> Vec<Blinded> {
        let indices = exchange["identities"].as_array().unwrap();
        indices
            .iter()
            .map(|index| {
                let identity = &file["identities"][index.as_u64().unwrap() as usize];
                let hardened = Hardened::from_bytes(array(text(identity, "hardened")));
                let mut rng = Scalars::new([text(identity, "blind")]);
                Blinded::from_hardened(hardened, number(identity, "network"), &mut rng).unwrap()
            })
            .collect()
    }

    #[test]
    fn from_what_a_person_writes_to_the_owner_id() {
        let file = file();
        let key = Key::development().unwrap();
        assert_eq!(hex::encode(*key.to_bytes()), text(&file["key"], "secret"));
        assert_eq!(key.public().to_string(), text(&file["key"], "public"));
        for row in file["identities"].as_array().unwrap() {
            let network = number(row, "network");
            let identity = NormalisedIdentity::guess(text(row, "written")).unwrap();
            assert_eq!(identity.as_bytes(), text(row, "identity").as_bytes());
            let hardened = Hardened::new(identity.as_bytes(), network).unwrap();
            assert_eq!(hex::encode(hardened.as_bytes()), text(row, "hardened"));

            let mut rng = Scalars::new([text(row, "blind")]);
            let blinded = [Blinded::new(identity.as_bytes(), network, &mut rng).unwrap()];
            assert_eq!(hex::encode(blinded[0].element()), text(row, "blinded_element"));
            let response = key.evaluate(&Request::new(&blinded).unwrap(), &mut OsRng).unwrap();
            assert_eq!(hex::encode(&response[2..34]), text(row, "evaluated_element"));
            let output = finish(&blinded, &response, &key.public()).unwrap().remove(0);
            assert_eq!(hex::encode(output.as_bytes()), text(row, "prf"));
            assert!(text(row, "rfc_output").starts_with(text(row, "prf")));
            assert_eq!(key.output(&hardened).unwrap(), output);
            assert_eq!(hex::encode(output.owner_id(network)), text(row, "owner_id"));
            // The last step is the one that the chain's own crate states.
            assert_eq!(identity::owner_id(network, output.as_bytes()).0, output.owner_id(network));
        }
        assert_eq!(OWNER_TAG, identity::OWNER_TAG);
    }

    #[test]
    fn exchanges() {
        let file = file();
        let key = Key::development().unwrap();
        for exchange in file["exchanges"].as_array().unwrap() {
            let blinded = blinded(&file, exchange);
            let request = Request::new(&blinded).unwrap();
            assert_eq!(hex::encode(request.encode()), text(exchange, "request"));
            let mut rng = Scalars::new([text(exchange, "proof_random_scalar")]);
            let response = key.evaluate(&request, &mut rng).unwrap();
            assert_eq!(hex::encode(&response), text(exchange, "response"));
            assert_eq!(finish(&blinded, &response, &key.public()).unwrap().len(), blinded.len());
        }
    }

    #[test]
    fn refused_bytes() {
        let file = file();
        for case in file["refused_requests"].as_array().unwrap() {
            let error = Request::decode(&bytes(text(case, "bytes"))).unwrap_err();
            assert_eq!(error_name(error), text(case, "error"), "{}", text(case, "name"));
        }
        let public = Key::development().unwrap().public();
        let blinded = blinded(&file, &file["exchanges"][0]);
        for case in file["refused_responses"]["cases"].as_array().unwrap() {
            let error = finish(&blinded, &bytes(text(case, "bytes")), &public).unwrap_err();
            assert_eq!(error_name(error), text(case, "error"), "{}", text(case, "name"));
        }
    }

    #[test]
    fn key_file() {
        let file = file();
        let sealed = SealedKey::decode(file["key_file"]["file"].to_string().as_bytes()).unwrap();
        let key = sealed.open(text(&file["key_file"], "password")).unwrap();
        assert_eq!(key.public(), Key::development().unwrap().public());
    }
}

fn hardened(byte: u8) -> Hardened {
    Hardened::from_bytes([byte; 32])
}

fn blinded(count: usize) -> Vec<Blinded> {
    (0..count).map(|index| Blinded::from_hardened(hardened(index as u8), 1, &mut OsRng).unwrap()).collect()
}

#[test]
fn boundary_batches_have_1_to_64_elements() {
    let key = Key::generate(&mut OsRng);
    for count in [1, 2, MAX_BATCH] {
        let blinded = blinded(count);
        let request = Request::new(&blinded).unwrap().encode();
        assert_eq!(request.len(), 2 + 32 * count);
        let response = key.evaluate(&Request::decode(&request).unwrap(), &mut OsRng).unwrap();
        assert_eq!(response.len(), 2 + 32 * count + 64);
        let outputs = finish(&blinded, &response, &key.public()).unwrap();
        for (index, output) in outputs.iter().enumerate() {
            assert_eq!(*output, key.output(&hardened(index as u8)).unwrap());
        }
    }
    assert_eq!(Request::new(&[]).unwrap_err(), PrfError::Count(0));
    assert_eq!(Request::new(&blinded(65)).unwrap_err(), PrfError::Count(65));
}

#[test]
fn fails_identities_of_two_networks_in_one_batch() {
    let blinded = [1, 2].map(|network| Blinded::from_hardened(hardened(1), network, &mut OsRng).unwrap());
    assert_eq!(Request::new(&blinded).unwrap_err(), PrfError::Networks);
}

#[test]
fn fails_identities_that_are_empty_or_too_long() {
    assert_eq!(Hardened::new(b"", 1).unwrap_err(), PrfError::Identity(0));
    assert_eq!(Hardened::new(&[b'a'; MAX_IDENTITY + 1], 1).unwrap_err(), PrfError::Identity(MAX_IDENTITY + 1));
    assert!(Hardened::new(&[b'a'; MAX_IDENTITY], 1).is_ok());
}

#[test]
fn blinding_hides_the_identity() {
    let (first, second) = (blinded(1), blinded(1));
    assert_ne!(first[0].element(), second[0].element());
    let key = Key::generate(&mut OsRng);
    let mut answers = [first, second].map(|blinded| {
        let response = key.evaluate(&Request::new(&blinded).unwrap(), &mut OsRng).unwrap();
        finish(&blinded, &response, &key.public()).unwrap().remove(0)
    });
    assert_eq!(answers[0], answers[1]);
    assert_ne!(answers[0].owner_id(1), answers[1].owner_id(2));
    answers[0].zeroize();
    assert_eq!(answers[0].as_bytes(), &[0; 32]);
}

#[test]
fn fails_answers_of_another_key_order_or_request() {
    let (key, other) = (Key::generate(&mut OsRng), Key::generate(&mut OsRng));
    let mut two = blinded(2);
    let response = key.evaluate(&Request::new(&two).unwrap(), &mut OsRng).unwrap();
    assert_eq!(finish(&two, &response, &other.public()).unwrap_err(), PrfError::Proof);
    assert_eq!(finish(&two[..1], &response, &key.public()).unwrap_err(), PrfError::Answer { asked: 1, answered: 2 });
    assert_eq!(finish(&blinded(2), &response, &key.public()).unwrap_err(), PrfError::Proof);
    let mut swapped = response.clone();
    swapped[2..66].rotate_left(32);
    assert_eq!(finish(&two, &swapped, &key.public()).unwrap_err(), PrfError::Proof);
    assert!(finish(&two, &response, &key.public()).is_ok());
    two.reverse();
    assert_eq!(finish(&two, &response, &key.public()).unwrap_err(), PrfError::Proof);
}

#[test]
fn keys_have_one_encoding() {
    let key = Key::generate(&mut OsRng);
    assert_eq!(Key::from_bytes(&key.to_bytes()).unwrap().public(), key.public());
    for bad in [[0; 32], [0xff; 32]] {
        assert_eq!(Key::from_bytes(&bad).unwrap_err(), PrfError::SecretKey);
        assert_eq!(PublicKey::from_bytes(bad), Err(PrfError::PublicKey));
    }
    let public = key.public();
    assert_eq!(public.to_string().parse(), Ok(public));
    assert_eq!(format!("0x{public}").parse(), Ok(public));
    assert_eq!("12".parse::<PublicKey>(), Err(PrfError::PublicKey));
    assert_eq!(serde_json::from_value::<PublicKey>(serde_json::to_value(public).unwrap()).unwrap(), public);
    let shown = format!("{key:?} {:?} {:?}", blinded(1)[0], hardened(7));
    assert!(!shown.contains(&hex::encode(*key.to_bytes())) && !shown.contains("0707"), "{shown}");
}

mod sealed {
    use super::*;

    const PASSWORD: &str = "correct horse";

    fn seal(key: &Key) -> SealedKey {
        // Little memory: these tests are about the format.
        SealedKey::seal(key, 3, PASSWORD, 1024, &mut OsRng).unwrap()
    }

    #[test]
    fn a_sealed_key_comes_back() {
        let key = Key::generate(&mut OsRng);
        let file = seal(&key).encode().unwrap();
        assert!(!String::from_utf8(file.clone()).unwrap().contains(&hex::encode(*key.to_bytes())));
        let sealed = SealedKey::decode(&file).unwrap();
        assert_eq!((sealed.header().network, sealed.header().public_key), (3, key.public()));
        assert_eq!(*sealed.open(PASSWORD).unwrap().to_bytes(), *key.to_bytes());
    }

    #[test]
    fn fails_wrong_passwords_and_altered_files() {
        let key = Key::generate(&mut OsRng);
        assert_eq!(SealedKey::seal(&key, 3, "", 1024, &mut OsRng).unwrap_err(), SealError::EmptyPassword);
        assert_eq!(seal(&key).open("wrong").unwrap_err(), SealError::WrongPassword);
        let text = String::from_utf8(seal(&key).encode().unwrap()).unwrap();
        let open = |from: &str, to: &str| {
            assert!(text.contains(from));
            SealedKey::decode(text.replace(from, to).as_bytes()).and_then(|sealed| sealed.open(PASSWORD)).unwrap_err()
        };
        let other = Key::generate(&mut OsRng).public().to_string();
        assert_eq!(open(&key.public().to_string(), &other), SealError::WrongPassword);
        assert_eq!(open("\"network\": 3", "\"network\": 4"), SealError::WrongPassword);
        assert_eq!(open("\"passes\": 3", "\"passes\": 2"), SealError::WrongPassword);
        for (from, to) in [
            ("\"version\": 1", "\"version\": 2"),
            ("\"memory_kib\": 1024", "\"memory_kib\": 4000000000"),
            ("\"memory_kib\": 1024", "\"memory_kib\": 0"),
            ("\"lanes\": 1", "\"lanes\": 1000"),
            ("argon2id", "argon2i"),
            ("xchacha20poly1305", "none"),
            ("\"nonce\": \"", "\"nonce\": \"zz"),
            ("\"sealed\": \"", "\"sealed\": \"0"),
            ("\"network\": 3", "\"network\": 3, \"more\": 1"),
            ("{", "["),
        ] {
            assert!(matches!(open(from, to), SealError::Format(_)), "{to}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), count in 0u8..70) {
        let public = Key::development().unwrap().public();
        let mut framed = bytes.clone();
        framed.splice(0..framed.len().min(2), [VERSION, count]);
        for bytes in [&bytes, &framed] {
            if let Ok(request) = Request::decode(bytes) {
                prop_assert_eq!(&request.encode(), bytes);
            }
            prop_assert!(finish(&[], bytes, &public).is_err());
            let _ = SealedKey::decode(bytes);
            let _ = String::from_utf8_lossy(bytes).parse::<PublicKey>();
        }
    }

    #[test]
    fn an_altered_answer_is_refused(place in 0usize..98, change in 1u8..=255) {
        let key = Key::development().unwrap();
        let blinded = blinded(1);
        let mut response = key.evaluate(&Request::new(&blinded).unwrap(), &mut OsRng).unwrap();
        response[place] ^= change;
        prop_assert!(finish(&blinded, &response, &key.public()).is_err());
    }
}
