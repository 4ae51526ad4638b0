//! Every detour around a limit, in any order and around midnight: payments in parts, with change and by pickup codes,
//! new keys, other ids of the same person, other classes and banks, custody, and local time that jumps. A plain model
//! counts what each person paid on each day and what it holds: the runtime refuses what the model refuses, and nothing
//! else.

mod model;

use super::{
    limits::{at, info},
    limits_random::agree,
    *,
};
use codec::Encode;
use model::{day, Model, Waiting};
use pallet_limits::Error as LimitsError;
use proptest::prelude::*;
use specie_primitives::{
    limits::{CalendarChange, DAY_MS},
    ChangeFrom, ClassLimits, PickupClaim, PickupReceiver,
};
use std::collections::BTreeMap;

/// Two owner ids each of three persons: Ann and Anna are one, and so on.
const OWNERS: [&str; 6] = ["ann", "anna", "ben", "bert", "cid", "dot"];
const BANKS: [(&str, BankId); 3] = [("//BankA", BANK_A), ("//BankB", BANK_B), ("//BankC", BankId(3))];
const ONE: Denomination = Denomination(100);
const FIVE: Denomination = Denomination(500);
const MINUTE_MS: u64 = 60_000;
/// An hour before a midnight.
const START: u64 = 20_000 * DAY_MS - 60 * MINUTE_MS;
/// Stands for the key that a wallet derives from a pickup code.
const CODE: &str = "//the code";

#[derive(Clone, Debug)]
enum Step {
    /// So many tens, in so many payments.
    Pay(usize, usize, usize, usize),
    /// So many tens of a hundred that the vault changes.
    PayWithChange(usize, usize, u32),
    /// So many ones of a five that is made anew.
    PayAnew(usize, usize, u32),
    Exchange(usize),
    Recoin(usize),
    Leave(usize, usize, usize),
    /// By the payee, into an account at a bank, at its counter.
    Collect(usize, usize, usize, usize),
    Refund(usize),
    Credit(usize, usize, Balance),
    Debit(usize, usize, Balance),
    Withdraw(usize, u32),
    Deposit(usize, usize, usize),
    Change(usize, OwnerClass),
    Lower(usize, OwnerClass),
    SetLimits(OwnerClass, [Option<Balance>; 3]),
    Rotate(usize),
    Move(usize, usize),
    /// Minutes.
    Clock(u64),
    Blocks(u32),
    /// Another local time now, unless it stays; minutes until it changes once more, and to what.
    Calendar(Option<i16>, u64, i16),
}

fn step() -> impl Strategy<Value = Step> {
    let (owner, bank) = (|| 0usize..OWNERS.len(), || 0usize..BANKS.len());
    let class = || prop::sample::select(OwnerClass::ALL.to_vec());
    let limit = || prop::option::weighted(0.7, (0u128..25).prop_map(|tens| tens * 1_000));
    let balance = prop::option::weighted(0.5, (0u128..60).prop_map(|tens| tens * 10_000));
    let offset = || prop_oneof![-840i16..=840, -60i16..=60];
    let clock = prop_oneof![6 => 1u64..90, 1 => 90u64..2_000];
    prop_oneof![
        6 => (owner(), owner(), 1usize..6, 1usize..4)
            .prop_map(|(from, to, coins, parts)| Step::Pay(from, to, coins, parts)),
        3 => (owner(), owner(), 1u32..=10).prop_map(|(from, to, tens)| Step::PayWithChange(from, to, tens)),
        2 => (owner(), owner(), 1u32..=5).prop_map(|(from, to, ones)| Step::PayAnew(from, to, ones)),
        1 => owner().prop_map(Step::Exchange),
        1 => owner().prop_map(Step::Recoin),
        3 => (owner(), owner(), 1usize..5).prop_map(|(from, to, coins)| Step::Leave(from, to, coins)),
        3 => (0usize..8, 0usize..3, bank(), owner()).prop_map(|(one, way, bank, to)| Step::Collect(one, way, bank, to)),
        1 => (0usize..8).prop_map(Step::Refund),
        2 => (bank(), owner(), 1u128..20_000).prop_map(|(bank, to, amount)| Step::Credit(bank, to, amount)),
        1 => (bank(), owner(), 1u128..20_000).prop_map(|(bank, of, amount)| Step::Debit(bank, of, amount)),
        1 => (owner(), 1u32..5).prop_map(|(who, tens)| Step::Withdraw(who, tens)),
        1 => (bank(), owner(), 1usize..5).prop_map(|(bank, who, coins)| Step::Deposit(bank, who, coins)),
        2 => (owner(), class()).prop_map(|(who, class)| Step::Change(who, class)),
        1 => (owner(), class()).prop_map(|(who, class)| Step::Lower(who, class)),
        2 => (class(), limit(), limit(), balance)
            .prop_map(|(class, payment, day, balance)| Step::SetLimits(class, [payment, day, balance])),
        1 => owner().prop_map(Step::Rotate),
        1 => (owner(), bank()).prop_map(|(who, bank)| Step::Move(who, bank)),
        2 => clock.prop_map(Step::Clock),
        1 => (1u32..60).prop_map(Step::Blocks),
        1 => (prop::option::of(offset()), 1u64..180, offset())
            .prop_map(|(now, minutes, then)| Step::Calendar(now, minutes, then)),
    ]
}

