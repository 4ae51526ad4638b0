//! What the pallet stores.

use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{Balance, ClassLimits};

/// What a subject pays and holds. Compact, so that the state trie keeps all but absurd amounts inline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct DayUsage {
    /// The business day of `paid`.
    #[codec(compact)]
    pub day: u32,
    /// What was paid that day, in minor units.
    #[codec(compact)]
    pub paid: Balance,
    /// What is held, in minor units.
    #[codec(compact)]
    pub held: Balance,
}

// The derived one would count plain numbers, which are shorter at their largest.
impl MaxEncodedLen for DayUsage {
    fn max_encoded_len() -> usize {
        let amount = Compact::<Balance>::max_encoded_len();
        Compact::<u32>::max_encoded_len().saturating_add(amount).saturating_add(amount)
    }
}

impl DayUsage {
    /// The same on a day: nothing is paid yet on a new one. Days do not come back, whatever the clock says.
    pub fn on(self, today: u32) -> Self {
        if today > self.day {
            Self { day: today, paid: 0, held: self.held }
        } else {
            self
        }
    }

    /// What is left of limits on this day.
    pub fn left(&self, limits: &ClassLimits) -> ClassLimits {
        let per_day = limits.per_day.map(|most| most.saturating_sub(self.paid));
        let per_payment = match (limits.per_payment, per_day) {
            (Some(payment), Some(day)) => Some(payment.min(day)),
            (payment, day) => payment.or(day),
        };
        ClassLimits { per_payment, per_day, balance: limits.balance.map(|most| most.saturating_sub(self.held)) }
    }
}
