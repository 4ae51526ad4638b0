//! What is remembered.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{payment_codes::CodeId, Balance, OrderId};

/// Something that is remembered until a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Entry {
    /// A code for one payment was scanned.
    Code(CodeId),
    /// A payment waits.
    Payment(OrderId),
}

/// What was taken in small amounts on a business day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DayTaken {
    /// The day, in days since 1970.
    pub day: u32,
    /// Minor units.
    pub value: Balance,
}

impl DayTaken {
    /// The same on a day: what was taken before it does not count. A calendar that was set back makes no later day new.
    pub fn on(self, today: u32) -> Self {
        if self.day < today {
            Self { day: today, value: 0 }
        } else {
            self
        }
    }
}