/// Up to so many coins of one face value that an owner has.
fn some(who: usize, denomination: Denomination, count: usize) -> Vec<CoinRef> {
    use specie_primitives::traits::Coinage;
    let is = |coin: &CoinRef| Issuance::denomination(coin.coin.batch) == Some(denomination);
    coins_of(OWNERS[who]).into_iter().filter(is).take(count).collect()
}

fn one_of(who: usize, denomination: Denomination) -> Option<CoinRef> {
    some(who, denomination, 1).pop()
}

fn part(denomination: Denomination, count: u32) -> Selection {
    if count == 0 {
        Selection::default()
    } else {
        fresh(&[(denomination, count)])
    }
}

fn pay(model: &mut Model, from: usize, to: usize, value: Balance, payment: pallet_ownership::Call<Runtime>) {
    let verdict = model.judge_payment(from, to, value);
    let allowed = verdict.is_ok();
    agree(call(&model.keys[from], payment), verdict);
    if allowed {
        model.pays(from, value);
        model.counts(to);
        model.held[from] -= value;
        model.held[to] += value;
    }
}

/// A payment of `count` out of `whole` coins that are made of one coin.
fn pay_part(
    model: &mut Model,
    (from, to): (usize, usize),
    at: ChangeFrom,
    give: CoinRef,
    (denomination, count, whole): (Denomination, u32, u32),
) {
    let payment = pallet_ownership::Call::transfer_with_change {
        to: owner(OWNERS[to]),
        coins: Default::default(),
        at,
        give: vec![give].try_into().expect("one"),
        pay: part(denomination, count),
        change: part(denomination, whole - count),
    };
    pay(model, from, to, denomination.value(count.into()), payment);
}

fn exchange(model: &Model, who: usize, at: ChangeFrom, give: CoinRef, take: Selection) {
    let give = vec![give].try_into().expect("one");
    assert_ok!(call(&model.keys[who], pallet_ownership::Call::exchange { at, give, take }));
}

fn leave(model: &mut Model, from: usize, to: usize, coins: Vec<CoinRef>) {
    let (value, pickup) = (TEN.value(coins.len() as u64), pallet_pickup::NextPickup::<Runtime>::get());
    let expires = System::block_number() + 60;
    let deposit = pallet_pickup::Call::deposit_for {
        payee: owner(OWNERS[to]),
        claim_key: pair(CODE).public(),
        coins: coins.try_into().expect("few"),
        expires,
    };
    let verdict = model.judge_payer(from, value);
    let allowed = verdict.is_ok();
    agree(call(&model.keys[from], deposit), verdict);
    if allowed {
        model.pays(from, value);
        model.waiting.push(Waiting { pickup, payer: from, payee: to, value, expires });
    }
}

