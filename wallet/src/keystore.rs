//! Secrets at rest: one encrypted file a key.
//!
//! A file is JSON. Its header (version, name, account, parameters of the key derivation) is readable; the secret and
//! the identity it belongs to are sealed with XChaCha20-Poly1305 under a key that argon2id makes from the password. The
//! header is bound into the seal, so that an altered header is noticed. Files are written whole or not at all and are
//! readable by their owner only.

use crate::{KeyError, Keypair};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    aead::{Aead, Payload},
    KeyInit, XChaCha20Poly1305, XNonce,
};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use specie_primitives::AccountId;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Version of the file format that this crate writes.
pub const VERSION: u32 = 1;
/// Ending of key files.
const ENDING: &str = "json";
/// Most memory that a file may ask for, 1 GiB: a forged file shall not exhaust the machine.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;

/// What can go wrong with stored keys.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// The seal does not open.
    #[error("wrong password for key '{0}', or its file was altered")]
    WrongPassword(String),
    /// No such file.
    #[error("there is no key '{name}' in {directory}")]
    Unknown {
        /// The name.
        name: String,
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// A key of that name exists and is not overwritten.
    #[error("a key '{0}' exists already: choose another name")]
    Exists(String),
    /// Not a name. It is kept out of the message: it may be a recovery phrase in the wrong place.
    #[error("this is no name for a key: use 1 to 64 letters, digits, '-', '_' and '.', not starting with '.'")]
    BadName(String),
    /// An empty password protects nothing.
    #[error("the password is empty")]
    EmptyPassword,
    /// Written by a newer version, or not a key file.
    #[error("{0} is not a key file that this version reads: {1}")]
    Format(PathBuf, String),
    /// The secret makes no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The file system.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
}

/// The readable part of a key file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the format.
    pub version: u32,
    /// Name of the key.
    pub name: String,
    /// Account that the key signs for.
    pub account: AccountId,
    /// How the password becomes the sealing key.
    pub kdf: Kdf,
    /// How the secret is sealed: `xchacha20poly1305`.
    pub cipher: String,
}

/// Key derivation from the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kdf {
    /// `argon2id`, version 0x13.
    pub algorithm: String,
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// 16 random bytes, hexadecimal.
    pub salt: String,
}

#[derive(Serialize, Deserialize)]
struct KeyFile {
    header: Header,
    /// 24 random bytes, hexadecimal.
    nonce: String,
    /// Sealed [`StoredKey`] as JSON, hexadecimal.
    sealed: String,
}

/// What is sealed.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct StoredKey {
    /// Recovery phrase, seed or secret URI.
    pub secret: String,
    /// The identity that this key is registered for, as its owner wrote it.
    pub identity: Option<String>,
}

impl core::fmt::Debug for StoredKey {
    // Secrets and identities stay out of logs.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("StoredKey(…)")
    }
}

impl StoredKey {
    /// The key pair behind it.
    pub fn keypair(&self) -> Result<Keypair, KeyError> {
        Keypair::from_uri(&self.secret)
    }
}

/// A folder of key files.
#[derive(Clone, Debug)]
pub struct Keystore {
    directory: PathBuf,
    memory_kib: u32,
}

