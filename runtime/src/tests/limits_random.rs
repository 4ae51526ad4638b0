//! Random payments, changes of class, keys, limits and time, against a plain model: what was paid is a list of payments,
//! what is held a number for each owner.

use super::{
    limits::{at, info},
    *,
};
use pallet_limits::Error as LimitsError;
use proptest::prelude::*;
use specie_primitives::{limits::DAY_MS, ClassLimits, Subject};
use std::collections::BTreeMap;

const OWNERS: [&str; 4] = ["ann", "ben", "cid", "dot"];
const BANKS: [(&str, BankId); 2] = [("//BankA", BANK_A), ("//BankB", BANK_B)];
/// Classes that owners change to; two of them stand for one person.
const KINDS: [(OwnerClass, Option<PersonTag>); 5] = [
    (OwnerClass::AnonymousCard, None),
    (OwnerClass::Phone, None),
    (OwnerClass::Person, Some(PersonTag([1; 32]))),
    (OwnerClass::Person, Some(PersonTag([2; 32]))),
    (OwnerClass::Firm, Some(PersonTag([1; 32]))),
];

#[derive(Clone, Debug)]
enum Step {
    Pay(usize, usize, usize),
    /// Custody, inside the bank of all of them.
    Send(usize, usize, Balance),
    Credit(usize, usize, Balance),
    Debit(usize, usize, Balance),
    Withdraw(usize, u32),
    Deposit(usize, usize, usize),
    Change(usize, usize),
    Lower(usize, usize),
    SetLimits(usize, [Option<Balance>; 3]),
    Rotate(usize),
    Clock(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (owner, bank) = (0usize..4, 0usize..2);
    let limit = || prop::option::weighted(0.7, (0u128..20).prop_map(|tens| tens * 1_000));
    let balance = prop::option::weighted(0.5, (0u128..60).prop_map(|tens| tens * 10_000));
    prop_oneof![
        6 => (owner.clone(), owner.clone(), 1usize..5).prop_map(|(from, to, count)| Step::Pay(from, to, count)),
        3 => (owner.clone(), owner.clone(), 1u128..20_000).prop_map(|(from, to, amount)| Step::Send(from, to, amount)),
        2 => (bank.clone(), owner.clone(), 1u128..20_000).prop_map(|(bank, to, amount)| Step::Credit(bank, to, amount)),
        1 => (bank.clone(), owner.clone(), 1u128..20_000).prop_map(|(bank, of, amount)| Step::Debit(bank, of, amount)),
        1 => (owner.clone(), 1u32..5).prop_map(|(who, count)| Step::Withdraw(who, count)),
        1 => (bank, owner.clone(), 1usize..5).prop_map(|(bank, who, count)| Step::Deposit(bank, who, count)),
        2 => (owner.clone(), 0usize..5).prop_map(|(who, kind)| Step::Change(who, kind)),
        1 => (owner.clone(), 0usize..2).prop_map(|(who, kind)| Step::Lower(who, kind)),
        1 => (0usize..4, limit(), limit(), balance)
            .prop_map(|(class, payment, day, balance)| Step::SetLimits(class, [payment, day, balance])),
        1 => owner.prop_map(Step::Rotate),
        1 => (1u64..40).prop_map(Step::Clock),
    ]
}

/// What somebody paid today, as far as it counts for a subject.
type Payments = Vec<(usize, Balance)>;

/// The plain model.
struct Model {
    now: u64,
    kinds: [usize; 4],
    keys: [String; 4],
    /// Day of the last rotation.
    rotated: [Option<u64>; 4],
    held: [Balance; 4],
    limits: BTreeMap<OwnerClass, ClassLimits>,
    /// Payments of the day of `now`.
    today: BTreeMap<Subject, Payments>,
    /// The same without anything that a class does to them.
    really: [Balance; 4],
}

impl Model {
    fn subject(&self, who: usize) -> Subject {
        Subject::of(owner(OWNERS[who]), KINDS[self.kinds[who]].1)
    }

    fn limits(&self, who: usize) -> ClassLimits {
        self.limits.get(&KINDS[self.kinds[who]].0).copied().unwrap_or_default()
    }

