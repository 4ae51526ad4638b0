//! A card in a file: its seed sealed as the key store seals secrets, with a PIN for a password, and a counter of wrong PINs
//! that is written before each try.
//!
//! Whoever can copy the file can set the counter back and try PINs on the copy, as slowly as argon2id makes it: where that
//! counts, a card is a token ([`super::pkcs11`]).

use super::{Card, CardError, MAX_TRIES};
use crate::keystore::{cipher, lock_file, write_whole, Kdf};
use chacha20poly1305::{
    aead::{Aead, Payload},
    XNonce,
};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sp_core::{ed25519, Pair};
use specie_primitives::AccountId;
use std::{fs, io, path::Path};
use zeroize::Zeroizing;

/// Version of the file format that this crate writes.
pub const VERSION: u32 = 1;

#[derive(Clone, Serialize, Deserialize)]
struct CardFile {
    /// Version of the format.
    version: u32,
    /// Account that the card signs for.
    account: AccountId,
    /// How the PIN becomes the sealing key.
    kdf: Kdf,
    /// Wrong PINs in a row.
    tries: u32,
    /// 24 random bytes, hexadecimal.
    nonce: String,
    /// Sealed seed of 32 bytes, hexadecimal.
    sealed: String,
}

/// A card in a file, opened.
pub struct FileCard {
    pair: ed25519::Pair,
    account: AccountId,
}

impl FileCard {
    /// Makes a card. Never overwrites one.
    pub fn create(path: &Path, pin: &str) -> Result<Self, CardError> {
        Self::create_with(path, pin, 64 * 1024)
    }

    fn create_with(path: &Path, pin: &str, memory_kib: u32) -> Result<Self, CardError> {
        let (mut seed, mut salt, mut nonce) = (Zeroizing::new([0u8; 32]), [0u8; 16], [0u8; 24]);
        rand::rngs::OsRng.fill_bytes(&mut *seed);
        rand::rngs::OsRng.fill_bytes(&mut salt);
        rand::rngs::OsRng.fill_bytes(&mut nonce);
        let pair = ed25519::Pair::from_seed(&seed);
        let account = AccountId::new(pair.public().0);
        let kdf = Kdf { algorithm: "argon2id".into(), memory_kib, passes: 3, lanes: 1, salt: hex::encode(salt) };
        let bad = |reason: String| CardError::Format(path.display().to_string(), reason);
        let sealed = cipher(&kdf, pin)
            .map_err(bad)?
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: &*seed, aad: &bound(&account, &kdf) })
            .map_err(|error| bad(error.to_string()))?;
        let file = CardFile {
            version: VERSION,
            account: account.clone(),
            kdf,
            tries: 0,
            nonce: hex::encode(nonce),
            sealed: hex::encode(sealed),
        };
        write(path, &file, false).map_err(|error| match error {
            CardError::Io(path, error) if error.kind() == io::ErrorKind::AlreadyExists => {
                CardError::Exists(path.display().to_string())
            },
            error => error,
        })?;
        Ok(Self { pair, account })
    }

    /// Opens a card with its PIN. A wrong one counts, even if the program is stopped in between, and one at a time is tried.
    pub fn open(path: &Path, pin: &str) -> Result<Self, CardError> {
        read(path)?;
        let _lock = lock(path)?;
        let mut file = read(path)?;
        if file.tries >= MAX_TRIES {
            return Err(CardError::Blocked);
        }
        file.tries += 1;
        write(path, &file, true)?;
        let bad = |reason: &str| CardError::Format(path.display().to_string(), reason.into());
        let nonce: [u8; 24] = hex::decode(&file.nonce)
            .ok()
            .and_then(|nonce| nonce.try_into().ok())
            .ok_or_else(|| bad("its nonce is damaged"))?;
        let sealed = hex::decode(&file.sealed).map_err(|_| bad("its content is damaged"))?;
        let payload = Payload { msg: &sealed, aad: &bound(&file.account, &file.kdf) };
        let opened = cipher(&file.kdf, pin).map_err(|reason| bad(&reason))?;
        let seed =
            opened.decrypt(XNonce::from_slice(&nonce), payload).map(Zeroizing::new).map_err(|_| {
                match MAX_TRIES.saturating_sub(file.tries) {
                    0 => CardError::Blocked,
                    left => CardError::WrongPin(Some(left)),
                }
            })?;
        let pair = ed25519::Pair::from_seed_slice(&seed).map_err(|_| bad("its content is no seed"))?;
        if AccountId::new(pair.public().0) != file.account {
            return Err(bad("its account is not the key's"));
        }
        file.tries = 0;
        write(path, &file, true)?;
        Ok(Self { pair, account: file.account })
    }

    /// The account of a card; needs no PIN.
    pub fn account_of(path: &Path) -> Result<AccountId, CardError> {
        Ok(read(path)?.account)
    }
}

impl Card for FileCard {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn sign(&self, payload: &[u8]) -> Result<[u8; 64], CardError> {
        Ok(self.pair.sign(payload).0)
    }
}

