//! Certificates without a network: making them, reading them from files, checking them against a root key.
//!
//! The bytes and the rules are those of `docs/protocol/certificates.md`, by the crate `specie-certificates`.

mod bench;
mod coin;
mod key;

pub use bench::{read, Bench, Document, Verdict};
pub use coin::CoinProof;
pub use key::CertificateKey;

use specie_certificates::{Certificate, Fault, Genesis, PublicKey, Refused, Root};

/// What a verifier knows beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The issuer's root key.
    pub root: PublicKey,
    /// The network; by default the one that the root's certificate names.
    pub genesis: Option<Genesis>,
}

impl Trust {
    /// Takes a root's description of itself.
    pub fn pin(&self, certificate: Certificate) -> Result<Root, Fault> {
        let genesis = self.genesis.unwrap_or(certificate.body().genesis);
        Root::pin(certificate, &genesis, &self.root)
    }
}

/// Why a document does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// A fault in the chain.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// The certificate of the trusted root key is not there.
    #[error("the certificate of the trusted root key is not among the files")]
    RootMissing,
    /// A certificate above is not there.
    #[error("the certificate of the key that issued it is not among the files")]
    IssuerMissing,
    /// The file speaks of another batch than its certificate.
    #[error("the certificate is of batch {0}, not of the coin's")]
    WrongBatch(u32),
    /// The file states another face value.
    #[error("the coin is worth {0} minor units, not what the file says")]
    WrongValue(u64),
    /// The file states another serial.
    #[error("the coin's serial is {0}, not what the file says")]
    WrongSerial(String),
}

impl NotProven {
    /// One word, as in the protocol's vectors.
    pub fn name(&self) -> String {
        match self {
            Self::Refused(refused) => format!("{:?}", refused.fault),
            Self::RootMissing => "RootMissing".into(),
            Self::IssuerMissing => "IssuerMissing".into(),
            Self::WrongBatch(_) => "WrongBatch".into(),
            Self::WrongValue(_) => "WrongValue".into(),
            Self::WrongSerial(_) => "WrongSerial".into(),
        }
    }
}

/// A fault at a position, 0 for the root.
fn at(position: usize) -> impl Fn(Fault) -> NotProven {
    move |fault| Refused { position, fault }.into()
}

#[cfg(test)]
mod tests;
