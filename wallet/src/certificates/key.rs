//! Keys that sign certificates, from the same secrets as keys of accounts.

use crate::KeyError;
use core::fmt;
use sp_core::{ed25519, Pair};
use specie_certificates::{Body, Certificate, Fault, PublicKey, Signature};

/// An ed25519 key that signs certificates, batches and digests.
#[derive(Clone)]
pub struct CertificateKey {
    pair: ed25519::Pair,
    key: PublicKey,
}

impl fmt::Debug for CertificateKey {
    // Secrets stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateKey({:?})", self.key)
    }
}

impl CertificateKey {
    /// The key of a recovery phrase, seed or secret URI with hard steps (`//`). An empty text is refused: it would stand
    /// for the development phrase.
    pub fn from_uri(uri: &str) -> Result<Self, KeyError> {
        if uri.trim().is_empty() {
            return Err(KeyError::NotASecret("it is empty".into()));
        }
        // The reason may repeat the secret.
        let wrong = |_| KeyError::NotASecret("it makes no ed25519 key; steps are hard ones, //".into());
        let pair = ed25519::Pair::from_string(uri.trim(), None).map_err(wrong)?;
        let mut bytes = vec![1];
        bytes.extend_from_slice(&pair.public().0);
        let key = PublicKey::decode(&bytes).map_err(|fault| KeyError::NotASecret(fault.to_string()))?;
        Ok(Self { pair, key })
    }

    /// Its public key.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// Signs a payload of the protocol.
    pub fn sign(&self, payload: &[u8]) -> Signature {
        Signature::Ed25519(self.pair.sign(payload).0)
    }

    /// Signs a certificate.
    pub fn certify(&self, body: Body) -> Result<Certificate, Fault> {
        Certificate::new(body, self.sign(&body.payload()))
    }
}
