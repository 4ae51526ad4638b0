//! Keys as a definition writes them, and the keys that everybody knows.

use crate::reader::{Reader, Value};
use sp_core::{
    crypto::{DeriveJunction, PublicError, Ss58AddressFormat, Ss58Codec, DEV_PHRASE},
    ed25519, sr25519, Pair,
};
use specie_certificates::PublicKey;
use specie_primitives::{certificates::HexBytes, people::OWNER_ACCOUNT_TAG, AccountId};
use specie_runtime::genesis;
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

/// What a key is for; decides how it may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An account: only as an SS58 address, whose checksum catches slips, and it may be a multisig.
    Account,
    /// An sr25519 session key.
    Aura,
    /// An ed25519 session key.
    Grandpa,
}

/// Why a live network takes no development URI.
const EVERYBODYS: &str = "development URIs are known to everybody; a live network needs keys of its own";
/// Why a text with spaces is refused.
const PHRASE: &str = "this looks like a secret phrase; write the public key, and treat the phrase as lost";

/// Reads keys and watches that none is used twice.
pub(crate) struct Keys {
    /// Development keys are for everybody: a live network takes none.
    live: bool,
    /// SS58 prefix of accounts.
    prefix: u16,
    /// What a key was first used for, and its line.
    used: HashMap<[u8; 32], (String, usize)>,
}

impl Keys {
    /// Nothing used yet.
    pub fn new(live: bool, prefix: u16) -> Self {
        Self { live, prefix, used: HashMap::new() }
    }

    /// Reads an account. `what` names its use in later messages.
    pub fn account(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, what: &str) -> Option<AccountId> {
        self.key(reader, value, Purpose::Account, what).map(AccountId::new)
    }

    /// Reads a public key. `what` names its use in later messages.
    pub fn key(
        &mut self,
        reader: &mut Reader<'_>,
        value: &Value<'_>,
        purpose: Purpose,
        what: &str,
    ) -> Option<[u8; 32]> {
        let text = reader.string(value)?;
        let key = match self.decode(text, purpose) {
            Ok(key) => key,
            Err(message) => {
                reader.report(&value.span(), message);
                return None;
            },
        };
        self.check_known(reader, &value.span(), &key);
        self.check_unused(reader, &value.span(), key, what);
        Some(key)
    }

    /// Reads the root key of certificates: algorithm tag and point.
    pub fn root_key(&mut self, reader: &mut Reader<'_>, value: &Value<'_>) -> Option<HexBytes> {
        let key = match self.decode_root(reader.string(value)?) {
            Ok(key) => key,
            Err(message) => {
                reader.report(&value.span(), message);
                return None;
            },
        };
        // Points of P-256 are longer than any other key here.
        if let Ok(point) = key.point().try_into() {
            self.check_known(reader, &value.span(), &point);
            self.check_unused(reader, &value.span(), point, "`root_key`");
        }
        Some(HexBytes(key.encode()))
    }

    fn decode_root(&self, text: &str) -> Result<PublicKey, String> {
        let bytes = if text.starts_with("//") {
            if self.live {
                return Err(EVERYBODYS.into());
            }
            genesis::ed25519_key(ed25519::Public::from_raw(from_uri(text, Purpose::Grandpa)?)).0
        } else if text.contains(char::is_whitespace) {
            return Err(PHRASE.into());
        } else {
            let digits = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
            digits.ok_or("a root key is 0x and hexadecimal digits; copy it from `specie certificate root show`")?
        };
        let key = PublicKey::decode(&bytes).map_err(|fault| format!("this is no root key ({fault}); copy it again"))?;
        if key.algorithm().signs() {
            Ok(key)
        } else {
            Err("a root key is of ed25519 (01) or P-256 (02); take another".into())
        }
    }

    fn decode(&self, text: &str, purpose: Purpose) -> Result<[u8; 32], String> {
        let key = if text.starts_with("//") {
            if self.live {
                return Err(EVERYBODYS.into());
            }
            from_uri(text, purpose)?
        } else if text.contains(char::is_whitespace) {
            return Err(PHRASE.into());
        } else if let Some(digits) = text.strip_prefix("0x") {
            if purpose == Purpose::Account {
                return Err("write an account as an SS58 address: its checksum catches typing errors".into());
            }
            let mut key = [0u8; 32];
            hex::decode_to_slice(digits, &mut key)
                .map_err(|_| "a key is 0x and 64 hexadecimal digits; correct or shorten it")?;
            key
        } else {
            self.from_ss58(text)?
        };
        check_usable(&key, purpose)?;
        Ok(key)
    }

    fn from_ss58(&self, text: &str) -> Result<[u8; 32], String> {
        let (account, prefix) = AccountId::from_ss58check_with_version(text).map_err(|error| match error {
            PublicError::InvalidChecksum => "the checksum of this address is wrong; copy it again, letter by letter",
            PublicError::BadLength => "this address is not of a 32-byte key; copy it whole",
            _ => "this is no SS58 address; copy it again",
        })?;
        if prefix != Ss58AddressFormat::custom(self.prefix) {
            let (is, must) = (u16::from(prefix), self.prefix);
            return Err(format!("this address is of a network with prefix {is}; write it with prefix {must}"));
        }
        Ok(account.into())
    }

    fn check_known(&self, reader: &mut Reader<'_>, span: &Range<usize>, key: &[u8; 32]) {
        if self.live {
            if let Some(uri) = KNOWN_KEYS.get(key) {
                let uri = if uri.is_empty() { "the development phrase" } else { uri.as_str() };
                reader.report(
                    span,
                    format!("everybody knows the secret of this key ({uri}); a live network needs keys of its own"),
                );
            }
        }
    }