impl Keystore {
    /// The key store in this folder, which need not exist yet.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), memory_kib: 64 * 1024 }
    }

    /// Where the files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Adds a key. Never overwrites one.
    pub fn add(&self, name: &str, key: &StoredKey, password: &str) -> Result<Header, KeystoreError> {
        let path = self.path(name)?;
        if path.exists() {
            return Err(KeystoreError::Exists(name.into()));
        }
        let file = self.seal(name, key, password)?;
        self.write(&path, &file, false).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => KeystoreError::Exists(name.into()),
            _ => KeystoreError::Io(path, error),
        })?;
        Ok(file.header)
    }

    /// Replaces what is stored under a name, for instance with another identity or password. The old file stays
    /// until the new one is whole.
    pub fn replace(&self, name: &str, key: &StoredKey, password: &str) -> Result<Header, KeystoreError> {
        let path = self.path(name)?;
        self.header(name)?;
        let file = self.seal(name, key, password)?;
        self.write(&path, &file, true).map_err(|error| KeystoreError::Io(path, error))?;
        Ok(file.header)
    }

    /// Opens a key.
    pub fn open(&self, name: &str, password: &str) -> Result<StoredKey, KeystoreError> {
        let (path, file) = self.read(name)?;
        let bad = |reason: &str| KeystoreError::Format(path.clone(), reason.into());
        let nonce: [u8; 24] = hex::decode(&file.nonce)
            .ok()
            .and_then(|nonce| nonce.try_into().ok())
            .ok_or_else(|| bad("its nonce is damaged"))?;
        let sealed = hex::decode(&file.sealed).map_err(|_| bad("its content is damaged"))?;
        let cipher = cipher(&file.header.kdf, password).map_err(|reason| bad(&reason))?;
        let payload = Payload { msg: &sealed, aad: &bound(&file.header) };
        let opened = cipher
            .decrypt(XNonce::from_slice(&nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| KeystoreError::WrongPassword(name.into()))?;
        let key: StoredKey = serde_json::from_slice(&opened).map_err(|_| bad("its content is no key"))?;
        if key.keypair()?.account() != file.header.account {
            return Err(bad("its account is not the key's"));
        }
        Ok(key)
    }

    /// The readable part of a key's file.
    pub fn header(&self, name: &str) -> Result<Header, KeystoreError> {
        Ok(self.read(name)?.1.header)
    }

    /// Every key, by name.
    pub fn list(&self) -> Result<Vec<Header>, KeystoreError> {
        self.names()?.iter().map(|name| self.header(name)).collect()
    }

    /// Names of all keys in ascending order. Their files are not read.
    pub fn names(&self) -> Result<Vec<String>, KeystoreError> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(KeystoreError::Io(self.directory.clone(), error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| KeystoreError::Io(self.directory.clone(), error))?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            if path.extension().is_some_and(|ending| ending == ENDING) && check_name(name).is_ok() {
                names.push(name.to_string());
            }
        }
        names.sort();
        Ok(names)
    }

    fn path(&self, name: &str) -> Result<PathBuf, KeystoreError> {
        check_name(name)?;
        Ok(self.directory.join(format!("{name}.{ENDING}")))
    }

    fn read(&self, name: &str) -> Result<(PathBuf, KeyFile), KeystoreError> {
        let path = self.path(name)?;
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeystoreError::Unknown { name: name.into(), directory: self.directory.clone() },
            _ => KeystoreError::Io(path.clone(), error),
        })?;
        let file: KeyFile =
            serde_json::from_str(&text).map_err(|error| KeystoreError::Format(path.clone(), error.to_string()))?;
        if file.header.version != VERSION {
            let reason = format!("it has version {}, this is {VERSION}", file.header.version);
            return Err(KeystoreError::Format(path, reason));
        }
        Ok((path, file))
    }

    fn seal(&self, name: &str, key: &StoredKey, password: &str) -> Result<KeyFile, KeystoreError> {
        if password.is_empty() {
            return Err(KeystoreError::EmptyPassword);
        }
        let (mut salt, mut nonce) = ([0u8; 16], [0u8; 24]);
        rand::rngs::OsRng.fill_bytes(&mut salt);
        rand::rngs::OsRng.fill_bytes(&mut nonce);
        let header = Header {
            version: VERSION,
            name: name.into(),
            account: key.keypair()?.account(),
            kdf: Kdf {
                algorithm: "argon2id".into(),
                memory_kib: self.memory_kib,
                passes: 3,
                lanes: 1,
                salt: hex::encode(salt),
            },
            cipher: "xchacha20poly1305".into(),
        };
        let bad = |reason: String| KeystoreError::Format(self.directory.join(name), reason);
        let content = serde_json::to_vec(key).map(Zeroizing::new).map_err(|error| bad(error.to_string()))?;
        let sealed = cipher(&header.kdf, password)
            .map_err(bad)?
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: &content, aad: &bound(&header) })
            .map_err(|error| bad(error.to_string()))?;
        Ok(KeyFile { header, nonce: hex::encode(nonce), sealed: hex::encode(sealed) })
    }

    fn write(&self, path: &Path, file: &KeyFile, overwrite: bool) -> io::Result<()> {
        let mut content = serde_json::to_vec_pretty(file)?;
        content.push(b'\n');
        write_whole(path, &content, overwrite)
    }
}

