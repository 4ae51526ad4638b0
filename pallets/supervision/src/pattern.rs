//! What is remembered of somebody's payments, for alerts.
//!
//! Time is cut into half windows. The present one and the two before it cover every span of a whole window that ends
//! now, and never more than one and a half: whatever comes together within a window is seen together, wherever the
//! window begins, and nothing older than one and a half windows counts.
//!
//! Payees are told apart by tags of eight bytes. Two payees with one tag count as one, which takes some 2^32 owner ids
//! to come about by design; beyond [`MAX_PAYEES`] the one paid longest ago is forgotten, when every threshold is reached.

use crate::types::{AlertThresholds, MAX_PAYEES};
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, Blake2_128, BoundedVec, StorageHasher};
use scale_info::TypeInfo;
use specie_primitives::{AlertKind, Balance, BlockNumber, OwnerId};

/// Half windows that count besides the present one.
const EARLIER: u8 = 2;
/// Half windows in which an alert is not raised again: a whole window has passed then.
const QUIET: u8 = 3;

/// Tells payees apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PayeeTag([u8; 8]);

impl PayeeTag {
    /// The tag of an owner: the first bytes of blake2_128 of its id, which a bank may have chosen.
    pub fn of(owner: OwnerId) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = Blake2_128::hash(&owner.0);
        Self([a, b, c, d, e, f, g, h])
    }
}

/// A payment as alerts see it.
#[derive(Clone, Copy, Debug)]
pub struct Payment {
    /// Who was paid.
    pub payee: PayeeTag,
    /// Minor units.
    pub value: Balance,
    /// Whether the payee is blocked, and that counts.
    pub blocked: bool,
}

/// Counts of half a window. Sums stay at their highest value rather than overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, TypeInfo)]
pub struct Half {
    #[codec(compact)]
    payments: u32,
    /// Those just below the amount of [`Structuring`](crate::Structuring).
    #[codec(compact)]
    near: u32,
    /// Minor units.
    #[codec(compact)]
    value: Balance,
}

// The derived one does not know that compact numbers may be longer.
impl MaxEncodedLen for Half {
    fn max_encoded_len() -> usize {
        let counts = Compact::<u32>::max_encoded_len().saturating_mul(2);
        counts.saturating_add(Compact::<Balance>::max_encoded_len())
    }
}

/// A payee, and how many half windows ago it was last paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Payee {
    tag: PayeeTag,
    age: u8,
}

/// What somebody paid lately, with all owner ids of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pattern {
    /// Length of half a window in blocks when this was written. With another length everything begins anew.
    length: BlockNumber,
    /// Number of the half window of the last payment.
    half: BlockNumber,
    /// That half window and the two before it, newest first.
    halves: [Half; 3],
    /// Payees of the same time.
    payees: BoundedVec<Payee, ConstU32<MAX_PAYEES>>,
    /// Half windows for which each kind of alert is not raised again.
    quiet: [u8; AlertKind::COUNT],
}

impl Pattern {
    /// Counts a payment. Gives the alerts that it raises, each with what was measured.
    pub fn observe(
        &mut self,
        thresholds: &AlertThresholds,
        now: BlockNumber,
        payment: &Payment,
    ) -> Vec<(AlertKind, Balance)> {
        self.turn(thresholds.half(), now);
        self.count(thresholds, payment);
        let found = self.measure(thresholds, payment);
        found.into_iter().filter(|(kind, _)| self.raise(*kind)).collect()
    }

    /// Lets time pass until now.
    fn turn(&mut self, length: BlockNumber, now: BlockNumber) {
        let half = now.checked_div(length).unwrap_or_default();
        if self.length != length {
            *self = Self { length, half, ..Self::default() };
            return;
        }
        let passed = u8::try_from(half.saturating_sub(self.half)).unwrap_or(u8::MAX);
        if passed == 0 {
            return;
        }
        let ([present, before, _], empty) = (self.halves, Half::default());
        self.halves = match passed {
            1 => [empty, present, before],
            2 => [empty, empty, present],
            _ => [empty; 3],
        };
        self.payees.iter_mut().for_each(|payee| payee.age = payee.age.saturating_add(passed));
        self.payees.retain(|payee| payee.age <= EARLIER);
        self.quiet.iter_mut().for_each(|quiet| *quiet = quiet.saturating_sub(passed));
        self.half = half;
    }

    fn count(&mut self, thresholds: &AlertThresholds, payment: &Payment) {
        let [present, ..] = &mut self.halves;
        present.payments = present.payments.saturating_add(1);
        present.value = present.value.saturating_add(payment.value);
        if thresholds.structuring.is_some_and(|one| (one.from..one.below).contains(&payment.value)) {
            present.near = present.near.saturating_add(1);
        }
        if thresholds.payees.is_some() {
            self.meet(payment.payee);
        }
    }

    fn meet(&mut self, tag: PayeeTag) {
        if let Some(known) = self.payees.iter_mut().find(|payee| payee.tag == tag) {
            known.age = 0;
            return;
        }
        if self.payees.is_full() {
            let oldest = self.payees.iter().enumerate().max_by_key(|(_, payee)| payee.age).map(|(place, _)| place);
            if let Some(oldest) = oldest {
                self.payees.remove(oldest);
            }
        }
        // There is room now.
        let _ = self.payees.try_push(Payee { tag, age: 0 });
    }

    /// The thresholds that are reached.
    fn measure(&self, thresholds: &AlertThresholds, payment: &Payment) -> Vec<(AlertKind, Balance)> {
        let sum = |of: fn(&Half) -> Balance| self.halves.iter().map(of).fold(0, Balance::saturating_add);
        let reached = |kind: AlertKind, threshold: Option<Balance>, measure: Balance| {
            threshold.filter(|threshold| measure >= *threshold).map(|_| (kind, measure))
        };
        let payees = Balance::try_from(self.payees.len()).unwrap_or(Balance::MAX);
        let near = thresholds.structuring.map(|one| one.payments.into());
        let found = [
            reached(AlertKind::Structuring, near, sum(|half| half.near.into())),
            reached(AlertKind::Velocity, thresholds.payments.map(Into::into), sum(|half| half.payments.into())),
            reached(AlertKind::Volume, thresholds.value, sum(|half| half.value)),
            reached(AlertKind::FanOut, thresholds.payees.map(Into::into), payees),
            payment.blocked.then_some((AlertKind::BlockedPayee, payment.value)),
        ];
        found.into_iter().flatten().collect()
    }

    /// Whether an alert of this kind is due: not when one was raised within a window. One about a single payment always
    /// is, or a small one to somebody harmless would hide the next.
    fn raise(&mut self, kind: AlertKind) -> bool {
        if kind == AlertKind::BlockedPayee {
            return true;
        }
        match self.quiet.get_mut(kind as usize) {
            Some(quiet) if *quiet == 0 => {
                *quiet = QUIET;
                true
            },
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
