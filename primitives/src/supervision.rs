//! What the supervising role acts on, and why.

use crate::{BankId, CoinId, OwnerId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What the supervisor can hold; an owner or a coin can also be traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An owner: it is paid, but neither pays, nor collects what waits for it, nor does its bank take anything from its
    /// account.
    Owner(OwnerId),
    /// A coin with an entry in the register: nobody moves it.
    Coin(CoinId),
    /// A bank: it keeps what it holds and moves nothing.
    Bank(BankId),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner(owner) => write!(f, "owner {owner}"),
            Self::Coin(coin) => write!(f, "coin {coin}"),
            Self::Bank(bank) => write!(f, "bank {bank}"),
        }
    }
}

/// Why the supervisor acts, with its number on the wire. Numbers are never used again for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Reason {
    /// By a call of another pallet, which takes no reason.
    Unstated = 0,
    /// A court or another authority ordered it.
    CourtOrder = 1,
    /// Suspected fraud.
    Fraud = 2,
    /// Suspected money laundering.
    Laundering = 3,
    /// On a list of sanctions.
    Sanctions = 4,
    /// Reported stolen, lost or extorted.
    Stolen = 5,
    /// The supervisor looks into it, for instance after an alert.
    Inquiry = 6,
    /// Issued or booked by mistake.
    Mistake = 7,
}

impl Reason {
    /// Every reason that can be stated.
    pub const ALL: [Self; 7] =
        [Self::CourtOrder, Self::Fraud, Self::Laundering, Self::Sanctions, Self::Stolen, Self::Inquiry, Self::Mistake];

    /// Its name as the command line writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unstated => "unstated",
            Self::CourtOrder => "court-order",
            Self::Fraud => "fraud",
            Self::Laundering => "laundering",
            Self::Sanctions => "sanctions",
            Self::Stolen => "stolen",
            Self::Inquiry => "inquiry",
            Self::Mistake => "mistake",
        }
    }
}

/// Kinds of alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum AlertKind {
    /// Several payments just below an amount. Measured in payments.
    Structuring = 0,
    /// Many payments. Measured in payments.
    Velocity = 1,
    /// Payments of much value. Measured in minor units.
    Volume = 2,
    /// Many different payees. Measured in payees.
    FanOut = 3,
    /// A payment to an owner that is suspended, held or closed. Measured in minor units.
    BlockedPayee = 4,
}

impl AlertKind {
    /// How many kinds there are.
    pub const COUNT: usize = 5;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_keep_their_codes_and_names() {
        for (code, reason) in (1u8..).zip(Reason::ALL) {
            assert_eq!((reason as u8, reason.encode()), (code, alloc::vec![code]));
        }
        assert_eq!(Reason::Unstated.encode(), [0]);
        assert!(Reason::decode(&mut &[8u8][..]).is_err());
        let mut names: alloc::vec::Vec<_> = Reason::ALL.iter().map(Reason::name).collect();
        names.sort();
        names.dedup();
        assert_eq!((names.len(), names.contains(&"court-order")), (7, true));
    }
}