fn collect(model: &mut Model, number: usize, way: usize, bank: usize, account: usize) {
    let Waiting { pickup, payer, payee, value, .. } = model.waiting[number];
    let (uri, bank) = BANKS[bank];
    let (receiver, gets) = match way {
        0 => (PickupReceiver::Owner(owner(OWNERS[payee])), Some(payee)),
        1 => (PickupReceiver::Custody { bank, owner: owner(OWNERS[account]) }, Some(account)),
        _ => (PickupReceiver::Counter { bank, receipt: 1 }, None),
    };
    let signature = pair(CODE).sign(&PickupClaim::new(System::block_hash(0), pickup, receiver).encode());
    // It is no more the payer's when it comes to the receiver, who may be the same person.
    model.held[payer] -= value;
    let allowed = gets.is_none_or(|gets| model.may_hold(gets, value));
    let verdict = if allowed { Ok(()) } else { Err(LimitsError::OverBalanceLimit) };
    let result = match way {
        0 => call(&model.keys[payee], pallet_pickup::Call::claim_registered { pickup, signature }),
        _ => call(uri, pallet_pickup::Call::claim_at_bank { pickup, receiver, signature }),
    };
    agree(result, verdict);
    if !allowed {
        model.held[payer] += value;
        return;
    }
    model.counts(payer);
    if let Some(gets) = gets {
        model.counts(gets);
        model.held[gets] += value;
    }
    model.waiting.remove(number);
}

/// Takes a step that moves value, if there is something to move.
fn take_of_money(model: &mut Model, step: &Step) {
    match *step {
        Step::Pay(from, to, coins, parts) => {
            let coins = some(from, TEN, coins);
            if from == to || coins.is_empty() {
                return;
            }
            for coins in coins.chunks(coins.len().div_ceil(parts)) {
                let value = TEN.value(coins.len() as u64);
                let coins = coins.to_vec().try_into().expect("few");
                pay(model, from, to, value, pallet_ownership::Call::transfer { to: owner(OWNERS[to]), coins });
            }
        },
        Step::PayWithChange(from, to, tens) => match one_of(from, HUNDRED) {
            Some(hundred) if from != to => {
                pay_part(model, (from, to), ChangeFrom::Vault(BANK_A), hundred, (TEN, tens, 10));
            },
            _ => {},
        },
        Step::PayAnew(from, to, ones) => match one_of(from, FIVE) {
            Some(five) if from != to => pay_part(model, (from, to), ChangeFrom::Issuer, five, (ONE, ones, 5)),
            _ => {},
        },
        Step::Exchange(who) => {
            if let Some(hundred) = one_of(who, HUNDRED) {
                exchange(model, who, ChangeFrom::Vault(BANK_A), hundred, fresh(&[(TEN, 10)]));
            }
        },
        Step::Recoin(who) => {
            if let Some(five) = one_of(who, FIVE) {
                exchange(model, who, ChangeFrom::Issuer, five, fresh(&[(ONE, 5)]));
            }
        },
        Step::Leave(from, to, coins) => {
            let coins = some(from, TEN, coins);
            if from != to && !coins.is_empty() {
                leave(model, from, to, coins);
            }
        },
        Step::Collect(one, way, bank, account) => {
            let now = System::block_number();
            let open = model.waiting.iter().position(|waiting| waiting.expires >= now);
            if let Some(first) = open {
                let later = (first + one).min(model.waiting.len() - 1);
                // They were left one after the other, each for the same time.
                collect(model, later, way, bank, account);
            }
        },
        Step::Refund(one) => {
            let now = System::block_number();
            let expired = model.waiting.iter().take_while(|waiting| waiting.expires < now).count();
            if one < expired {
                let Waiting { pickup, .. } = model.waiting.remove(one);
                assert_ok!(call("//BankC", pallet_pickup::Call::refund { pickup }));
            }
        },
        Step::Credit(bank, to, amount) => {
            // Bank C has nothing that it could owe.
            let bank = bank.min(1);
            let (uri, number) = BANKS[bank];
            let credit = pallet_custody::Call::credit { owner: owner(OWNERS[to]), amount };
            if model.banks[to] != bank && custody(number, OWNERS[to]) == 0 {
                refused(uri, credit, pallet_custody::Error::<Runtime>::NotCustomer);
                return;
            }
            let allowed = model.may_hold(to, amount);
            let verdict = if allowed { Ok(()) } else { Err(LimitsError::OverBalanceLimit) };
            agree(call(uri, credit), verdict);
            if allowed {
                model.counts(to);
                model.held[to] += amount;
            }
        },
        Step::Debit(bank, of, amount) => {
            let (uri, bank) = BANKS[bank];
            let amount = amount.min(custody(bank, OWNERS[of]));
            if amount > 0 {
                assert_ok!(call(uri, pallet_custody::Call::debit { owner: owner(OWNERS[of]), amount }));
                model.counts(of);
                model.held[of] -= amount;
            }
        },
        Step::Withdraw(who, tens) => {
            if custody(BANK_A, OWNERS[who]) >= TEN.value(tens.into()) {
                let selection = fresh(&[(TEN, tens)]);
                assert_ok!(call(&model.keys[who], pallet_custody::Call::withdraw { bank: BANK_A, selection }));
            }
        },
        Step::Deposit(bank, who, coins) => {
            let coins: Vec<_> = coins_of(OWNERS[who]).into_iter().take(coins).collect();
            if !coins.is_empty() {
                let (bank, coins) = (BANKS[bank].1, coins.try_into().expect("few"));
                assert_ok!(call(&model.keys[who], pallet_custody::Call::deposit { bank, coins }));
            }
        },
        _ => unreachable!("no value is moved by {step:?}"),
    }
}

