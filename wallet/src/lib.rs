//! What a Specie wallet computes by itself: keys, owner ids, coin selection, which coins are on their
//! way, amounts, signing payloads, and whether what a node says is true.
//!
//! Nothing here touches the network. A wallet asks a node for coins and state, hands the answers to this crate, and
//! submits what comes out; the command line in `wallet/cli` is one such wallet.

pub mod amount;
pub mod coins;
pub mod finality;
pub mod keys;
pub mod keystore;
pub mod owner_id;
pub mod pending;
pub mod proof;
pub mod registration;

pub use amount::{AmountError, Money};
pub use coins::{select, select_counts, Change, HeldCoin, SelectionError};
pub use keys::{KeyError, Keypair};
pub use keystore::{Keystore, KeystoreError, StoredKey};
pub use owner_id::{parse_identity, Argon2Prf, ParseIdentityError};
pub use pending::{Pending, PendingCoin};
