//! How a receiver knows who sent a request, and when.
//!
//! `Specie-Signature: v1=<64 hexadecimal digits>` is HMAC-SHA256 with the secret that sender and receiver share, of
//!
//! ```text
//! "specie/notify/v1" ‖ 0x0a ‖ Specie-Timestamp ‖ 0x0a ‖ body
//! ```
//!
//! with the header's decimal digits, seconds since 1970, as they stand there. While a secret is being replaced there
//! are two values, separated by a comma: one of them must fit.

use hmac::{Hmac, Mac};
use rand::{rngs::OsRng, RngCore};
use sha2::Sha256;
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Header with the time of an attempt.
pub const TIMESTAMP: &str = "specie-timestamp";
/// Header with its signature.
pub const SIGNATURE: &str = "specie-signature";
/// What is signed begins with it: a secret that is used for something else, too, signs nothing here.
const TAG: &str = "specie/notify/v1";
/// Before each signature: how it is made.
const VERSION: &str = "v1=";
/// Bytes of a secret at least.
pub const SHORTEST: usize = 32;
/// Bytes of a secret at most.
const LONGEST: usize = 128;

/// What goes wrong with a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// Not a secret.
    #[error("{0}: the first line must be {least} to {most} bytes in hexadecimal digits", least = SHORTEST, most = LONGEST)]
    Format(PathBuf),
    /// Not secret.
    #[error("{0} can be read by others than its owner: chmod 600 {0}")]
    Open(PathBuf),
}

/// What sender and receiver share.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A secret of these bytes, if they are enough and not too many.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (SHORTEST..=LONGEST).contains(&bytes.len()).then(|| Self(Zeroizing::new(bytes)))
    }

    /// Reads a secret from the first line of a file that nobody else can read.
    pub fn read(path: &Path) -> Result<Self, SecretError> {
        let bad = |error| SecretError::Io(path.into(), error);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if fs::metadata(path).map_err(bad)?.permissions().mode() & 0o077 != 0 {
                return Err(SecretError::Open(path.into()));
            }
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(bad)?);
        let bytes = hex::decode(text.lines().next().unwrap_or_default().trim()).ok();
        bytes.and_then(Self::new).ok_or_else(|| SecretError::Format(path.into()))
    }

    /// Writes a new secret into a new file.
    pub fn create(path: &Path) -> Result<(), SecretError> {
        let mut bytes = Zeroizing::new([0; SHORTEST]);
        OsRng.fill_bytes(&mut bytes[..]);
        let line = Zeroizing::new(format!("{}\n", hex::encode(&bytes[..])));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let write = || {
            let mut file = options.open(path)?;
            file.write_all(line.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| SecretError::Io(path.into(), error))
    }

    fn mac(&self, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        // A key may have any length.
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0).ok()?;
        for part in [TAG.as_bytes(), b"\n", timestamp.as_bytes(), b"\n", body] {
            mac.update(part);
        }
        Some(mac)
    }

    fn sign(&self, timestamp: &str, body: &[u8]) -> Option<String> {
        Some(format!("{VERSION}{}", hex::encode(self.mac(timestamp, body)?.finalize().into_bytes())))
    }

    /// Whether one of the signatures of a header is this secret's, as a receiver has to look at it. It also has to look
    /// at the time.
    pub fn has_signed(&self, timestamp: &str, body: &[u8], header: &str) -> bool {
        header.split(',').filter_map(|value| hex::decode(value.trim().strip_prefix(VERSION)?).ok()).any(|signature| {
            // Compared in a time that tells nothing about how much of it fits.
            self.mac(timestamp, body).is_some_and(|mac| mac.verify_slice(&signature).is_ok())
        })
    }
}

/// The signatures of an attempt, as they stand in the header.
pub fn header(secrets: &[Secret], timestamp: &str, body: &[u8]) -> String {
    let values: Vec<_> = secrets.iter().filter_map(|secret| secret.sign(timestamp, body)).collect();
    values.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> Secret {
        Secret::new(vec![byte; 32]).unwrap()
    }

    #[test]
    fn signatures_are_those_of_the_specification() {
        // Made with Python's hmac module; docs/notices.md has it, too.
        let expected = "v1=791d3122b138a6e6de54114b4868a7bf812a4dd415df89d8919513bcaf539973";
        assert_eq!(header(&[secret(7)], "1700000000", br#"{"notices":[]}"#), expected);
    }

    #[test]
    fn a_signature_holds_for_its_secret_time_and_body_alone() {
        let signed = header(&[secret(1), secret(2)], "1700000000", b"body");
        assert_eq!(signed.matches("v1=").count(), 2);
        assert!(secret(1).has_signed("1700000000", b"body", &signed));
        assert!(secret(2).has_signed("1700000000", b"body", &signed));
        assert!(!secret(3).has_signed("1700000000", b"body", &signed));
        assert!(!secret(1).has_signed("1700000001", b"body", &signed));
        assert!(!secret(1).has_signed("1700000000", b"bodY", &signed));
        // What moves from the time to the body is another message.
        assert!(!secret(1).has_signed("170000000", b"0\nbody", &signed));
        for bad in ["", "v1=", "v1=00", "v2=00", &signed[..20], &signed.replace("v1=", "v0=")] {
            assert!(!secret(1).has_signed("1700000000", b"body", bad), "{bad}");
        }
    }

    #[test]
    fn secrets_are_made_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        Secret::create(&path).unwrap();
        let made = Secret::read(&path).unwrap();
        assert_eq!(made.0.len(), SHORTEST);
        // Never another one in its place.
        assert!(matches!(Secret::create(&path), Err(SecretError::Io(..))));
        assert!(Secret::read(&path).unwrap().has_signed("1", b"", &header(&[made], "1", b"")));
        assert!(matches!(Secret::read(&folder.path().join("none")), Err(SecretError::Io(..))));
    }

    #[test]
    fn fails_with_what_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        Secret::create(&path).unwrap();
        for bad in ["", "password", &"ab".repeat(31), &"ab".repeat(129), &"xy".repeat(32)] {
            fs::write(&path, bad).unwrap();
            assert!(matches!(Secret::read(&path), Err(SecretError::Format(_))), "{bad}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::write(&path, "ab".repeat(32)).unwrap();
            Secret::read(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(matches!(Secret::read(&path), Err(SecretError::Open(_))));
        }
    }
}