    fn paid(&self, who: usize) -> Balance {
        self.today.get(&self.subject(who)).into_iter().flatten().map(|(_, value)| value).sum()
    }

    /// Owners with the same subject.
    fn with(&self, who: usize) -> impl Iterator<Item = usize> + '_ {
        (0..4).filter(move |other| self.subject(*other) == self.subject(who))
    }

    fn held_with(&self, who: usize) -> Balance {
        self.with(who).map(|other| self.held[other]).sum()
    }

    fn may_hold(&self, who: usize, more: Balance) -> bool {
        self.limits(who).balance.is_none_or(|most| self.held_with(who) + more <= most)
    }

    fn judge_payment(&self, from: usize, to: usize, value: Balance) -> Result<(), LimitsError<Runtime>> {
        let ClassLimits { per_payment, per_day, .. } = self.limits(from);
        if per_payment.is_some_and(|most| value > most) {
            return Err(LimitsError::OverPaymentLimit);
        }
        if per_day.is_some_and(|most| self.paid(from) + value > most) {
            return Err(LimitsError::OverDailyLimit);
        }
        if self.subject(from) != self.subject(to) && !self.may_hold(to, value) {
            return Err(LimitsError::PayeeOverBalanceLimit);
        }
        Ok(())
    }

    fn pay(&mut self, from: usize, to: usize, value: Balance) {
        let subject = self.subject(from);
        self.today.entry(subject).or_default().push((from, value));
        self.held[from] -= value;
        self.held[to] += value;
        self.really[from] += value;
        // The rule itself: whoever counts together never pays more on a day, whatever was changed meanwhile.
        let really: Balance = self.with(from).map(|other| self.really[other]).sum();
        assert!(self.limits(from).per_day.is_none_or(|most| really <= most), "{really} were paid");
    }

    fn change(&mut self, who: usize, kind: usize) {
        let before = self.subject(who);
        let payments = self.today.get(&before).cloned().unwrap_or_default();
        self.kinds[who] = kind;
        let after = self.subject(who);
        if before != after {
            self.today.entry(after).or_default().extend(payments);
            if matches!(before, Subject::Owner(_)) {
                self.today.remove(&before);
            }
        }
    }
}

/// Asserts that a call came out as the model says.
#[track_caller]
pub fn agree(result: Result<(), DispatchError>, verdict: Result<(), LimitsError<Runtime>>) {
    let name = |error: DispatchError| match error {
        DispatchError::Module(ModuleError { index, error, .. }) => (index, error),
        error => panic!("{error:?}"),
    };
    assert_eq!(result.map_err(name), verdict.map_err(|error| name(error.into())));
}

