//! Errors of the `specie_*` methods. The codes are stable: they are never used again for something else.
//!
//! | code | meaning | what to do |
//! |---|---|---|
//! | 9001 | not an owner id | send 48 hexadecimal digits |
//! | 9002 | not an account | send an SS58 address, or 0x and 64 hexadecimal digits |
//! | 9003 | not a coin | send `batch-index`, for instance `3-1041` |
//! | 9004 | not a holder | send `{"owner": "<id>"}`, `{"vault": "issue"}`, `{"vault": {"bank": <number>}}` or `{"pickup": <number>}` |
//! | 9005 | not a vault | send `"issue"` or `{"bank": <number>}` |
//! | 9006 | not a cursor of this method | send a cursor back as it came, or none to begin again |
//! | 9007 | a limit out of range | send a number from 1 to 10000, or to 500 where proofs are asked for |
//! | 9008 | not something that is held | send `{"owner": "<id>"}`, `{"coin": "<coin>"}` or `{"bank": <number>}` |
//! | 9009 | not a query | the message says what is wrong with it |
//! | 9010 | unknown block | send the hash of a block that this node knows, or none for the last final one |
//! | 9011 | the block's state was pruned, or was never here | ask a node that keeps all states, or about a later block |
//! | 9012 | the runtime did not answer | see the message |
//! | 9013 | finality cannot be proven from that block | name a final block, or ask a node that has all of them |
//! | 9014 | not a card, or not whose cards | send a number or a key; `{"bank": <number>}` or `{"holder": "<id>"}` |
//! | 9015 | not the name of an order | send 64 hexadecimal digits |
//! | 9020 | the index is still building | ask again in a while; `specie_indexStatus` tells how far it is |
//! | 9021 | the index failed | look into the node's log; the node tries to repair it by itself |
//! | 9022 | too many questions to the index at once | ask again |
//! | 9023 | this node does not know everything that moved | subscribe at another node, or from a later block on |
//! | 9024 | a subscriber read too slowly | subscribe again with the last cursor |
//! | 9025 | too many subscriptions | end one, or ask another node |

use jsonrpsee::types::ErrorObjectOwned;
use specie_index::Unanswered;
use specie_primitives::{BlockNumber, Hash};
use std::fmt;

/// Most characters that an answer repeats of what a caller sent.
const MOST_REPEATED: usize = 80;

/// What a caller sent, as far as an answer repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt(String);

impl From<String> for Excerpt {
    fn from(text: String) -> Self {
        Self(match text.char_indices().nth(MOST_REPEATED) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text,
        })
    }
}

impl From<&str> for Excerpt {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a method has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Code 9001.
    #[error("`{0}` is not an owner id: an owner id is 48 hexadecimal digits")]
    BadOwner(Excerpt),
    /// Code 9002.
    #[error("`{0}` is not an account: send an SS58 address, or 0x and 64 hexadecimal digits")]
    BadAccount(Excerpt),
    /// Code 9003.
    #[error("`{0}` is not a coin: a coin is written batch-index, for instance 3-1041")]
    BadCoin(Excerpt),
    /// Code 9004.
    #[error("`{0}` is not a holder: send {{\"owner\": \"<id>\"}}, {{\"vault\": \"issue\"}}, {{\"vault\": {{\"bank\": <number>}}}} or {{\"pickup\": <number>}}")]
    BadHolder(Excerpt),
    /// Code 9005.
    #[error("`{0}` is not a vault: send \"issue\" or {{\"bank\": <number>}}")]
    BadVault(Excerpt),
    /// Code 9006.
    #[error("`{0}` is not a cursor of this method: send a cursor back as it came, or none to begin again")]
    BadCursor(Excerpt),
    /// Code 9007.
    #[error("a limit of {0} is out of range: send a number from 1 to {1}")]
    BadLimit(u32, u32),
    /// Code 9008.
    #[error(
        "`{0}` cannot be held: send {{\"owner\": \"<id>\"}}, {{\"coin\": \"<coin>\"}} or {{\"bank\": <number>}}, or nothing to \
         begin with the first hold"
    )]
    BadTarget(Excerpt),
    /// Code 9009.
    #[error("`{0}` is not a query: {1}")]
    BadQuery(Excerpt, Excerpt),
    /// Code 9014.
    #[error("`{0}` names no cards: a card is a number, or its key; cards are of {{\"bank\": <number>}} or {{\"holder\": \"<id>\"}}")]
    BadCard(Excerpt),
    /// Code 9015.
    #[error("`{0}` names no order: an order is named by 64 hexadecimal digits")]
    BadOrder(Excerpt),
    /// Code 9010.
    #[error("block {0:?} is not known to this node: send the hash of one that is, or none for the last final block")]
    UnknownBlock(Hash),
    /// Code 9011.
    #[error(
        "the state of block {0:?} is not here any more, or not yet: ask about a later block, or a node that keeps \
         all states (--state-pruning archive)"
    )]
    NoState(Hash),
    /// Code 9012.
    #[error("the runtime at block {0:?} did not answer: {1}")]
    Runtime(Hash, String),
    /// Code 9013.
    #[error(
        "this node cannot prove finality from block {0:?} on: {1}. Name a final block of the chain, or ask a node that \
         has all blocks"
    )]
    NoFinalityProof(Hash, String),
    /// Code 9020.
    #[error("the index is still building: ask again in a while; specie_indexStatus tells how far it is")]
    Building,
    /// Code 9021.
    #[error("the index failed, the node's log tells more and the node tries again: {0}")]
    Index(String),
    /// Code 9022.
    #[error("too many questions to the index at once: ask again")]
    Busy,
    /// Code 9023.
    #[error(
        "this node does not know what moved in blocks {0} to {1}: subscribe at a node that does, or from a later block on"
    )]
    UnknownMovements(BlockNumber, BlockNumber),
    /// Code 9024.
    #[error("what was told before was not read in {0} s: subscribe again with the last cursor")]
    SlowReader(u64),
    /// Code 9025.
    #[error("at most {0} subscriptions of a connection, and {1} of all, are served: end one, or ask another node")]
    TooManySubscriptions(usize, usize),
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> i32 {
        match self {
            Self::BadOwner(_) => 9001,
            Self::BadAccount(_) => 9002,
            Self::BadCoin(_) => 9003,
            Self::BadHolder(_) => 9004,
            Self::BadVault(_) => 9005,
            Self::BadCursor(_) => 9006,
            Self::BadLimit(..) => 9007,
            Self::BadTarget(_) => 9008,
            Self::BadQuery(..) => 9009,
            Self::BadCard(_) => 9014,
            Self::BadOrder(_) => 9015,
            Self::UnknownBlock(_) => 9010,
            Self::NoState(_) => 9011,
            Self::Runtime(..) => 9012,
            Self::NoFinalityProof(..) => 9013,
            Self::Building => 9020,
            Self::Index(_) => 9021,
            Self::Busy => 9022,
            Self::UnknownMovements(..) => 9023,
            Self::SlowReader(_) => 9024,
            Self::TooManySubscriptions(..) => 9025,
        }
    }
}

impl From<Error> for ErrorObjectOwned {
    fn from(error: Error) -> Self {
        ErrorObjectOwned::owned(error.code(), error.to_string(), None::<()>)
    }
}

impl From<Unanswered> for Error {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Building => Self::Building,
            Unanswered::Failed(why) => Self::Index(why),
            Unanswered::Busy => Self::Busy,
        }
    }
}