/// Writes a file that only its owner can read, whole or not at all, and makes its folder if need be: writes beside the
/// target, flushes, then puts the file in place in one step. Without `overwrite` it fails where a file exists.
pub fn write_whole(path: &Path, content: &[u8], overwrite: bool) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    // A bare name is in the present folder.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    create_folder(folder)?;
    let temporary = folder.join(format!(".{}.{:016x}", name.to_string_lossy(), rand::rngs::OsRng.next_u64()));
    let result = (|| {
        let mut handle = private_file(&temporary)?;
        io::Write::write_all(&mut handle, content)?;
        handle.sync_all()?;
        if overwrite {
            fs::rename(&temporary, path)?;
        } else {
            // A link fails where a file exists, a rename would replace it.
            fs::hard_link(&temporary, path)?;
        }
        fs::File::open(folder)?.sync_all()
    })();
    if !overwrite || result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

fn check_name(name: &str) -> Result<(), KeystoreError> {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.');
    if (1..=64).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('.') {
        Ok(())
    } else {
        Err(KeystoreError::BadName(name.into()))
    }
}

/// The bytes of a header that the seal covers.
fn bound(header: &Header) -> Vec<u8> {
    let kdf = &header.kdf;
    format!(
        "specie/keystore/{}\n{}\n{}\n{}\n{} {} {} {}\n{}",
        header.version,
        header.name,
        header.account,
        kdf.algorithm,
        kdf.memory_kib,
        kdf.passes,
        kdf.lanes,
        kdf.salt,
        header.cipher,
    )
    .into_bytes()
}

pub(crate) fn cipher(kdf: &Kdf, password: &str) -> Result<XChaCha20Poly1305, String> {
    if kdf.algorithm != "argon2id" || kdf.memory_kib > MAX_MEMORY_KIB || kdf.passes > 100 {
        return Err("its key derivation is unknown or too expensive".into());
    }
    let params = Params::new(kdf.memory_kib, kdf.passes, kdf.lanes, Some(32)).map_err(|error| error.to_string())?;
    let salt = hex::decode(&kdf.salt).map_err(|error| error.to_string())?;
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), &salt, &mut *key)
        .map_err(|error| error.to_string())?;
    Ok(XChaCha20Poly1305::new((&*key).into()))
}

/// Makes a folder that only its owner can enter, with those above it.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    private(fs::OpenOptions::new().write(true).create_new(true)).open(path)
}

/// The file to be locked by whoever changes another one, which is replaced and cannot be locked itself. It is empty and its
/// folder is made if need be.
pub fn lock_file(path: &Path) -> io::Result<fs::File> {
    create_folder(path.parent().unwrap_or(path))?;
    private(fs::OpenOptions::new().write(true).create(true).truncate(false)).open(path)
}

