//! What supervision stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use specie_primitives::{
    bounds, cards::MAX_CARDS_PER_HOLDER, AccountId, Balance, BlockNumber, Hash, Reason, Target, MAX_COINS_PER_CALL,
};

/// Most payees that can be told apart in a window, and so the highest threshold for them.
pub const MAX_PAYEES: u32 = 64;
/// Longest window of alerts in blocks: 30 days.
pub const MAX_WINDOW: BlockNumber = 30 * 86_400;

/// What one act names, and what one block can release.
pub type Targets = BoundedVec<Target, bounds::CoinsPerCall>;

/// How many are held or released at most when these are named: each owner's cards go along.
pub fn most(targets: &Targets) -> u32 {
    let of = |target: &Target| match target {
        Target::Owner(_) => MAX_CARDS_PER_HOLDER.saturating_add(1),
        Target::Coin(_) | Target::Bank(_) => 1,
    };
    targets.iter().map(of).fold(0, u32::saturating_add).min(MAX_COINS_PER_CALL)
}

/// A hold in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Hold {
    /// Number of the act.
    pub act: u32,
    /// Why.
    pub reason: Reason,
    /// Block of the act.
    pub since: BlockNumber,
    /// Last block of the hold; `None` until it is released.
    pub until: Option<BlockNumber>,
    /// Of an owner: its bank suspended it as well, which stays when the hold ends.
    pub bank_too: bool,
}

/// Several payments of at least `from` and below `below` in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Structuring {
    /// Lowest amount that counts, in minor units.
    pub from: Balance,
    /// First amount that does not count any more, in minor units.
    pub below: Balance,
    /// How many such payments raise an alert.
    pub payments: u32,
}

/// From where on an owner's payments within a window raise alerts; what is `None` raises none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AlertThresholds {
    /// Length of the window in blocks, at most [`MAX_WINDOW`].
    pub window: BlockNumber,
    /// Payments just below an amount.
    pub structuring: Option<Structuring>,
    /// Number of payments.
    pub payments: Option<u32>,
    /// Their value in minor units.
    pub value: Option<Balance>,
    /// Number of different payees, at most [`MAX_PAYEES`].
    pub payees: Option<u32>,
    /// Whether payments to owners that are suspended, held or closed raise alerts.
    pub blocked: bool,
}

impl AlertThresholds {
    /// Length of half a window in blocks, rounded up.
    pub fn half(&self) -> BlockNumber {
        self.window.div_ceil(2)
    }

    /// Whether every threshold can be reached, and none by nothing.
    pub fn are_sound(&self) -> bool {
        let structuring = self.structuring.is_none_or(|one| one.payments > 0 && one.from < one.below);
        (1..=MAX_WINDOW).contains(&self.window)
            && structuring
            && self.payments != Some(0)
            && self.value != Some(0)
            && self.payees.is_none_or(|payees| (1..=MAX_PAYEES).contains(&payees))
    }
}

/// Leave to trace an owner or a coin.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Mandate {
    /// What may be traced.
    pub target: Target,
    /// Why.
    pub reason: Reason,
    /// Hash of the text that it rests on, for instance a court's order.
    pub authority: Hash,
    /// The supervising key that opened it.
    pub opened_by: AccountId,
    /// Block in which it was opened.
    pub opened: BlockNumber,
    /// Last block in which it allows anything.
    pub until: BlockNumber,
    /// The registry key that confirmed it; `None` while it allows nothing yet.
    pub confirmed_by: Option<AccountId>,
    /// Block in which it was closed.
    pub closed: Option<BlockNumber>,
    /// How often it was used.
    pub traces: u32,
}

/// A use of a mandate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Trace {
    /// Number of the mandate.
    pub mandate: u32,
    /// Hash of the query.
    pub query: Hash,
    /// Who asked.
    pub by: AccountId,
    /// Block in which it was recorded.
    pub block: BlockNumber,
}
