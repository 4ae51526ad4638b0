//! What a wallet has learned from the identity service, so that it asks about an identity once.
//!
//! One file for a network and an asking key, `owner-ids/GENESIS-KEY.json` in the folder of the key store. Its content is
//! sealed with XChaCha20-Poly1305 under a secret that follows from the asking key: whoever may ask can read it, without
//! a password of its own. The header is bound into the seal.
//!
//! ```text
//! content = public key of the function (32) ‖ n × (hardened identity (32) ‖ value of the function (32)), oldest first
//! ```
//!
//! An identity itself is not in there. The public key is, because a network never replaces it: a node that names another
//! one lies, and would learn from the owner ids that follow whom the wallet looks for.

use crate::{
    keystore::{lock_file, write_whole},
    Keypair,
};
use chacha20poly1305::{
    aead::{Aead, Payload},
    KeyInit, XChaCha20Poly1305, XNonce,
};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use specie_prf::{Hardened, PrfOutput};
use specie_primitives::{AccountId, Hash, OwnerIdKey};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Version of the file format that this crate writes.
const VERSION: u32 = 1;
const CIPHER: &str = "xchacha20poly1305";
/// What the sealing secret is for.
const PURPOSE: &[u8] = b"specie/owner-ids/v1";
/// Owner ids that are remembered at most; the oldest are forgotten first.
const MOST: usize = 10_000;

/// What can go wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum OwnerIdsError {
    /// The seal does not open, or something else is inside.
    #[error("{0} is damaged, or of another version; it only remembers owner ids: delete it")]
    Damaged(PathBuf),
    /// The node names another key of the function than before.
    #[error(
        "the node says that the network's key of owner ids is {told}, but it is {known}, and a network never replaces it: \
         use a node that you trust (to believe this one, delete {path})"
    )]
    OtherKey {
        /// The file.
        path: PathBuf,
        /// The key that was named when the file was made.
        known: OwnerIdKey,
        /// The key that is named now.
        told: OwnerIdKey,
    },
    /// The file system.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
}

#[derive(Serialize, Deserialize)]
struct File {
    header: Header,
    /// 24 random bytes, hexadecimal.
    nonce: String,
    /// Sealed content, hexadecimal.
    sealed: String,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    version: u32,
    genesis: Hash,
    account: AccountId,
    cipher: String,
}

impl Header {
    /// The bytes that the seal covers.
    fn bound(&self) -> Vec<u8> {
        let Self { version, genesis, account, cipher } = self;
        format!("specie/owner-ids/{version}\n{genesis:?}\n{account}\n{cipher}").into_bytes()
    }
}

type Entry = (Hardened, PrfOutput);

/// The values of the function that one key has asked for on one network.
pub struct OwnerIds {
    path: PathBuf,
    header: Header,
    secret: Zeroizing<[u8; 32]>,
    key: OwnerIdKey,
    entries: Vec<Entry>,
}

impl core::fmt::Debug for OwnerIds {
    // Who is looked for stays out of logs.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "OwnerIds({} entries)", self.entries.len())
    }
}

impl OwnerIds {
    /// What this key has learned on the network with this first block; nothing if there is no file yet. `key` is the
    /// function's public key, as the node names it. `folder` is the key store's.
    pub fn open(folder: &Path, genesis: Hash, asker: &Keypair, key: OwnerIdKey) -> Result<Self, OwnerIdsError> {
        let account = asker.account();
        let raw: &[u8] = account.as_ref();
        let name = format!("{}-{}.json", hex::encode(genesis.as_bytes()), hex::encode(raw));
        let path = folder.join("owner-ids").join(name);
        let header = Header { version: VERSION, genesis, account, cipher: CIPHER.into() };
        let mut known = Self { path, header, secret: asker.secret_for(PURPOSE), key, entries: Vec::new() };
        known.entries = known.read()?;
        Ok(known)
    }

    /// The function's value for an identity.
    pub fn get(&self, hardened: &Hardened) -> Option<&PrfOutput> {
        self.entries.iter().find(|(of, _)| of == hardened).map(|(_, output)| output)
    }

