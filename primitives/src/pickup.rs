//! What the holder of a pickup code signs to collect coins that wait.
//!
//! The code never reaches the chain: a key is derived from it, whose public half the payer hands in with the coins. The
//! derivation is the wallet's, see `docs/protocol/pickup.md`.

use crate::{BankId, Hash, OwnerId, PickupId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Domain tag of [`PickupClaim`].
pub const PICKUP_TAG: &[u8; 24] = b"specie/pickup/v1\0\0\0\0\0\0\0\0";

/// Who gets the money. It is part of what is signed, so that a signature seen on its way is of use to nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PickupReceiver {
    /// The coins go to the payee, who is registered meanwhile.
    Owner(OwnerId),
    /// The coins go to a bank's vault, their value to an owner's account there.
    Custody {
        /// The bank.
        bank: BankId,
        /// The owner.
        owner: OwnerId,
    },
    /// The coins go to a bank's vault, their value is handed out at its counter.
    Counter {
        /// The bank.
        bank: BankId,
        /// Number of the bank's own receipt.
        receipt: u64,
    },
}

impl PickupReceiver {
    /// The bank that collects, unless the payee does.
    pub fn bank(&self) -> Option<BankId> {
        match self {
            Self::Owner(_) => None,
            Self::Custody { bank, .. } | Self::Counter { bank, .. } => Some(*bank),
        }
    }
}

/// What the claim key signs (sr25519, the SCALE encoding, raw): 24 + 32 + 8 bytes, then the receiver with 13 to 29.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PickupClaim {
    /// [`PICKUP_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The payment that is collected.
    pub pickup: PickupId,
    /// Who gets the money.
    pub receiver: PickupReceiver,
}

impl PickupClaim {
    /// The payload for these facts.
    pub fn new(genesis: Hash, pickup: PickupId, receiver: PickupReceiver) -> Self {
        Self { tag: *PICKUP_TAG, genesis, pickup, receiver }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_have_the_documented_length() {
        let (bank, owner) = (BankId(1), OwnerId([2; 24]));
        for (receiver, length) in [
            (PickupReceiver::Owner(owner), 25),
            (PickupReceiver::Custody { bank, owner }, 29),
            (PickupReceiver::Counter { bank, receipt: 7 }, 13),
        ] {
            assert_eq!(PickupClaim::new(Hash::zero(), PickupId(1), receiver).encode().len(), 64 + length);
        }
    }
}