fn move_to(model: &mut Model, who: usize, bank: usize) {
    let (uri, to) = BANKS[bank];
    let offer = pallet_identity::Call::move_to { bank: to, expiry: System::block_number() + 10 };
    assert_ok!(call(&model.keys[who], offer));
    assert_ok!(call(uri, pallet_identity::Call::accept_move { owner: owner(OWNERS[who]) }));
    model.banks[who] = bank;
}

/// Takes a step that moves no value.
fn take(model: &mut Model, step: &Step) {
    match *step {
        Step::Change(who, class) => {
            if model.classes[who] != class {
                let (uri, bank) = BANKS[model.banks[who]];
                model.change(who, class);
                let person = model.person(who);
                assert_ok!(change_class(uri, bank, OWNERS[who], &model.keys[who], class, person));
            }
        },
        Step::Lower(who, class) => {
            if class < model.classes[who] {
                model.change(who, class);
                let (owner, person) = (owner(OWNERS[who]), model.person(who));
                let lower = pallet_identity::Call::change_class { owner, class, person, consent: None };
                assert_ok!(call("//Supervising//1", lower));
            }
        },
        Step::SetLimits(class, [per_payment, per_day, balance]) => {
            let limits = ClassLimits { per_payment, per_day, balance };
            assert_ok!(call("//Supervising//1", pallet_limits::Call::set_limits { class, limits }));
            model.limits.insert(class, limits);
        },
        Step::Rotate(who) => {
            let (key, today) = (format!("{}x", model.keys[who]), model.today());
            if model.rotated[who].is_some_and(|day| day >= today) {
                let again = rotation(OWNERS[who], &key);
                refused(&model.keys[who], again, pallet_identity::Error::<Runtime>::RotatedToday);
                return;
            }
            assert_ok!(rotate(OWNERS[who], &model.keys[who], &key));
            model.keys[who] = key;
            model.rotated[who] = Some(today);
        },
        Step::Move(who, bank) => {
            if model.banks[who] != bank {
                move_to(model, who, bank);
            }
        },
        Step::Clock(minutes) => {
            model.now += minutes * MINUTE_MS;
            at(model.now);
            model.time_passed();
        },
        Step::Blocks(blocks) => start_block(System::block_number() + blocks),
        Step::Calendar(now, minutes, then) => {
            let in_force = model.calendar.iter().rev().find(|(from, _)| *from <= model.now);
            let stays = in_force.map_or(0, |(_, offset)| *offset);
            let calendar = vec![(0, now.unwrap_or(stays)), (model.now + minutes * MINUTE_MS, then)];
            let same = day(&calendar, model.now) == model.today();
            let changes: Vec<_> = calendar
                .iter()
                .map(|(from_ms, offset_minutes)| CalendarChange { from_ms: *from_ms, offset_minutes: *offset_minutes })
                .collect();
            let set = pallet_limits::Call::set_calendar { changes: changes.try_into().expect("two") };
            let verdict = if same { Ok(()) } else { Err(LimitsError::DayWouldChange) };
            agree(call("//Supervising//1", set), verdict);
            if same {
                model.calendar = calendar;
            }
        },
        _ => take_of_money(model, step),
    }
}