fn take(model: &mut Model, step: &Step) {
    match *step {
        Step::Pay(from, to, count) => {
            let tens = |coin: &CoinRef| coin.coin.batch == 0;
            let coins: Vec<_> = coins_of(OWNERS[from]).into_iter().filter(tens).take(count).collect();
            if from == to || coins.is_empty() {
                return;
            }
            let value = TEN.value(coins.len() as u64);
            let verdict = model.judge_payment(from, to, value);
            let transfer =
                pallet_ownership::Call::transfer { to: owner(OWNERS[to]), coins: coins.try_into().expect("few") };
            let may = verdict.is_ok();
            agree(call(&model.keys[from], transfer), verdict);
            if may {
                model.pay(from, to, value);
            }
        },
        Step::Send(from, to, amount) => {
            let amount = amount.min(custody(BANK_A, OWNERS[from]));
            if from == to || amount == 0 {
                return;
            }
            let verdict = model.judge_payment(from, to, amount);
            let (from_bank, to_bank, expires) = (BANK_A, BANK_A, None);
            let send = pallet_custody::Call::transfer { from_bank, to_bank, to: owner(OWNERS[to]), amount, expires };
            let may = verdict.is_ok();
            agree(call(&model.keys[from], send), verdict);
            if may {
                model.pay(from, to, amount);
            }
        },
        Step::Credit(bank, to, amount) => {
            let credit = pallet_custody::Call::credit { owner: owner(OWNERS[to]), amount };
            // Bank A looks after all of them.
            if BANKS[bank].1 != BANK_A && custody(BANKS[bank].1, OWNERS[to]) == 0 {
                refused(BANKS[bank].0, credit, pallet_custody::Error::<Runtime>::NotCustomer);
                return;
            }
            let verdict = if model.may_hold(to, amount) { Ok(()) } else { Err(LimitsError::OverBalanceLimit) };
            let done = verdict.is_ok();
            agree(call(BANKS[bank].0, credit), verdict);
            if done {
                model.held[to] += amount;
            }
        },
        Step::Debit(bank, of, amount) => {
            let amount = amount.min(custody(BANKS[bank].1, OWNERS[of]));
            if amount > 0 {
                assert_ok!(call(BANKS[bank].0, pallet_custody::Call::debit { owner: owner(OWNERS[of]), amount }));
                model.held[of] -= amount;
            }
        },
        Step::Withdraw(who, count) => {
            if custody(BANK_A, OWNERS[who]) >= TEN.value(count.into()) && stock(VaultId::Bank(BANK_A), TEN) >= 100 {
                let selection = fresh(&[(TEN, count)]);
                assert_ok!(call(&model.keys[who], pallet_custody::Call::withdraw { bank: BANK_A, selection }));
            }
        },
        Step::Deposit(bank, who, count) => {
            let coins: Vec<_> = coins_of(OWNERS[who]).into_iter().take(count).collect();
            if !coins.is_empty() {
                let coins = coins.try_into().expect("few");
                assert_ok!(call(&model.keys[who], pallet_custody::Call::deposit { bank: BANKS[bank].1, coins }));
            }
        },
        Step::Change(who, kind) => {
            if model.kinds[who] != kind {
                let (class, person) = KINDS[kind];
                assert_ok!(change_class("//BankA", BANK_A, OWNERS[who], &model.keys[who], class, person));
                model.change(who, kind);
            }
        },
        Step::Lower(who, kind) => {
            let (class, person) = KINDS[kind];
            if class < KINDS[model.kinds[who]].0 {
                let lower =
                    pallet_identity::Call::change_class { owner: owner(OWNERS[who]), class, person, consent: None };
                assert_ok!(call("//Supervising//1", lower));
                model.change(who, kind);
            }
        },
        Step::SetLimits(class, [per_payment, per_day, balance]) => {
            let (class, limits) = (OwnerClass::ALL[class], ClassLimits { per_payment, per_day, balance });
            assert_ok!(call("//Supervising//1", pallet_limits::Call::set_limits { class, limits }));
            model.limits.insert(class, limits);
        },
        Step::Rotate(who) => {
            let key = format!("{}x", model.keys[who]);
            let today = model.now / DAY_MS;
            if model.rotated[who] == Some(today) {
                let again = rotation(OWNERS[who], &key);
                refused(&model.keys[who], again, pallet_identity::Error::<Runtime>::RotatedToday);
                return;
            }
            assert_ok!(rotate(OWNERS[who], &model.keys[who], &key));
            model.keys[who] = key;
            model.rotated[who] = Some(today);
        },
        Step::Clock(hours) => {
            let before = model.now / DAY_MS;
            model.now += hours * 3_600_000;
            at(model.now);
            if model.now / DAY_MS > before {
                model.today.clear();
                model.really = [0; 4];
            }
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_detour_leads_past_a_limit(steps in prop::collection::vec(step(), 1..90)) {
        run(|| {
            let now = 20_000 * DAY_MS;
            at(now);
            with_money();
            for name in ["cid", "dot"] {
                assert_ok!(register("//BankA", BANK_A, name));
            }
            let mut model = Model {
                now,
                kinds: [1; 4],
                keys: OWNERS.map(|name| format!("//{name}")),
                rotated: [None; 4],
                held: [500_000, 0, 0, 0],
                limits: OwnerClass::ALL.map(|class| (class, pallet_limits::Classes::<Runtime>::get(class))).into(),
                today: BTreeMap::new(),
                really: [0; 4],
            };
            for step in steps {
                take(&mut model, &step);
                for (who, name) in OWNERS.iter().enumerate() {
                    let info = info(name);
                    let expected = (model.paid(who), model.held_with(who));
                    assert_eq!((info.paid_today, info.held), expected, "{name} after {step:?}");
                }
                check_everything();
            }
        });
    }
}
