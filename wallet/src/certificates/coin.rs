//! A coin with everything that shows who made it.

use super::{at, NotProven, Trust};
use serde::{Deserialize, Serialize};
use specie_certificates::{verify_batch, BatchCertificate, Certificate, Coin, Revocations};
use specie_primitives::{
    certificates::{BatchCertificateInfo, HexBytes},
    CoinId, Denomination,
};

/// A coin, the certificate of its batch and those above it, as a file. It says nothing about who holds the coin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoinProof {
    /// The coin.
    pub coin: CoinId,
    /// Its printed serial.
    pub serial: String,
    /// Its face value in minor units.
    pub denomination: Denomination,
    /// The root's certificate.
    pub root: HexBytes,
    /// The issuing key's certificate.
    pub issuing: HexBytes,
    /// The batch's certificate.
    pub batch: HexBytes,
}

impl CoinProof {
    /// Puts a coin and its batch's certificate together; fails unless both hold.
    pub fn new(
        coin: CoinId,
        info: BatchCertificateInfo,
        trust: &Trust,
        now: u64,
        revocations: &dyn Revocations,
    ) -> Result<Self, NotProven> {
        let BatchCertificateInfo { certificate, issuing, root, .. } = info;
        let (serial, denomination) = (String::new(), Denomination(0));
        let mut proof = Self { coin, serial, denomination, root, issuing, batch: certificate };
        let found = proof.check(trust, now, revocations)?;
        proof.serial = found.serial.to_string();
        proof.denomination = Denomination(found.denomination);
        Ok(proof)
    }

    /// Checks everything that the file says, down from the root key.
    pub fn verify(&self, trust: &Trust, now: u64, revocations: &dyn Revocations) -> Result<Coin, NotProven> {
        let coin = self.check(trust, now, revocations)?;
        if coin.denomination != self.denomination.0 {
            return Err(NotProven::WrongValue(coin.denomination));
        }
        if self.serial.parse() != Ok(coin.serial) {
            return Err(NotProven::WrongSerial(coin.serial.to_string()));
        }
        Ok(coin)
    }

    fn check(&self, trust: &Trust, now: u64, revocations: &dyn Revocations) -> Result<Coin, NotProven> {
        let root = Certificate::decode(&self.root.0).and_then(|root| trust.pin(root)).map_err(at(0))?;
        let issuing = Certificate::decode(&self.issuing.0).map_err(at(1))?;
        let batch = BatchCertificate::decode(&self.batch.0).map_err(at(2))?;
        if batch.batch().batch != self.coin.batch {
            return Err(NotProven::WrongBatch(batch.batch().batch));
        }
        verify_batch(&root, &issuing, &batch, now, revocations)?.coin(self.coin.index).map_err(at(2))
    }
}
