//! What a key signs to show that its secret is there.

use codec::Encode;
use sp_core::{ed25519, sr25519, Pair};
use specie_primitives::{AccountId, Institution, Role};

/// Domain tag of [`KeyProof`].
pub const PROOF_TAG: &[u8; 24] = b"specie/ceremony/v1\0\0\0\0\0\0";

/// A signature, of either kind.
pub type Signature = [u8; 64];

/// What a key is for. Keys of one validator name each other, so that nobody can pair one machine's with another's.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub enum Use {
    /// A key of a role of the issuer; sr25519.
    #[codec(index = 0)]
    Role(Role),
    /// A member of the committee; sr25519.
    #[codec(index = 1)]
    Committee,
    /// A bank's account; sr25519.
    #[codec(index = 2)]
    Bank,
    /// A validator's account; sr25519.
    #[codec(index = 3)]
    Validator {
        /// Key that makes blocks.
        aura: [u8; 32],
        /// Key that finalises blocks.
        grandpa: [u8; 32],
        /// Address of its node, with the peer id.
        node: String,
    },
    /// Makes blocks for the validator with this account; sr25519.
    #[codec(index = 4)]
    Aura(AccountId),
    /// Finalises blocks for the validator with this account; ed25519.
    #[codec(index = 5)]
    Grandpa(AccountId),
    /// Names the node of the validator with this account among nodes; ed25519, behind the peer id.
    #[codec(index = 6)]
    Node {
        /// The validator's account.
        account: AccountId,
        /// Address of the node, with the peer id.
        node: String,
    },
}

/// What a key signs (the SCALE encoding, raw): possession of its secret, for one use on one network.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub struct KeyProof {
    tag: [u8; 24],
    network: String,
    network_id: u32,
    institution: Institution,
    purpose: Use,
    key: [u8; 32],
}

impl KeyProof {
    /// The payload for a public key. `network` is the id of the chain.
    pub fn new(network: &str, network_id: u32, institution: Institution, purpose: Use, key: [u8; 32]) -> Self {
        Self { tag: *PROOF_TAG, network: network.to_owned(), network_id, institution, purpose, key }
    }

    /// For whom it is, and on which network.
    pub(super) fn place(&self) -> (Institution, &str, u32) {
        (self.institution, &self.network, self.network_id)
    }

    /// Whether the signature is the key's own.
    pub fn holds(&self, signature: &Signature) -> bool {
        let message = self.encode();
        match self.purpose {
            Use::Grandpa(_) | Use::Node { .. } => ed25519::Pair::verify(
                &ed25519::Signature::from_raw(*signature),
                message,
                &ed25519::Public::from_raw(self.key),
            ),
            Use::Role(_) | Use::Committee | Use::Bank | Use::Validator { .. } | Use::Aura(_) => sr25519::Pair::verify(
                &sr25519::Signature::from_raw(*signature),
                message,
                &sr25519::Public::from_raw(self.key),
            ),
        }
    }
}
