//! The issuer's signature on a batch of coins, which is the certificate of every coin in it.

use crate::{
    bytes::Reader, hash, verify_chain, Certificate, CoinSerial, Fault, Genesis, Item, KeyId, Kind, Refused,
    Revocations, Root, Seed, Signature, VERSION,
};
use alloc::vec::Vec;

/// Domain tag in front of a batch that is signed or hashed.
pub const BATCH_TAG: &[u8; 24] = b"specie/batch/v1\0\0\0\0\0\0\0\0\0";
/// Length of a batch's certificate.
pub const BATCH_LEN: usize = 158;

/// What the issuer signs about the coins of a batch. It says nothing about who holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The network.
    pub genesis: Genesis,
    /// Number of the batch.
    pub batch: u32,
    /// Face value of every coin in minor units, at least 1.
    pub denomination: u64,
    /// Number of coins, at least 1.
    pub count: u32,
    /// What printed serials are derived from.
    pub seed: Seed,
    /// When this was signed: the issuing key must have been valid then.
    pub signed_at: u32,
    /// The issuing key.
    pub issuer: KeyId,
}

impl Batch {
    fn check(&self) -> Result<(), Fault> {
        if self.denomination == 0 {
            return Err(Fault::ZeroValue);
        }
        if self.count == 0 {
            return Err(Fault::EmptyBatch);
        }
        Ok(())
    }

    /// What the issuing key signs: tag ‖ body.
    pub fn payload(&self) -> Vec<u8> {
        let mut bytes = BATCH_TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }

    /// Under which name this signature on the batch is revoked.
    pub fn item(&self) -> Item {
        Item::of(hash(&[&self.payload()]))
    }

    fn encode_to(&self, bytes: &mut Vec<u8>) {
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.genesis.0);
        bytes.extend_from_slice(&self.batch.to_le_bytes());
        bytes.extend_from_slice(&self.denomination.to_le_bytes());
        bytes.extend_from_slice(&self.count.to_le_bytes());
        bytes.extend_from_slice(&self.seed.0);
        bytes.extend_from_slice(&self.signed_at.to_le_bytes());
        bytes.extend_from_slice(&self.issuer.0);
    }

    // The fields stand in the order of their bytes: a struct literal is evaluated as it is written.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        if reader.u8()? != VERSION {
            return Err(Fault::UnknownVersion);
        }
        Ok(Self {
            genesis: Genesis(reader.array()?),
            batch: reader.u32()?,
            denomination: reader.u64()?,
            count: reader.u32()?,
            seed: Seed(reader.array()?),
            signed_at: reader.u32()?,
            issuer: KeyId(reader.array()?),
        })
    }
}

/// A batch and a signature. Whether the signature holds is for [`verify_batch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BatchCertificate {
    batch: Batch,
    signature: Signature,
}

impl BatchCertificate {
    /// Puts both together.
    pub fn new(batch: Batch, signature: Signature) -> Result<Self, Fault> {
        batch.check()?;
        Ok(Self { batch, signature })
    }

    /// Reads a batch's certificate, which is all there is.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes);
        let batch = Batch::read(&mut reader)?;
        let signature = Signature::read(&mut reader)?;
        reader.finish()?;
        Self::new(batch, signature)
    }

    /// Body and signature, [`BATCH_LEN`] bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BATCH_LEN);
        self.batch.encode_to(&mut bytes);
        self.signature.encode_to(&mut bytes);
        bytes
    }

    /// What it says.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Its signature.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}

/// A batch whose certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedBatch(Batch);

/// A coin that the issuer made. Who holds it is the register's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Coin {
    /// Its batch.
    pub batch: u32,
    /// Its place in the batch, from zero.
    pub index: u32,
    /// Face value in minor units.
    pub denomination: u64,
    /// Its printed serial.
    pub serial: CoinSerial,
}

impl VerifiedBatch {
    /// What the issuer signed.
    pub fn batch(&self) -> &Batch {
        &self.0
    }

    /// The coin at an index below the count.
    pub fn coin(&self, index: u32) -> Result<Coin, Fault> {
        let Batch { genesis, batch, denomination, count, seed, .. } = self.0;
        if index >= count {
            return Err(Fault::NotInBatch);
        }
        Ok(Coin { batch, index, denomination, serial: CoinSerial::new(&genesis, &seed, batch, index) })
    }
}

/// Checks the certificate of a batch: root (position 0) → issuing key (1) → batch (2).
///
/// Coins outlive keys. So root and issuing key must have been valid when the batch was signed, and the root, which its
/// renewals carry on, still is. When an issuing key is compromised it is revoked and its batches are signed anew.
pub fn verify_batch(
    root: &Root,
    issuing: &Certificate,
    certificate: &BatchCertificate,
    now: u64,
    revocations: &dyn Revocations,
) -> Result<VerifiedBatch, Refused> {
    let at = Refused::at(2);
    let batch = certificate.batch;
    let signed_at = u64::from(batch.signed_at);
    if batch.genesis != root.body().genesis {
        return Err(at(Fault::WrongNetwork));
    }
    root.body().check_time(now).map_err(Refused::at(0))?;
    if signed_at > now {
        return Err(at(Fault::NotYetValid));
    }
    let issuer = verify_chain(root, core::slice::from_ref(issuing), signed_at, revocations)?;
    if issuer.kind != Kind::Issuing {
        return Err(Refused::at(1)(Fault::WrongKind));
    }
    if batch.issuer != issuer.key.id() {
        return Err(at(Fault::WrongIssuer));
    }
    issuer.key.verify(&batch.payload(), &certificate.signature).map_err(&at)?;
    if revocations.is_revoked(&batch.item()) {
        return Err(at(Fault::Revoked));
    }
    Ok(VerifiedBatch(batch))
}