/// The bytes that the seal covers besides the seed. The counter changes, and is not among them.
fn bound(account: &AccountId, kdf: &Kdf) -> Vec<u8> {
    let Kdf { algorithm, memory_kib, passes, lanes, salt } = kdf;
    format!("specie/card/{VERSION}\n{account}\n{algorithm}\n{memory_kib} {passes} {lanes} {salt}").into_bytes()
}

fn read(path: &Path) -> Result<CardFile, CardError> {
    let text = fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => CardError::Unknown(path.display().to_string()),
        _ => CardError::Io(path.into(), error),
    })?;
    let bad = |reason: String| CardError::Format(path.display().to_string(), reason);
    let file: CardFile = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    if file.version != VERSION {
        return Err(bad(format!("it has version {}, this is {VERSION}", file.version)));
    }
    Ok(file)
}

/// Makes other programs that open the card wait until what this gives is closed. The lock has a file of its own, since that
/// of the card is replaced.
fn lock(path: &Path) -> Result<fs::File, CardError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".lock");
    let path = path.with_file_name(name);
    let locked = lock_file(&path).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| CardError::Io(path, error))
}

fn write(path: &Path, file: &CardFile, overwrite: bool) -> Result<(), CardError> {
    let fail = |error| CardError::Io(path.into(), error);
    let mut content = serde_json::to_vec_pretty(file).map_err(|error| fail(error.into()))?;
    content.push(b'\n');
    write_whole(path, &content, overwrite).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::verify;

    const PIN: &str = "2718";

    fn card() -> (tempfile::TempDir, std::path::PathBuf, AccountId) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cards").join("ann.json");
        // Little memory: these tests are about files.
        let account = FileCard::create_with(&path, PIN, 1024).unwrap().account;
        (folder, path, account)
    }

    #[test]
    fn a_card_signs_with_its_pin() {
        let (_folder, path, account) = card();
        assert_eq!(FileCard::account_of(&path).unwrap(), account);
        let card = FileCard::open(&path, PIN).unwrap();
        let mut signature = card.sign(b"payload").unwrap();
        assert!(card.account() == &account && verify(&signature, b"payload", &account));
        assert!(!verify(&signature, b"another", &account));
        signature[5] ^= 1;
        assert!(!verify(&signature, b"payload", &account));
        assert!(matches!(FileCard::create_with(&path, PIN, 1024), Err(CardError::Exists(_))));
        assert!(matches!(FileCard::open(&path.with_extension("x"), PIN), Err(CardError::Unknown(_))));
    }

    #[test]
    fn three_wrong_pins_in_a_row_block_it_for_good() {
        let (_folder, path, _) = card();
        assert!(matches!(FileCard::open(&path, "0000"), Err(CardError::WrongPin(Some(2)))));
        assert!(matches!(FileCard::open(&path, "0000"), Err(CardError::WrongPin(Some(1)))));
        // The right one begins anew.
        assert!(FileCard::open(&path, PIN).is_ok());
        for left in [2, 1] {
            assert!(matches!(FileCard::open(&path, "0000"), Err(CardError::WrongPin(Some(of))) if of == left));
        }
        assert!(matches!(FileCard::open(&path, "0000"), Err(CardError::Blocked)));
        assert!(matches!(FileCard::open(&path, PIN), Err(CardError::Blocked)));
    }

    #[test]
    fn tries_at_the_same_time_are_all_counted() {
        let (_folder, path, _) = card();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert!(FileCard::open(&path, "0000").is_err()));
            }
        });
        assert!(read(&path).unwrap().tries >= MAX_TRIES);
        assert!(matches!(FileCard::open(&path, PIN), Err(CardError::Blocked)));
    }

    #[test]
    fn a_try_counts_before_it_is_made() {
        let (_folder, path, _) = card();
        let mut file = read(&path).unwrap();
        // As a program leaves it that was stopped while it tried.
        file.tries = MAX_TRIES;
        write(&path, &file, true).unwrap();
        assert!(matches!(FileCard::open(&path, PIN), Err(CardError::Blocked)));
    }

    #[test]
    fn altered_cards_do_not_open_and_show_no_seed() {
        let (_folder, path, account) = card();
        let seed = hex::encode(FileCard::open(&path, PIN).unwrap().pair.seed());
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&seed) && !text.contains(PIN));
        let other = AccountId::new([9; 32]).to_string();
        fs::write(&path, text.replace(&account.to_string(), &other)).unwrap();
        assert!(matches!(FileCard::open(&path, PIN), Err(CardError::WrongPin(_))));
        fs::write(&path, text.replace("\"version\": 1", "\"version\": 2")).unwrap();
        assert!(matches!(FileCard::open(&path, PIN), Err(CardError::Format(..))));
        fs::write(&path, "{").unwrap();
        assert!(matches!(FileCard::open(&path, PIN), Err(CardError::Format(..))));
    }
}
