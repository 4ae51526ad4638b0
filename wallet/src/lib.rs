//! What a Specie wallet computes by itself: keys, identities, which owner ids it knows, coin selection, which coins are on
//! their way, change, pickup codes, orders, payment codes, joint accounts, cards, amounts, signing payloads, proofs of keys as
//! files, certificates, what comes back from a seed, and whether what a node says is true.
//!
//! Nothing here touches the network. A wallet asks a node for coins and state, hands the answers to this crate, and
//! submits what comes out; the command line in `wallet/cli` is one such wallet.

pub mod amount;
mod base32;
pub mod card;
pub mod certificates;
pub mod change;
pub mod code;
pub mod coins;
pub mod finality;
pub mod identity;
pub mod joint;
pub mod key_proof;
pub mod keys;
pub mod keystore;
pub mod order;
pub mod owner_ids;
pub mod pending;
pub mod person;
pub mod pickup;
pub mod promises;
pub mod proof;
pub mod registration;
pub mod seed;
pub mod signer;

use specie_primitives::{Balance, Lot};

pub use amount::{AmountError, Money};
pub use card::{Card, CardError, CardPlace};
pub use change::{plan, ChangePlan};
pub use code::{CodeError, ShownCode};
pub use coins::{select, select_counts, Change, HeldCoin, SelectionError};
pub use identity::{parse_identity, ParseIdentityError};
pub use joint::{JointDocument, JointError};
pub use key_proof::{KeyProof, KeyProofError, Purpose};
pub use keys::{KeyError, Keypair};
pub use keystore::{Keystore, KeystoreError, StoredKey};
pub use order::OrderError;
pub use owner_ids::{OwnerIds, OwnerIdsError};
pub use pending::{Pending, PendingCoin};
pub use person::PersonSecret;
pub use pickup::{PickupCode, PickupCodeError};
pub use promises::Promise;
pub use seed::{read_phrase, PhraseError, Seed};
pub use signer::{AccountSignature, Signer, Signs};

/// What lots are worth in minor units.
pub(crate) fn total(lots: &[Lot]) -> Balance {
    lots.iter().map(|lot| lot.denomination.value(lot.count.into())).sum()
}