/// Everybody has tens, hundreds and fives, and custody at bank A; ones are made anew of fives.
fn begin() -> Model {
    at(START);
    with_money();
    mint(TEN, 5_000);
    mint(FIVE, 100);
    let more = fresh(&[(FIVE, 100), (TEN, 5_000), (HUNDRED, 100)]);
    assert_ok!(call("//Issuing//1", pallet_vault::Call::credit { bank: BANK_A, amount: 10_000_000 }));
    assert_ok!(call("//BankA", pallet_vault::Call::draw { selection: more }));
    let proposal = pallet_issuance::NextProposal::<Runtime>::get();
    let propose = pallet_issuance::Call::propose_change_batch { denomination: ONE, count: 10_000 };
    assert_ok!(call("//Issuing//1", propose));
    assert_ok!(call("//Issuing//2", pallet_issuance::Call::approve_mint { proposal }));
    let policy = specie_primitives::ChangePolicy::Anyone;
    assert_ok!(call("//BankA", pallet_vault::Call::set_change { policy }));
    let mut held = [500_000, 0, 0, 0, 0, 0];
    for (who, name) in OWNERS.iter().enumerate() {
        if !["ann", "ben"].contains(name) {
            assert_ok!(register("//BankA", BANK_A, name));
        }
        if who > 0 {
            assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner(name), amount: 100_000 }));
            held[who] = 100_000;
        }
        let selection = fresh(&[(FIVE, 4), (TEN, 10), (HUNDRED, 2)]);
        assert_ok!(call(&format!("//{name}"), pallet_custody::Call::withdraw { bank: BANK_A, selection }));
    }
    let calendar = vec![(0, 0)];
    let mut model = Model {
        now: START,
        latest: day(&calendar, START),
        calendar,
        classes: [OwnerClass::Phone; 6],
        banks: [0; 6],
        rotated: [None; 6],
        keys: OWNERS.map(|name| format!("//{name}")),
        held,
        waiting: Vec::new(),
        limits: OwnerClass::ALL.map(|class| (class, pallet_limits::Classes::<Runtime>::get(class))).into(),
        paid: BTreeMap::new(),
        really: BTreeMap::new(),
        went_back: false,
    };
    // Each second of a person's ids is another bank's.
    [1, 3, 5].into_iter().for_each(|who| move_to(&mut model, who, 1));
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_detours_leads_past_a_limit_or_is_held_up(steps in prop::collection::vec(step(), 1..100)) {
        run(|| {
            let mut model = begin();
            for step in steps {
                take(&mut model, &step);
                for (who, name) in OWNERS.iter().enumerate() {
                    let info = info(name);
                    let expected = (model.usage(model.subject(who)).1, model.held_together(who));
                    assert_eq!((info.paid_today, info.held), expected, "{name} after {step:?}");
                }
                assert_ok!(Limits::do_try_state());
            }
        });
    }
}
