//! Random transfers, cancellations, reserves and stops against a plain model: accounts are numbers, queues are lists. What a
//! look at the queues settles the model takes from the events; whether it might, and whether it should have settled more, it
//! works out itself.

use super::*;
use proptest::prelude::*;

const OWNERS: [(&str, usize); 4] = [("ann", 0), ("ben", 1), ("cid", 2), ("dot", 0)];
const POLICIES: [QueuePolicy; 3] = [QueuePolicy::Refuse, QueuePolicy::Overtake, QueuePolicy::InOrder];
/// Most transfers of one payer that wait.
const MOST: usize = specie_primitives::MAX_QUEUED_OF_PAYER as usize;

#[derive(Clone, Debug)]
enum Step {
    /// Banks, owners, amount, and whether it may wait.
    Send([usize; 2], [usize; 2], Balance, bool),
    /// An owner, or a bank behind the owners, that takes back what stands at a place of a queue.
    Cancel(usize, usize, usize),
    Prioritise(usize, usize),
    Reserve(usize, Balance),
    Policy(usize, usize),
    Stop(usize),
    Resume(usize),
    Look(bool),
    Pass(BlockNumber),
}

fn step() -> impl Strategy<Value = Step> {
    let (bank, owner) = (0usize..3, 0usize..4);
    prop_oneof![
        8 => ([bank.clone(), bank.clone()], [owner.clone(), owner.clone()], 0u128..50_000, prop::bool::weighted(0.8))
            .prop_map(|(banks, owners, amount, waits)| Step::Send(banks, owners, amount, waits)),
        1 => (0usize..7, bank.clone(), 0usize..4).prop_map(|(who, bank, place)| Step::Cancel(who, bank, place)),
        1 => (bank.clone(), 0usize..4).prop_map(|(bank, place)| Step::Prioritise(bank, place)),
        1 => (bank.clone(), 1u128..20_000).prop_map(|(bank, amount)| Step::Reserve(bank, amount)),
        1 => (bank, 0usize..3).prop_map(|(bank, policy)| Step::Policy(bank, policy)),
        1 => owner.clone().prop_map(Step::Stop),
        1 => owner.prop_map(Step::Resume),
        3 => any::<bool>().prop_map(Step::Look),
        1 => (1u32..60).prop_map(Step::Pass),
    ]
}

/// A transfer that waits.
#[derive(Clone, Debug)]
struct Item {
    number: u64,
    from: usize,
    to_bank: usize,
    to: usize,
    amount: Balance,
    expires: BlockNumber,
}

/// The plain model.
#[derive(Default)]
struct Model {
    /// By bank and owner.
    accounts: [[Balance; 4]; 3],
    reserves: [Balance; 3],
    policies: [QueuePolicy; 3],
    queues: [Vec<Item>; 3],
    next: u64,
    stopped: [bool; 4],
}

impl Model {
    /// Why a transfer is refused, whether it is made at once, or waits.
    fn judge(
        &self,
        banks: [usize; 2],
        owners: [usize; 2],
        amount: Balance,
        waits: bool,
    ) -> Result<bool, DispatchError> {
        let ([from_bank, to_bank], [from, to]) = (banks, owners);
        let error = |error: CustodyError<Runtime>| -> Result<bool, DispatchError> { Err(error.into()) };
        if self.stopped[from] {
            return Err(DispatchError::BadOrigin);
        }
        if amount == 0 {
            return error(CustodyError::ZeroAmount);
        }
        if from == to && from_bank == to_bank {
            return error(CustodyError::SameAccount);
        }
        if from != to && OWNERS[to].1 != to_bank && self.accounts[to_bank][to] == 0 {
            return error(CustodyError::NotCustomer);
        }
        if self.accounts[from_bank][from] < amount {
            return error(CustodyError::CustodyTooLow);
        }
        let policy = self.policies[from_bank];
        let behind = policy == QueuePolicy::InOrder && !self.queues[from_bank].is_empty();
        if from_bank == to_bank || (!behind && self.reserves[from_bank] >= amount) {
            return Ok(true);
        }
        if policy == QueuePolicy::Refuse || !waits {
            return error(CustodyError::ReserveTooLow);
        }
        if self.queues.iter().flatten().filter(|item| item.from == from).count() == MOST {
            return error(CustodyError::TooManyWaiting);
        }
        Ok(false)
    }