    /// Adds a value to the file.
    pub fn remember(&mut self, hardened: Hardened, output: PrfOutput) -> Result<(), OwnerIdsError> {
        let path = self.path.with_extension("lock");
        let locked = lock_file(&path).and_then(|lock| lock.lock().map(|()| lock));
        let _lock = locked.map_err(|error| OwnerIdsError::Io(path, error))?;
        // Another command may have added something meanwhile.
        self.entries = self.read()?;
        add(&mut self.entries, (hardened, output), MOST);
        self.write()
    }

    fn read(&self) -> Result<Vec<Entry>, OwnerIdsError> {
        let damaged = || OwnerIdsError::Damaged(self.path.clone());
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(OwnerIdsError::Io(self.path.clone(), error)),
        };
        let file: File = serde_json::from_slice(&text).map_err(|_| damaged())?;
        let nonce: [u8; 24] =
            hex::decode(&file.nonce).ok().and_then(|nonce| nonce.try_into().ok()).ok_or_else(damaged)?;
        let sealed = hex::decode(&file.sealed).map_err(|_| damaged())?;
        let content = self
            .cipher()
            .decrypt(XNonce::from_slice(&nonce), Payload { msg: &sealed, aad: &self.header.bound() })
            .map(Zeroizing::new)
            .map_err(|_| damaged())?;
        let (known, entries) = content.split_first_chunk::<32>().ok_or_else(damaged)?;
        let known = OwnerIdKey(*known);
        if known != self.key {
            return Err(OwnerIdsError::OtherKey { path: self.path.clone(), known, told: self.key });
        }
        let entry = |bytes: &[u8]| {
            let (hardened, output) = bytes.split_first_chunk::<32>()?;
            Some((Hardened::from_bytes(*hardened), PrfOutput::from_bytes(output.try_into().ok()?)))
        };
        entries.chunks(64).map(entry).collect::<Option<_>>().ok_or_else(damaged)
    }

    fn write(&self) -> Result<(), OwnerIdsError> {
        let cannot = |error| OwnerIdsError::Io(self.path.clone(), error);
        let mut content = Zeroizing::new(Vec::with_capacity(32 + 64 * self.entries.len()));
        content.extend_from_slice(&self.key.0);
        for (hardened, output) in &self.entries {
            content.extend_from_slice(hardened.as_bytes());
            content.extend_from_slice(output.as_bytes());
        }
        let mut nonce = [0u8; 24];
        rand::rngs::OsRng.fill_bytes(&mut nonce);
        let sealed = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: &content, aad: &self.header.bound() })
            .map_err(|_| cannot(io::ErrorKind::InvalidData.into()))?;
        let file = File { header: self.header.clone(), nonce: hex::encode(nonce), sealed: hex::encode(sealed) };
        let mut text = serde_json::to_vec_pretty(&file).map_err(|error| cannot(error.into()))?;
        text.push(b'\n');
        write_whole(&self.path, &text, true).map_err(cannot)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.secret).into())
    }
}

