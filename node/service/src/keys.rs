//! Session keys that everybody knows, for development and local networks.
//!
//! `--dev` runs validator 0; `--alice`, `--bob`, `--charlie` … run validators 0, 1, 2 … of a local network. Their
//! keys derive from the SDK's development phrase: `//Validator//<number>//aura` and `//Validator//<number>//grandpa`.

use sc_service::{config::KeystoreConfig, ChainType, Error};
use sp_core::crypto::key_types::{AURA, GRANDPA};
use sp_keystore::{Keystore, KeystorePtr};

/// Names of the SDK's flags, in the order of the validators.
const NAMES: [&str; 8] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two"];

/// Puts the keys behind a flag such as `--dev` or `--bob` into the keystore, in memory only. `seed` is what the SDK
/// makes of the flag: `//Alice` for `--dev` and `--alice`, `//Bob` for `--bob`, and so on.
pub fn insert(keystore: &KeystorePtr, chain: ChainType, seed: &str) -> Result<(), Error> {
    let number = number(seed).ok_or_else(|| Error::Other(format!("no validator is known as {seed}")))?;
    if !matches!(chain, ChainType::Development | ChainType::Local) {
        return Err(Error::Other(
            "--dev, --alice and the like use keys that everybody knows: this network is not for that. \
             Use --validator, and insert session keys with `key insert`"
                .into(),
        ));
    }
    let failed = |error: sp_keystore::Error| Error::Other(format!("the keystore takes no keys: {error}"));
    keystore.sr25519_generate_new(AURA, Some(&format!("//Validator//{number}//aura"))).map_err(failed)?;
    keystore.ed25519_generate_new(GRANDPA, Some(&format!("//Validator//{number}//grandpa"))).map_err(failed)?;
    log::info!("🔑 Validator {number} with publicly known keys");
    Ok(())
}

/// What a validator with this keystore cannot do, because there is no key at all for it. Whether the chain knows the keys
/// that are there is another question.
pub fn missing(keystore: &KeystorePtr) -> Vec<&'static str> {
    let mut lacks = Vec::new();
    if keystore.sr25519_public_keys(AURA).is_empty() {
        lacks.push("it makes no blocks without a key of type aura");
    }
    if keystore.ed25519_public_keys(GRANDPA).is_empty() {
        lacks.push("it does not vote on finality without a key of type gran");
    }
    lacks
}

/// Warns the operator of a validator about a keystore that cannot be the right one.
pub fn warn_of_missing(keystore: &KeystorePtr, config: &KeystoreConfig) {
    let lacks = missing(keystore);
    if lacks.is_empty() {
        return;
    }
    let place = match config {
        KeystoreConfig::Path { path, .. } => path.display().to_string(),
        KeystoreConfig::InMemory => "in memory".into(),
    };
    log::warn!(
        "⚠️  SESSION KEYS ARE MISSING from the keystore ({place}) of this validator: {}. Put them there with \
         `specie-node key insert` and start again; or, for a new validator, make them with `author_rotateKeysWithOwner` \
         and set them on the chain.",
        lacks.join(", and ")
    );
}

/// The number of the validator that the SDK's flags call so.
pub fn number(seed: &str) -> Option<usize> {
    NAMES.iter().position(|name| seed.strip_prefix("//") == Some(name))
}
