//! Random escrows, releases, returns, disputes, decisions, stops and blocks against a plain model: accounts are numbers, escrows a
//! list. What a call or an order comes to the model says itself. What a block does by itself it takes from the events, and
//! asks itself whether just that was to come about.

use super::*;
use proptest::prelude::*;

const OWNERS: [(&str, usize); 4] = [("ann", 0), ("ben", 1), ("cid", 2), ("dot", 0)];
/// An escrow that never was.
const NONE: OrderId = OrderId([9; 32]);

#[derive(Clone, Debug)]
enum Step {
    /// Payer, payee, the payee's bank, amount, blocks, and whether the payee is paid at the end.
    Hold(usize, usize, usize, Balance, BlockNumber, bool),
    /// Who, which, and how many hundredths of what is left.
    Release(usize, usize, Balance),
    /// Which, hundredths, and whether the sides sign in the wrong order.
    Return(usize, Balance, bool),
    Dispute(usize, usize),
    Decide(usize, Balance),
    Conclude(usize),
    Idle,
    Pass(BlockNumber),
    /// Who, and whether its bank stops it or the supervisor.
    Stop(usize, bool),
    Resume(usize),
    /// A bank turns so many hundreds of its reserve into coins.
    Draw(usize, u32),
    Give(usize, Balance),
}

fn step() -> impl Strategy<Value = Step> {
    let (bank, owner, which, part) = (0usize..3, 0usize..4, 0usize..6, 0u128..120);
    let blocks = prop_oneof![8 => 1u32..60, 1 => Just(PATIENCE), 1 => Just(DECISION_TIME)];
    prop_oneof![
        6 => (owner.clone(), owner.clone(), bank.clone(), 0u128..60_000, 1u32..80, any::<bool>())
            .prop_map(|(payer, payee, bank, amount, life, pays)| Step::Hold(payer, payee, bank, amount, life, pays)),
        3 => (owner.clone(), which.clone(), part.clone()).prop_map(|(who, which, part)| Step::Release(who, which, part)),
        2 => (which.clone(), part.clone(), prop::bool::weighted(0.2))
            .prop_map(|(which, part, swapped)| Step::Return(which, part, swapped)),
        2 => (owner.clone(), which.clone()).prop_map(|(who, which)| Step::Dispute(who, which)),
        2 => (which.clone(), part).prop_map(|(which, part)| Step::Decide(which, part)),
        3 => which.prop_map(Step::Conclude),
        3 => Just(Step::Idle),
        3 => blocks.prop_map(Step::Pass),
        1 => (owner.clone(), any::<bool>()).prop_map(|(who, by_bank)| Step::Stop(who, by_bank)),
        1 => owner.prop_map(Step::Resume),
        1 => (bank.clone(), 1u32..6).prop_map(|(bank, count)| Step::Draw(bank, count)),
        1 => (bank, 1u128..40_000).prop_map(|(bank, amount)| Step::Give(bank, amount)),
    ]
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    #[default]
    Active,
    StoppedByBank,
    Held,
}

#[derive(Clone, Debug)]
struct Item {
    id: OrderId,
    payer: usize,
    payee: usize,
    to_bank: usize,
    rest: Balance,
    pays: bool,
    expires: BlockNumber,
    due: BlockNumber,
    /// The payer, the payee, and because the side that was to lose it was stopped.
    disputed: [bool; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// At this bank.
    Pays(usize),
    Returns,
    IsDisputed,
    Waits,
}

/// The plain model.
#[derive(Default)]
struct Model {
    /// By bank and owner.
    accounts: [[Balance; 4]; 3],
    reserves: [Balance; 3],
    items: Vec<Item>,
    standing: [Standing; 4],
}

fn key(who: usize) -> String {
    format!("//{}", OWNERS[who].0)
}

fn module<T>(error: impl Into<DispatchError>) -> Result<T, DispatchError> {
    Err(error.into())
}

impl Model {
    fn is_active(&self, who: usize) -> bool {
        self.standing[who] == Standing::Active
    }

    /// The escrow at a place, and how much a number of hundredths is of it.
    fn at(&self, which: usize, part: Balance) -> Option<(usize, Item, Balance)> {
        let place = which.checked_rem(self.items.len())?;
        let item = self.items[place].clone();
        let amount = item.rest * part / 100;
        Some((place, item, amount))
    }