    fn send(&mut self, banks: [usize; 2], owners: [usize; 2], amount: Balance, at_once: bool) {
        let ([from_bank, to_bank], [from, to]) = (banks, owners);
        self.accounts[from_bank][from] -= amount;
        if at_once {
            self.accounts[to_bank][to] += amount;
            self.reserves[from_bank] -= if from_bank == to_bank { 0 } else { amount };
            self.reserves[to_bank] += if from_bank == to_bank { 0 } else { amount };
        } else {
            let expires = System::block_number() + WAIT;
            self.queues[from_bank].push(Item { number: self.next, from, to_bank, to, amount, expires });
            self.next += 1;
        }
    }

    /// Takes a transfer out of its queue. Gives its bank.
    fn leave(&mut self, number: u64) -> (usize, Item) {
        let bank = (0..3).find(|bank| self.queues[*bank].iter().any(|item| item.number == number)).expect("it waits");
        let place = self.queues[bank].iter().position(|item| item.number == number).expect("it waits");
        (bank, self.queues[bank].remove(place))
    }

    fn give_back(&mut self, number: u64) -> Item {
        let (bank, item) = self.leave(number);
        self.accounts[bank][item.from] += item.amount;
        item
    }

    /// Takes over what a look at the queues did, and asserts that it was right.
    fn look(&mut self) {
        let now = System::block_number();
        for (number, reason) in returned() {
            let item = self.give_back(number);
            match reason {
                ReturnReason::Expired => assert!(item.expires < now, "{item:?} went back too early"),
                // Whom it was for took everything out of an account at a bank that is not its own.
                ReturnReason::NotReceivable => {
                    let customer = OWNERS[item.to].1 == item.to_bank || self.accounts[item.to_bank][item.to] > 0;
                    assert!(item.from != item.to && !customer, "{item:?} went back for nothing");
                },
                ReturnReason::PayerStopped => assert!(self.stopped[item.from], "{item:?} went back for nothing"),
                other => panic!("{item:?} went back: {other:?}"),
            }
        }
        let mut after = self.reserves.map(|reserve| reserve as i128);
        for number in settled() {
            let (bank, item) = self.leave(number);
            assert!(item.expires >= now && !self.stopped[item.from], "{item:?} settled");
            self.accounts[item.to_bank][item.to] += item.amount;
            after[bank] -= item.amount as i128;
            after[item.to_bank] += item.amount as i128;
        }
        self.reserves = after.map(|reserve| Balance::try_from(reserve).expect("no reserve was overdrawn"));
        for (bank, queue) in self.queues.iter().enumerate() {
            let open = |item: &Item| item.expires >= now && !self.stopped[item.from];
            assert!(queue.iter().all(open), "something never settles and still waits: {queue:?}");
            // In order only the first one counts.
            let most = if self.policies[bank] == QueuePolicy::InOrder { 1 } else { queue.len() };
            let covered = queue.iter().take(most).find(|item| item.amount <= self.reserves[bank]);
            assert!(covered.is_none(), "{covered:?} is covered by {} and still waits", self.reserves[bank]);
        }
    }

    fn number_at(&self, bank: usize, place: usize) -> u64 {
        // A number that was never given, where nothing stands.
        self.queues[bank].get(place).map_or(u64::MAX, |item| item.number)
    }

    /// Asserts that the chain says the same.
    fn check(&self, after: &Step) {
        for (bank, (_, number, _)) in BANKS.into_iter().enumerate() {
            for (who, (name, _)) in OWNERS.into_iter().enumerate() {
                assert_eq!(custody(number, name), self.accounts[bank][who], "{name} at {number} after {after:?}");
            }
            let queue: Vec<u64> = self.queues[bank].iter().map(|item| item.number).collect();
            assert_eq!(waiting(number), queue, "after {after:?}");
        }
        assert_eq!(reserves(), self.reserves, "after {after:?}");
        let owed: Balance = self.accounts.iter().flatten().sum();
        let aside: Balance = self.queues.iter().flatten().map(|item| item.amount).sum();
        assert_eq!((owed + aside, set_aside().iter().sum::<Balance>()), (3 * ALL, aside), "after {after:?}");
    }
}