    fn check_unused(&mut self, reader: &mut Reader<'_>, span: &Range<usize>, key: [u8; 32], what: &str) {
        let line = reader.line(span);
        match self.used.get(&key) {
            Some((other, at)) => reader
                .report(span, format!("this key is already {other} in line {at}; use each key once, for one purpose")),
            None => {
                self.used.insert(key, (what.to_owned(), line));
            },
        }
    }
}

fn from_uri(uri: &str, purpose: Purpose) -> Result<[u8; 32], String> {
    let pair = |error| format!("this development URI cannot be derived ({error}); write it like //Alice");
    match purpose {
        Purpose::Account | Purpose::Aura => {
            sr25519::Pair::from_string(uri, None).map(|pair| pair.public().0).map_err(|e| pair(format!("{e:?}")))
        },
        Purpose::Grandpa => {
            ed25519::Pair::from_string(uri, None).map(|pair| pair.public().0).map_err(|e| pair(format!("{e:?}")))
        },
    }
}

/// Refuses what nobody can sign with, as far as it shows.
fn check_usable(key: &[u8; 32], purpose: Purpose) -> Result<(), String> {
    if key.iter().all(|byte| *byte == 0) {
        return Err("nobody has the all-zero key; put the real one here".into());
    }
    match purpose {
        Purpose::Account if key.starts_with(&OWNER_ACCOUNT_TAG) => {
            Err("this address stands for an owner, not for a key; put a key's address here".into())
        },
        Purpose::Aura if curve25519_dalek::ristretto::CompressedRistretto(*key).decompress().is_none() => {
            Err("this is no sr25519 public key; copy it again from the node that holds its secret".into())
        },
        Purpose::Grandpa if !is_ed25519(key) => {
            Err("this is no ed25519 public key; copy it again from the node that holds its secret".into())
        },
        _ => Ok(()),
    }
}

/// Whether the bytes are an ed25519 key under which a signature shows anything.
pub(crate) fn is_ed25519(key: &[u8; 32]) -> bool {
    let point = curve25519_dalek::edwards::CompressedEdwardsY(*key).decompress();
    point.is_some_and(|point| !point.is_small_order())
}

/// Names of the SDK's and this project's presets, and others that people use in examples.
const KNOWN_NAMES: &str = "\
    Alice Bob Charlie Dave Eve Ferdie One Two Ann Anna Ben Carol Dan Erin Frank Grace George Harry Heidi Ivan Judy \
    Mallory Oscar Peggy Trent Victor Walter Zoe BankA BankB BankC BankD BankE BankF Bank Issuer Issuing Supervising \
    Admitting Operating Registry Committee Validator Collator Authority Sudo Root Admin Treasury Council Owner User \
    Node Test alice bob charlie dave eve ferdie test validator issuing committee sudo root";
/// What is commonly derived from them.
const KNOWN_SUFFIXES: [&str; 8] = ["stash", "controller", "session", "aura", "grandpa", "babe", "validator", "account"];
/// Numbers tried behind every name, and alone.
const KNOWN_NUMBERS: std::ops::Range<u32> = 0..32;
/// Numbers tried behind the names of which a local network has many; those also with the session keys' suffixes.
const KNOWN_MANY: std::ops::Range<u32> = 0..128;

/// Derivation paths below the development phrase whose secrets count as known to everybody.
fn known_paths() -> HashSet<Vec<String>> {
    let mut paths = HashSet::from([Vec::new()]);
    paths.extend(KNOWN_MANY.map(|number| vec![number.to_string()]));
    for name in KNOWN_NAMES.split_whitespace().map(str::to_owned) {
        paths.insert(vec![name.clone()]);
        paths.extend(KNOWN_SUFFIXES.map(|suffix| vec![name.clone(), suffix.to_owned()]));
        paths.extend(KNOWN_NUMBERS.map(|number| vec![name.clone(), number.to_string()]));
    }
    for (name, number) in ["Validator", "Bank"].into_iter().flat_map(|name| KNOWN_MANY.map(move |n| (name, n))) {
        let path = vec![name.to_owned(), number.to_string()];
        paths.extend(["aura", "grandpa"].map(|suffix| [path.clone(), vec![suffix.to_owned()]].concat()));
        paths.insert(path);
    }
    paths
}

/// Public keys of both kinds with the URI of their well-known secret.
static KNOWN_KEYS: LazyLock<HashMap<[u8; 32], String>> = LazyLock::new(|| {
    fn derive<P: Pair<Public: Into<[u8; 32]>>>(paths: &HashSet<Vec<String>>, known: &mut HashMap<[u8; 32], String>) {
        // The phrase is stretched once: it takes longer than all derivations from one name.
        let Ok(root) = P::from_string(DEV_PHRASE, None) else { return };
        for path in paths {
            let junctions = path.iter().map(|junction| DeriveJunction::from(junction).harden());
            if let Ok((pair, _)) = root.derive(junctions, None) {
                known.insert(pair.public().into(), path.iter().map(|junction| format!("//{junction}")).collect());
            }
        }
    }
    let paths = known_paths();
    let mut known = HashMap::new();
    derive::<sr25519::Pair>(&paths, &mut known);
    derive::<ed25519::Pair>(&paths, &mut known);
    known
});

/// Whether the secret of this public key follows from the development phrase by a common derivation.
pub fn is_known_key(key: &[u8; 32]) -> bool {
    KNOWN_KEYS.contains_key(key)
}
