//! What everybody paid and holds, in the plainest way.

use super::{LimitsError, MINUTE_MS, OWNERS};
use crate::{Balance, BlockNumber, Runtime};
use specie_primitives::{ClassLimits, OwnerClass, PersonTag, PickupId};
use std::collections::BTreeMap;

/// For whom the model counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Alone(usize),
    Person(PersonTag),
}

/// A payment that waits for its payee.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    pub pickup: PickupId,
    pub payer: usize,
    pub payee: usize,
    pub value: Balance,
    pub expires: BlockNumber,
}

/// The plain model.
pub struct Model {
    pub now: u64,
    /// Since when local time is ahead of UTC by how many minutes.
    pub calendar: Vec<(u64, i16)>,
    pub classes: [OwnerClass; 6],
    pub banks: [usize; 6],
    pub keys: [String; 6],
    /// Day of the last rotation.
    pub rotated: [Option<u32>; 6],
    /// What waits is still the payer's.
    pub held: [Balance; 6],
    pub waiting: Vec<Waiting>,
    pub limits: BTreeMap<OwnerClass, ClassLimits>,
    /// The last day on which something was counted for somebody, and what was paid on it.
    pub paid: BTreeMap<Who, (u32, Balance)>,
    /// What each owner paid on each day, whatever its class was.
    pub really: BTreeMap<(usize, u32), Balance>,
    /// The last day that was reached, and whether an earlier one came again.
    pub latest: u32,
    pub went_back: bool,
}

/// The day of local time.
pub fn day(calendar: &[(u64, i16)], now: u64) -> u32 {
    let in_force = calendar.iter().rev().find(|(from, _)| *from <= now);
    let minutes = in_force.map_or(0, |(_, minutes)| i64::from(*minutes));
    let local = i64::try_from(now / MINUTE_MS).expect("this century") + minutes;
    u32::try_from(local.div_euclid(24 * 60)).expect("after 1970")
}

impl Model {
    pub fn today(&self) -> u32 {
        day(&self.calendar, self.now)
    }

    pub fn person(&self, who: usize) -> Option<PersonTag> {
        let human = u8::try_from(who / 2).expect("three persons");
        self.classes[who].is_verified().then_some(PersonTag([human + 1; 32]))
    }

    pub fn subject(&self, who: usize) -> Who {
        self.person(who).map_or(Who::Alone(who), Who::Person)
    }

    pub fn limits(&self, who: usize) -> ClassLimits {
        self.limits.get(&self.classes[who]).copied().unwrap_or_default()
    }

    /// The day that counts and what was paid on it. No day comes again.
    pub fn usage(&self, subject: Who) -> (u32, Balance) {
        let (last, paid) = self.paid.get(&subject).copied().unwrap_or_default();
        if self.today() > last {
            (self.today(), 0)
        } else {
            (last, paid)
        }
    }

    /// Something is counted for an owner today: no earlier day comes again for it.
    pub fn counts(&mut self, who: usize) {
        let subject = self.subject(who);
        let usage = self.usage(subject);
        self.paid.insert(subject, usage);
    }

    pub fn together(&self, who: usize) -> impl Iterator<Item = usize> + '_ {
        (0..OWNERS.len()).filter(move |other| self.subject(*other) == self.subject(who))
    }

    pub fn held_together(&self, who: usize) -> Balance {
        self.together(who).map(|other| self.held[other]).sum()
    }

    pub fn may_hold(&self, who: usize, more: Balance) -> bool {
        self.limits(who).balance.is_none_or(|most| self.held_together(who) + more <= most)
    }

    pub fn judge_payer(&self, from: usize, value: Balance) -> Result<(), LimitsError<Runtime>> {
        let ClassLimits { per_payment, per_day, .. } = self.limits(from);
        if per_payment.is_some_and(|most| value > most) {
            return Err(LimitsError::OverPaymentLimit);
        }
        if per_day.is_some_and(|most| self.usage(self.subject(from)).1 + value > most) {
            return Err(LimitsError::OverDailyLimit);
        }
        Ok(())
    }

    pub fn judge_payment(&self, from: usize, to: usize, value: Balance) -> Result<(), LimitsError<Runtime>> {
        self.judge_payer(from, value)?;
        if self.subject(from) != self.subject(to) && !self.may_hold(to, value) {
            return Err(LimitsError::PayeeOverBalanceLimit);
        }
        Ok(())
    }

    pub fn pays(&mut self, from: usize, value: Balance) {
        let (subject, today) = (self.subject(from), self.today());
        let (day, paid) = self.usage(subject);
        self.paid.insert(subject, (day, paid + value));
        *self.really.entry((from, today)).or_default() += value;
        // The rule itself: whoever counts together never pays more on a day, whatever was changed meanwhile. A day that
        // comes again goes on with the one after it for those who paid on that.
        let really: Balance = self.together(from).filter_map(|other| self.really.get(&(other, today))).sum();
        let kept = self.limits(from).per_day.is_none_or(|most| really <= most);
        assert!(kept || self.went_back, "{really} were paid");
    }

    pub fn change(&mut self, who: usize, class: OwnerClass) {
        let before = self.subject(who);
        let (day, paid) = self.usage(before);
        self.classes[who] = class;
        let after = self.subject(who);
        if before == after {
            return;
        }
        let (other_day, other_paid) = self.usage(after);
        // All of it goes along, and all of it stays.
        self.paid.insert(after, (day.max(other_day), paid + other_paid));
        match before {
            Who::Alone(_) => self.paid.remove(&before),
            Who::Person(_) => self.paid.insert(before, (day, paid)),
        };
    }

    pub fn time_passed(&mut self) {
        self.went_back |= self.today() < self.latest;
        self.latest = self.latest.max(self.today());
    }
}