/// Puts an entry last, in the place of an older one for the same identity; `most` stay.
fn add(entries: &mut Vec<Entry>, entry: Entry, most: usize) {
    entries.retain(|(hardened, _)| *hardened != entry.0);
    entries.push(entry);
    let beyond = entries.len().saturating_sub(most);
    entries.drain(..beyond);
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: OwnerIdKey = OwnerIdKey([7; 32]);
    const GENESIS: Hash = Hash::repeat_byte(0xee);

    fn key(uri: &str) -> Keypair {
        Keypair::from_uri(uri).unwrap()
    }

    fn open(folder: &Path, uri: &str) -> OwnerIds {
        OwnerIds::open(folder, GENESIS, &key(uri), KEY).unwrap()
    }

    fn hardened(byte: u8) -> Hardened {
        Hardened::from_bytes([byte; 32])
    }

    fn output(byte: u8) -> PrfOutput {
        PrfOutput::from_bytes([byte; 32])
    }

    #[test]
    fn what_was_learned_is_known_to_the_key_that_asked() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        // Two commands at once.
        let (mut one, mut other) = (open(folder, "//Ann"), open(folder, "//Ann"));
        assert_eq!(one.get(&hardened(1)), None);
        one.remember(hardened(1), output(11)).unwrap();
        other.remember(hardened(2), output(12)).unwrap();
        let known = open(folder, "//Ann");
        assert_eq!(known.get(&hardened(1)), Some(&output(11)));
        assert_eq!(known.get(&hardened(2)), Some(&output(12)));
        assert_eq!(known.get(&hardened(3)), None);

        assert_eq!(open(folder, "//Ben").get(&hardened(1)), None);
        let elsewhere = OwnerIds::open(folder, Hash::repeat_byte(2), &key("//Ann"), KEY).unwrap();
        assert_eq!(elsewhere.get(&hardened(1)), None);
        assert!(!format!("{known:?}").contains("0101"));
    }

    #[test]
    fn many_commands_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for byte in 1..=8 {
                let mut known = open(folder.path(), "//Ann");
                scope.spawn(move || known.remember(hardened(byte), output(byte)).unwrap());
            }
        });
        let known = open(folder.path(), "//Ann");
        for byte in 1..=8 {
            assert_eq!(known.get(&hardened(byte)), Some(&output(byte)));
        }
    }

    #[test]
    fn nothing_of_it_is_readable_without_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let mut known = open(folder.path(), "//Ann");
        known.remember(hardened(7), output(11)).unwrap();
        let text = fs::read_to_string(&known.path).unwrap();
        for secret in [[7; 32], [11; 32], *known.secret] {
            assert!(!text.contains(&hex::encode(secret)), "{text}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&known.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        // Ben in the place of Ann.
        let path = open(folder.path(), "//Ben").path;
        fs::copy(&known.path, path).unwrap();
        let stolen = OwnerIds::open(folder.path(), GENESIS, &key("//Ben"), KEY);
        assert!(matches!(stolen, Err(OwnerIdsError::Damaged(_))), "{stolen:?}");
    }

    #[test]
    fn fails_a_node_that_names_another_key() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), "//Ann").remember(hardened(1), output(11)).unwrap();
        let told = OwnerIdKey([8; 32]);
        let error = OwnerIds::open(folder.path(), GENESIS, &key("//Ann"), told).unwrap_err();
        assert!(matches!(&error, OwnerIdsError::OtherKey { known: KEY, told: OwnerIdKey([8, ..]), .. }), "{error}");
    }

    #[test]
    fn fails_altered_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut known = open(folder.path(), "//Ann");
        known.remember(hardened(1), output(11)).unwrap();
        let text = fs::read_to_string(&known.path).unwrap();
        for (from, to) in [("{", "["), ("\"nonce\": \"", "\"nonce\": \"zz"), ("\"sealed\": \"", "\"sealed\": \"00")] {
            assert!(text.contains(from));
            fs::write(&known.path, text.replace(from, to)).unwrap();
            let error = OwnerIds::open(folder.path(), GENESIS, &key("//Ann"), KEY).unwrap_err();
            assert!(error.to_string().contains("delete it"), "{error}");
            assert!(known.remember(hardened(2), output(12)).is_err(), "what is damaged is not written over");
        }
        fs::write(&known.path, &text).unwrap();
        assert!(known.remember(hardened(2), output(12)).is_ok());
    }

    #[test]
    fn boundary_the_oldest_are_forgotten() {
        let mut entries = Vec::new();
        (1..=3).for_each(|byte| add(&mut entries, (hardened(byte), output(byte)), 3));
        add(&mut entries, (hardened(1), output(21)), 3);
        let kept = |entries: &[Entry]| entries.iter().map(|(_, output)| output.as_bytes()[0]).collect::<Vec<_>>();
        assert_eq!(kept(&entries), [2, 3, 21]);
        add(&mut entries, (hardened(4), output(4)), 3);
        assert_eq!(kept(&entries), [3, 21, 4]);
    }
}