    fn covers(&self, item: &Item, amount: Balance) -> bool {
        let from = OWNERS[item.payer].1;
        from == item.to_bank || self.reserves[from] >= amount
    }

    fn end(&self, item: &Item) -> End {
        if item.pays && self.standing[item.payer] == Standing::Held {
            return End::Waits;
        }
        let loser = if item.pays { item.payer } else { item.payee };
        if !self.is_active(loser) && item.due < item.expires + DECISION_TIME {
            return End::IsDisputed;
        }
        if !item.pays {
            return End::Returns;
        }
        let is_patient = System::block_number() <= item.due + PATIENCE;
        match (self.covers(item, item.rest), is_patient) {
            (true, _) => End::Pays(item.to_bank),
            (false, true) => End::Waits,
            (false, false) => End::Pays(OWNERS[item.payer].1),
        }
    }

    fn pay(&mut self, place: usize, bank: usize, amount: Balance) {
        let item = &mut self.items[place];
        let from = OWNERS[item.payer].1;
        item.rest -= amount;
        self.accounts[bank][item.payee] += amount;
        if bank != from {
            self.reserves[from] -= amount;
            self.reserves[bank] += amount;
        }
    }

    fn give_back(&mut self, place: usize, amount: Balance) {
        let item = &mut self.items[place];
        item.rest -= amount;
        self.accounts[OWNERS[item.payer].1][item.payer] += amount;
    }

    fn put_off(&mut self, place: usize, from: BlockNumber) {
        let item = &mut self.items[place];
        item.due = item.due.max(from + DECISION_TIME);
    }

    fn come_about(&mut self, place: usize, end: End) {
        let rest = self.items[place].rest;
        match end {
            End::Pays(bank) => self.pay(place, bank, rest),
            End::Returns => self.give_back(place, rest),
            End::IsDisputed => {
                self.items[place].disputed[2] = true;
                self.put_off(place, System::block_number());
            },
            End::Waits => {},
        }
    }

    /// Takes over what a block did by itself, and asserts that it was right.
    fn look(&mut self) {
        for event in told() {
            let (escrow, end) = match event {
                EscrowEvent::Paid { escrow, to_bank, .. } => {
                    (escrow, End::Pays(BANKS.iter().position(|(_, bank, _)| *bank == to_bank).expect("a bank")))
                },
                EscrowEvent::Returned { escrow, .. } => (escrow, End::Returns),
                EscrowEvent::Disputed { escrow, by: None, .. } => (escrow, End::IsDisputed),
                EscrowEvent::Postponed { escrow, .. } => (escrow, End::Waits),
                other => panic!("a block did {other:?}"),
            };
            let place = self.items.iter().position(|item| item.id == escrow).expect("it is open");
            let item = self.items[place].clone();
            assert!(item.due < System::block_number(), "{item:?} came about too early");
            assert_eq!(self.end(&item), end, "{item:?}");
            self.come_about(place, end);
        }
        let now = System::block_number();
        let late = |item: &&Item| item.rest > 0 && item.due < now && !item.pays;
        assert_eq!(self.items.iter().find(late).map(|item| item.id), None, "nothing keeps what goes back");
    }

