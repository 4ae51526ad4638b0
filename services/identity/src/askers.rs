//! Who may ask, and how much.

mod chain;
mod file;

pub use chain::{ChainAskers, NetworkFacts};
pub use file::{FileAskers, Settings};

use crate::limits::{Limit, Payer};
use serde::{Deserialize, Serialize};
use specie_identity_client::AccountKey;
use std::{future::Future, pin::Pin};

/// Somebody who may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Name in logs and metrics. All owners are one: nobody shall read there who asks how often.
    pub label: String,
    /// Who pays, and what each may spend. Never empty.
    pub charges: Vec<(Payer, Limit)>,
}

/// Why it is not known whether a key may ask.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskersError {
    /// The node does not answer, or not as it should.
    #[error("the node does not say who may ask: {0}")]
    Node(String),
    /// More unknown keys than are looked up at once.
    #[error("too many keys are being looked up")]
    Busy,
}

/// The answer of [`Askers::find`].
pub type Finding<'a> = Pin<Box<dyn Future<Output = Result<Option<Asker>, AskersError>> + Send + 'a>>;

/// A place where it is known who may ask.
pub trait Askers: Send + Sync {
    /// Who asks with this key, or `None` if it may not ask.
    fn find<'a>(&'a self, key: &'a AccountKey) -> Finding<'a>;
}

/// One place after the other; the first that knows the key counts.
impl Askers for Vec<Box<dyn Askers>> {
    fn find<'a>(&'a self, key: &'a AccountKey) -> Finding<'a> {
        Box::pin(async move {
            for place in self {
                if let Some(asker) = place.find(key).await? {
                    return Ok(Some(asker));
                }
            }
            Ok(None)
        })
    }
}

/// What each kind of asker may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// A bank.
    pub bank: Limit,
    /// An owner with its registered key.
    pub owner: Limit,
    /// All owners of one bank together.
    pub owners_of_bank: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bank: Limit { per_minute: 600, per_day: 50_000 },
            owner: Limit { per_minute: 10, per_day: 100 },
            owners_of_bank: Limit { per_minute: 600, per_day: 20_000 },
        }
    }
}

impl Limits {
    /// A bank that is known by its number.
    fn of_bank(&self, bank: u32) -> Asker {
        Asker { label: format!("bank-{bank}"), charges: vec![(Payer::Bank(bank), self.bank)] }
    }

    /// An owner that a bank registered.
    fn of_owner(&self, owner: [u8; 24], bank: u32) -> Asker {
        let charges = vec![(Payer::Owner(owner), self.owner), (Payer::OwnersOf(bank), self.owners_of_bank)];
        Asker { label: "owners".into(), charges }
    }
}
