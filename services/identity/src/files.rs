//! Key files on the disk.

use rand::{rngs::OsRng, RngCore};
use specie_prf::{Header, Key, SealError, SealedKey};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What can go wrong with a key file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is one already.
    #[error("{0} exists already and is not overwritten")]
    Exists(PathBuf),
    /// The key in it.
    #[error("{0}: {1}")]
    Seal(PathBuf, #[source] SealError),
    /// The file system.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
}

impl FileError {
    /// Stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exists(_) => "exists",
            Self::Seal(_, SealError::WrongPassword) => "wrong_password",
            Self::Seal(_, SealError::EmptyPassword) => "empty_password",
            Self::Seal(..) => "key_file",
            Self::Io(..) => "io",
        }
    }
}

/// Reads a key file without opening it.
pub fn read(path: &Path) -> Result<SealedKey, FileError> {
    let bytes = fs::read(path).map_err(|error| FileError::Io(path.into(), error))?;
    SealedKey::decode(&bytes).map_err(|error| FileError::Seal(path.into(), error))
}

/// Reads and opens a key file.
pub fn open(path: &Path, password: &str) -> Result<(Header, Key), FileError> {
    let sealed = read(path)?;
    let key = sealed.open(password).map_err(|error| FileError::Seal(path.into(), error))?;
    Ok((sealed.header().clone(), key))
}

/// Seals a key into a file and opens what was written. `overwrite` replaces a file; the old one stays until the new one
/// is whole.
pub fn write(path: &Path, key: &Key, network: u32, password: &str, overwrite: bool) -> Result<Header, FileError> {
    let bad = |error| FileError::Seal(path.into(), error);
    let sealed = SealedKey::seal(key, network, password, SealedKey::MEMORY_KIB, &mut OsRng).map_err(bad)?;
    write_whole(path, &sealed.encode().map_err(bad)?, overwrite).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists(path.into()),
        _ => FileError::Io(path.into(), error),
    })?;
    let (header, again) = open(path, password)?;
    if again.public() != key.public() {
        return Err(bad(SealError::Format("what was written is another key".into())));
    }
    Ok(header)
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_whole(path: &Path, content: &[u8], overwrite: bool) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let temporary = folder.join(format!(".{}.{:016x}", name.to_string_lossy(), OsRng.next_u64()));
    let result = (|| {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut handle = options.open(&temporary)?;
        handle.write_all(content)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_whole_and_replaced_on_purpose_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prf.key");
        let key = Key::generate(&mut OsRng);
        let header = write(&path, &key, 3, "one", false).unwrap();
        assert_eq!((header.network, header.public_key), (3, key.public()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(write(&path, &key, 3, "two", false).unwrap_err().code(), "exists");
        assert_eq!(open(&path, "two").unwrap_err().code(), "wrong_password");
        write(&path, &key, 3, "two", true).unwrap();
        assert_eq!(open(&path, "two").unwrap().1.public(), key.public());
        assert_eq!(write(&folder.path().join("x"), &key, 3, "", false).unwrap_err().code(), "empty_password");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file stays");
        assert_eq!(open(&folder.path().join("y"), "two").unwrap_err().code(), "io");
        fs::write(&path, "{}").unwrap();
        assert_eq!(open(&path, "two").unwrap_err().code(), "key_file");
    }
}