fn key(who: usize) -> String {
    format!("//{}", OWNERS[who].0)
}

/// Asserts that a call came out as the model says; says whether it was made.
#[track_caller]
fn agree<T>(result: Result<(), DispatchError>, verdict: &Result<T, DispatchError>) -> bool {
    assert_eq!(result, verdict.as_ref().map(|_| ()).map_err(|error| *error));
    verdict.is_ok()
}

fn take(model: &mut Model, step: &Step) {
    match *step {
        Step::Send(banks, owners, amount, waits) => {
            let [from_bank, to_bank] = banks.map(|bank| BANKS[bank].1);
            let name = OWNERS[owners[1]].0;
            let transfer = match waits {
                true => send_or_wait(from_bank, to_bank, name, amount),
                false => send(from_bank, to_bank, name, amount),
            };
            let verdict = model.judge(banks, owners, amount, waits);
            agree(call(&key(owners[0]), transfer), &verdict);
            if let Ok(at_once) = verdict {
                model.send(banks, owners, amount, at_once);
            }
        },
        Step::Cancel(who, bank, place) => {
            let number = model.number_at(bank, place);
            let item = model.queues[bank].get(place);
            let (uri, may) = match who.checked_sub(OWNERS.len()) {
                None => (key(who), item.is_some_and(|item| item.from == who && !model.stopped[who])),
                Some(at) => (BANKS[at].0.to_string(), at == bank),
            };
            let expired = item.is_some_and(|item| item.expires < System::block_number());
            let verdict = match item {
                None => Err(CustodyError::<Runtime>::UnknownTransfer.into()),
                Some(_) if may || expired => Ok(()),
                Some(_) => Err(CustodyError::<Runtime>::NotYours.into()),
            };
            if agree(call(&uri, cancel(BANKS[bank].1, number)), &verdict) {
                model.give_back(number);
            }
        },
        Step::Prioritise(bank, place) => {
            let number = model.number_at(bank, place);
            let first = Custodial::prioritise { transfer: TransferId(number) };
            let done = call(BANKS[bank].0, first).is_ok();
            assert_eq!(done, place < model.queues[bank].len());
            if done {
                let item = model.queues[bank].remove(place);
                model.queues[bank].insert(0, item);
            }
        },
        Step::Reserve(bank, amount) => {
            give_reserve(BANKS[bank].1, amount);
            model.reserves[bank] += amount;
        },
        Step::Policy(bank, policy) => {
            assert_ok!(call(BANKS[bank].0, Custodial::set_queue { policy: POLICIES[policy] }));
            model.policies[bank] = POLICIES[policy];
        },
        Step::Stop(who) => {
            if !model.stopped[who] {
                assert_ok!(call("//Supervising//1", pallet_identity::Call::suspend { owner: owner(OWNERS[who].0) }));
                model.stopped[who] = true;
            }
        },
        Step::Resume(who) => {
            if model.stopped[who] {
                assert_ok!(call("//Supervising//1", pallet_identity::Call::reinstate { owner: owner(OWNERS[who].0) }));
                model.stopped[who] = false;
            }
        },
        Step::Look(by_itself) => {
            System::reset_events();
            if by_itself {
                idle();
            } else {
                let something = model.queues.iter().any(|queue| !queue.is_empty());
                assert_eq!(call("//dot", Custodial::settle {}).is_ok(), something);
            }
            model.look();
        },
        Step::Pass(blocks) => start_block(System::block_number() + blocks),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn transfers_do_what_the_model_does(steps in prop::collection::vec(step(), 1..120)) {
        run(|| {
            with_queues(QueuePolicy::Overtake);
            let mut model = Model { policies: [QueuePolicy::Overtake; 3], ..Model::default() };
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