    /// Asserts that the chain says the same.
    fn check(&mut self, after: &Step) {
        self.items.retain(|item| item.rest > 0);
        for (bank, (_, number, _)) in BANKS.into_iter().enumerate() {
            for (who, (name, _)) in OWNERS.into_iter().enumerate() {
                assert_eq!(custody(number, name), self.accounts[bank][who], "{name} at {number} after {after:?}");
            }
            let of_bank = self.items.iter().filter(|item| OWNERS[item.payer].1 == bank);
            assert_eq!(pots()[bank], of_bank.map(|item| item.rest).sum::<Balance>(), "{number} after {after:?}");
        }
        assert_eq!(reserves(), self.reserves, "after {after:?}");
        assert_eq!(pallet_escrow::Escrows::<Runtime>::iter().count(), self.items.len(), "after {after:?}");
        for item in &self.items {
            assert_eq!((info(item.id).rest, info(item.id).due), (item.rest, item.due), "{item:?} after {after:?}");
        }
    }
}

/// Asserts that an order came out as the model says; says whether it was executed.
#[track_caller]
fn agree(came: Verdict, expected: &Result<(), DispatchError>, are_active: bool) -> bool {
    let expected = match expected {
        _ if !are_active => Verdict::PartyNotActive,
        Ok(()) => Verdict::Executed,
        Err(error) => failed(*error),
    };
    assert_eq!(came, expected);
    came == Verdict::Executed
}

/// The same of a call.
#[track_caller]
fn made(came: Result<(), DispatchError>, expected: &Result<(), DispatchError>) -> bool {
    assert_eq!(came, *expected);
    came.is_ok()
}

/// What taking an amount out of an escrow is refused for, whoever does it.
fn takeable(item: &Item, amount: Balance) -> Result<(), DispatchError> {
    match amount {
        amount if amount > item.rest => module(EscrowError::<Runtime>::AmountTooHigh),
        0 => module(CustodyError::<Runtime>::ZeroAmount),
        _ => Ok(()),
    }
}

fn take_hold(model: &mut Model, step: &Step) {
    let Step::Hold(payer, payee, to_bank, amount, life, pays) = *step else { return };
    let (from, now) = (OWNERS[payer].1, System::block_number());
    let at_expiry = if pays { AtExpiry::Pay } else { AtExpiry::Return };
    let (from_bank, to) = (BANKS[from].1, BANKS[to_bank].1);
    let action = Action::Hold { from_bank, to_bank: to, amount, expires: now + life, at_expiry, reference: None };
    let of_payer = model.items.iter().filter(|item| item.payer == payer).count();
    let expected = match amount {
        _ if payer == payee => module(EscrowError::<Runtime>::SameOwner),
        0 => module(CustodyError::<Runtime>::ZeroAmount),
        amount if amount > model.accounts[from][payer] => module(CustodyError::<Runtime>::CustodyTooLow),
        _ if of_payer >= specie_primitives::MAX_ESCROWS_OF_PAYER as usize => {
            module(EscrowError::<Runtime>::TooManyEscrows)
        },
        _ => Ok(()),
    };
    let parties = [OWNERS[payer].0, OWNERS[payee].0];
    let order = order(&parties, action);
    let came = verdict("//BankC", document(&order, &parties));
    if agree(came, &expected, model.is_active(payer) && model.is_active(payee)) {
        model.accounts[from][payer] -= amount;
        let (id, rest, expires) = (order.id(), amount, now + life);
        model.items.push(Item { id, payer, payee, to_bank, rest, pays, expires, due: expires, disputed: [false; 3] });
    }
}

fn take(model: &mut Model, step: &Step) {
    let unknown = || module::<()>(EscrowError::<Runtime>::UnknownEscrow);
    match *step {
        Step::Hold(..) => take_hold(model, step),
        Step::Release(who, which, part) => {
            let found = model.at(which, part);
            let (id, amount) = found.as_ref().map_or((NONE, 1), |(_, item, amount)| (item.id, *amount));
            let expected = match &found {
                _ if !model.is_active(who) => module(DispatchError::BadOrigin),
                None => unknown(),
                Some((_, item, _)) if item.payer != who => module(EscrowError::<Runtime>::NotPayer),
                Some((_, item, amount)) => takeable(item, *amount).and_then(|()| match model.covers(item, *amount) {
                    true => Ok(()),
                    false => module(CustodyError::<Runtime>::ReserveTooLow),
                }),
            };
            let done = made(call(&key(who), release(id, amount)), &expected);
            if let (true, Some((place, item, amount))) = (done, found) {
                model.pay(place, item.to_bank, amount);
            }
        },
        Step::Return(which, part, swapped) => {
            let Some((place, item, amount)) = model.at(which, part) else { return };
            let mut parties = [OWNERS[item.payer].0, OWNERS[item.payee].0];
            let expected = match swapped {
                true => module(EscrowError::<Runtime>::NotParties),
                false => takeable(&item, amount),
            };
            if swapped {
                parties.reverse();
            }
            let came = ask(&parties, Action::Return { escrow: item.id, amount });
            if agree(came, &expected, model.is_active(item.payer) && model.is_active(item.payee)) {
                model.give_back(place, amount);
            }
        },
        Step::Dispute(who, which) => {
            let found = model.at(which, 0);
            let side = |item: &Item| [item.payer, item.payee].iter().position(|side| *side == who);
            let expected = match &found {
                _ if !model.is_active(who) => module(DispatchError::BadOrigin),
                None => unknown(),
                Some((_, item, _)) if System::block_number() > item.due => module(EscrowError::<Runtime>::TooLate),
                Some((_, item, _)) => match side(item) {
                    None => module(EscrowError::<Runtime>::NotParties),
                    Some(side) if item.disputed[side] => module(EscrowError::<Runtime>::AlreadyDisputed),
                    Some(_) => Ok(()),
                },
            };
            let id = found.as_ref().map_or(NONE, |(_, item, _)| item.id);
            let done = made(call(&key(who), dispute(id)), &expected);
            if let (true, Some((place, item, _))) = (done, found) {
                model.put_off(place, System::block_number().min(item.expires));
                model.items[place].disputed[side(&item).expect("a side")] = true;
            }
        },
        Step::Decide(which, part) => {
            let Some((place, item, amount)) = model.at(which, part) else { return };
            let is_held = [item.payer, item.payee].iter().any(|who| model.standing[*who] == Standing::Held);
            let expected = match amount {
                _ if item.disputed == [false; 3] && !is_held => module(EscrowError::<Runtime>::NotDisputed),
                amount if amount > item.rest => module(EscrowError::<Runtime>::AmountTooHigh),
                _ => Ok(()),
            };
            if made(call(SUPERVISOR, decide(item.id, amount)), &expected) {
                let bank = if model.covers(&item, amount) { item.to_bank } else { OWNERS[item.payer].1 };
                model.pay(place, bank, amount);
                model.give_back(place, item.rest - amount);
            }
        },
        Step::Conclude(which) => {
            let found = model.at(which, 0);
            let end = found.as_ref().map(|(_, item, _)| model.end(item));
            let expected = match &found {
                None => unknown(),
                Some((_, item, _)) if System::block_number() <= item.due => module(EscrowError::<Runtime>::NotDue),
                Some(_) if end == Some(End::Waits) => module(EscrowError::<Runtime>::OutcomeWaits),
                Some(_) => Ok(()),
            };
            let id = found.as_ref().map_or(NONE, |(_, item, _)| item.id);
            let done = made(call("//BankC", conclude(id)), &expected);
            if let (true, Some((place, ..)), Some(end)) = (done, found, end) {
                model.come_about(place, end);
            }
        },
        Step::Idle => {
            System::reset_events();
            idle();
            model.look();
        },
        Step::Pass(blocks) => pass(blocks),
        Step::Stop(who, by_bank) => {
            if model.is_active(who) {
                let suspend = pallet_identity::Call::suspend { owner: owner(OWNERS[who].0) };
                let by = if by_bank { BANKS[OWNERS[who].1].0 } else { SUPERVISOR };
                assert_ok!(call(by, suspend));
                model.standing[who] = if by_bank { Standing::StoppedByBank } else { Standing::Held };
            }
        },
        Step::Resume(who) => {
            if !model.is_active(who) {
                assert_ok!(call(SUPERVISOR, pallet_identity::Call::reinstate { owner: owner(OWNERS[who].0) }));
                model.standing[who] = Standing::Active;
            }
        },
        Step::Draw(bank, count) => {
            let amount = HUNDRED.value(count.into());
            let drawn = call(BANKS[bank].0, pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, count)]) });
            if drawn.is_ok() {
                model.reserves[bank] -= amount;
            }
        },
        Step::Give(bank, amount) => {
            give_reserve(BANKS[bank].1, amount);
            model.reserves[bank] += amount;
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn escrows_do_what_the_model_does(steps in prop::collection::vec(step(), 1..120)) {
        run(|| {
            with_banks();
            let mut model = Model { reserves: [ALL; 3], ..Model::default() };
            for (bank, account) in model.accounts.iter_mut().enumerate() {
                account[bank] = ALL;
            }
            for step in steps {
                take(&mut model, &step);
                model.check(&step);
                check_everything();
            }
        });
    }
}