/// Of files that are made, only their owner can read them.
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct horse";

    fn store() -> (tempfile::TempDir, Keystore) {
        let folder = tempfile::tempdir().unwrap();
        // Little memory: these tests are about files.
        let store = Keystore { directory: folder.path().join("keys"), memory_kib: 1024 };
        (folder, store)
    }

    fn ann() -> StoredKey {
        StoredKey { secret: "//Ann".into(), identity: Some("+49 171 5550101".into()) }
    }

    #[test]
    fn a_stored_key_comes_back() {
        let (_folder, store) = store();
        assert!(store.list().unwrap().is_empty());
        let header = store.add("ann", &ann(), PASSWORD).unwrap();
        assert_eq!(header.account, Keypair::from_uri("//Ann").unwrap().account());
        let key = store.open("ann", PASSWORD).unwrap();
        assert_eq!((key.secret.as_str(), key.identity.as_deref()), ("//Ann", Some("+49 171 5550101")));
        assert_eq!(store.list().unwrap(), [header]);
        // A folder or another file in the store is no key.
        fs::create_dir(store.directory().join("pending")).unwrap();
        fs::write(store.directory().join("notes.txt"), "").unwrap();
        assert_eq!(store.names().unwrap(), ["ann"]);
    }

    #[test]
    fn neither_secret_nor_identity_is_readable() {
        let (_folder, store) = store();
        store.add("ann", &ann(), PASSWORD).unwrap();
        let text = fs::read_to_string(store.directory().join("ann.json")).unwrap();
        assert!(!text.contains("//Ann") && !text.contains("171"), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(store.directory().join("ann.json")).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(store.directory()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert_eq!(fs::read_dir(store.directory()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn wrong_passwords_and_altered_files_do_not_open() {
        let (_folder, store) = store();
        store.add("ann", &ann(), PASSWORD).unwrap();
        assert!(matches!(store.open("ann", "wrong"), Err(KeystoreError::WrongPassword(_))));
        assert!(matches!(store.add("ann2", &ann(), ""), Err(KeystoreError::EmptyPassword)));
        assert!(matches!(store.open("ben", PASSWORD), Err(KeystoreError::Unknown { .. })));

        let path = store.directory().join("ann.json");
        let text = fs::read_to_string(&path).unwrap();
        let other = Keypair::from_uri("//Ben").unwrap().account().to_string();
        let account = Keypair::from_uri("//Ann").unwrap().account().to_string();
        fs::write(&path, text.replace(&account, &other)).unwrap();
        assert!(matches!(store.open("ann", PASSWORD), Err(KeystoreError::WrongPassword(_))));
        fs::write(&path, text.replace("\"version\": 1", "\"version\": 2")).unwrap();
        assert!(matches!(store.open("ann", PASSWORD), Err(KeystoreError::Format(..))));
        fs::write(&path, text.replace("\"memory_kib\": 1024", "\"memory_kib\": 4000000000")).unwrap();
        assert!(matches!(store.open("ann", PASSWORD), Err(KeystoreError::Format(..))));
        fs::write(&path, "{").unwrap();
        assert!(matches!(store.open("ann", PASSWORD), Err(KeystoreError::Format(..))));
    }

    #[test]
    fn keys_are_replaced_on_purpose_only() {
        let (_folder, store) = store();
        store.add("ann", &ann(), PASSWORD).unwrap();
        assert!(matches!(store.add("ann", &ann(), "another"), Err(KeystoreError::Exists(_))));
        assert!(store.open("ann", PASSWORD).is_ok());
        store.replace("ann", &ann(), "another").unwrap();
        assert!(store.open("ann", "another").is_ok());
        assert!(matches!(store.replace("ben", &ann(), PASSWORD), Err(KeystoreError::Unknown { .. })));
        assert_eq!(fs::read_dir(store.directory()).unwrap().count(), 1);
    }

    #[test]
    fn names_stay_inside_the_folder() {
        let (_folder, store) = store();
        for name in ["", ".", "../x", "a/b", ".hidden", "ä"] {
            assert!(matches!(store.add(name, &ann(), PASSWORD), Err(KeystoreError::BadName(_))), "{name}");
        }
        let error = store.add("letter advice cage", &ann(), PASSWORD).unwrap_err().to_string();
        assert!(error.contains("no name for a key") && !error.contains("letter advice"), "{error}");
        let bad = StoredKey { secret: "not a phrase".into(), identity: None };
        assert!(matches!(store.add("bad", &bad, PASSWORD), Err(KeystoreError::Key(_))));
    }
}
