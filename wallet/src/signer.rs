//! Whoever signs transactions: a key, or a card.

use crate::{Card, CardError, Keypair};
use specie_primitives::AccountId;
use std::{fmt, rc::Rc};

/// A signature of an account, with its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountSignature {
    /// A key's.
    Sr25519([u8; 64]),
    /// A card's.
    Ed25519([u8; 64]),
}

/// What signs for an account.
pub trait Signs {
    /// The account.
    fn account(&self) -> AccountId;
    /// Signs the payload of a transaction.
    fn sign_transaction(&self, payload: &[u8]) -> Result<AccountSignature, CardError>;
}

impl Signs for Keypair {
    fn account(&self) -> AccountId {
        Keypair::account(self)
    }

    fn sign_transaction(&self, payload: &[u8]) -> Result<AccountSignature, CardError> {
        Ok(AccountSignature::Sr25519(self.sign(payload)))
    }
}

/// A key or a card.
#[derive(Clone)]
pub enum Signer {
    /// A key.
    Key(Keypair),
    /// A card, unlocked.
    Card(Rc<dyn Card>),
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.account())
    }
}

impl Signs for Signer {
    fn account(&self) -> AccountId {
        match self {
            Self::Key(key) => key.account(),
            Self::Card(card) => card.account().clone(),
        }
    }

    fn sign_transaction(&self, payload: &[u8]) -> Result<AccountSignature, CardError> {
        match self {
            Self::Key(key) => key.sign_transaction(payload),
            Self::Card(card) => card.sign(payload).map(AccountSignature::Ed25519),
        }
    }
}
