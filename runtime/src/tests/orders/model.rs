//! A plain model of orders: who has what, and what must come of each order.

use super::{kinds::KINDS, *};
use crate::tests::transfers::{reserves, with_banks, ALL, BANKS};
use frame_support::ensure;
use std::collections::{BTreeMap, BTreeSet};

/// The owners, of whom the first three have money, each at its own bank. The last one may be a processor.
pub const NAMES: [&str; 4] = ["ann", "ben", "cid", "dot"];
/// Places of the banks that look after them.
pub const BANK_OF: [usize; 4] = [0, 1, 2, 0];
/// Who submits orders: the owners, and two banks.
pub const SUBMITTERS: [&str; 6] = ["//ann", "//ben", "//cid", "//dot", "//BankA", "//BankB"];
/// Coins of each owner with money.
const COINS: u32 = 20;
/// The role that admits processors.
const ADMITTING: &str = "//Admitting//1";

/// How a copy of an order is signed. Copies are signed anew every time.
#[derive(Clone, Copy, Debug)]
pub enum Seal {
    /// By the payer.
    Own,
    /// By the payer, as browser extensions do.
    Wrapped,
    /// By somebody else.
    Other(usize),
    /// By nobody.
    Missing,
    /// By the payer, in two places.
    Twice,
    /// By the payer; half of it was lost on its way.
    Cut,
}

/// An order that somebody wrote.
#[derive(Clone, Debug)]
pub struct Written {
    pub order: Order,
    /// Who is to sign it.
    pub payer: usize,
}

impl Written {
    /// A copy, as it travels.
    pub fn copy(&self, seal: Seal) -> Vec<u8> {
        let payload = self.order.encode();
        let by = |who: usize, message: &[u8]| sign(&format!("//{}", NAMES[who % NAMES.len()]), message);
        let own = || by(self.payer, &payload);
        let signatures = match seal {
            Seal::Own | Seal::Cut => vec![own()],
            Seal::Wrapped => vec![by(self.payer, &[b"<Bytes>".as_slice(), &payload, b"</Bytes>"].concat())],
            // Never the payer.
            Seal::Other(who) => vec![by(self.payer + 1 + who % 3, &payload)],
            Seal::Missing => vec![],
            Seal::Twice => vec![own(), own()],
        };
        let mut document = with_signatures(&self.order, signatures);
        if matches!(seal, Seal::Cut) {
            document.truncate(document.len() / 2);
        }
        document
    }
}

/// Who has what.
#[derive(Clone, Default)]
pub struct World {
    /// Holder and revision of each coin.
    pub coins: BTreeMap<CoinId, (usize, u32)>,
    /// By bank and owner.
    pub custody: [[Balance; 4]; 3],
    /// By bank.
    pub reserves: [Balance; 3],
    /// What was executed, ever.
    pub executed: BTreeSet<OrderId>,
    /// What was cancelled, with who did it.
    pub cancelled: BTreeSet<(OrderId, usize)>,
    /// Blocks in which payments ran.
    pub clock: BlockNumber,
    is_stopped: [bool; 4],
    is_processor: bool,
}

impl World {
    /// Three banks with an owner each that has coins and custody, and an owner with nothing.
    pub fn begin() -> Self {
        with_banks();
        mint(TEN, 1_000);
        for (uri, bank, name) in BANKS {
            assert_ok!(call(uri, pallet_vault::Call::draw { selection: fresh(&[(TEN, COINS)]) }));
            let withdraw = pallet_custody::Call::withdraw { bank, selection: fresh(&[(TEN, COINS)]) };
            assert_ok!(call(&format!("//{name}"), withdraw));
        }
        let mut world = Self { clock: System::block_number(), ..Self::default() };
        let left = ALL - TEN.value(COINS.into());
        for place in 0..BANKS.len() {
            (world.custody[place][place], world.reserves[place]) = (left, left);
            world.coins.extend(coins_of(NAMES[place]).into_iter().map(|coin| (coin.coin, (place, coin.revision))));
        }
        world.check();
        world
    }

    /// Place of an owner.
    pub fn place(owner: OwnerId) -> usize {
        NAMES.iter().position(|name| self::owner(name) == owner).expect("one of the owners")
    }

    /// Place of a bank.
    pub fn bank(bank: BankId) -> usize {
        BANKS.iter().position(|(_, number, _)| *number == bank).expect("one of the banks")
    }

    /// Coins that an owner has.
    pub fn purse(&self, who: usize) -> Vec<CoinRef> {
        let own = self.coins.iter().filter(|(_, (holder, _))| *holder == who);
        own.map(|(coin, (_, revision))| CoinRef { coin: *coin, revision: *revision }).collect()
    }

    /// As which processor somebody submits.
    pub fn processor(&self, by: usize) -> Option<Processor> {
        match by {
            3 => (self.is_processor && !self.is_stopped[3]).then(|| Processor::Owner(owner(NAMES[3]))),
            4 => Some(Processor::Bank(BANK_A)),
            5 => Some(Processor::Bank(BANK_B)),
            _ => None,
        }
    }

    /// What must come of a copy of an order that is submitted now.
    pub fn judge(&mut self, by: usize, written: &Written, seal: Seal) -> Verdict {
        let Written { order, payer } = written;
        if let Err(refusal) = self.look_at(by, order, *payer, seal) {
            return refusal;
        }
        // All of it or nothing.
        let mut after = self.clone();
        let done = KINDS.iter().find_map(|kind| (kind.act)(&mut after, *payer, &order.action));
        match done.expect("a model of every action") {
            Err(error) => failed(error),
            Ok(()) => {
                assert!(after.executed.insert(order.id()), "executed twice");
                *self = after;
                Verdict::Executed
            },
        }
    }

    /// Why it is not even tried.
    fn look_at(&self, by: usize, order: &Order, payer: usize, seal: Seal) -> Result<(), Verdict> {
        let refuse = |unless: bool, verdict| if unless { Ok(()) } else { Err(verdict) };
        refuse(!matches!(seal, Seal::Cut), Verdict::Unreadable)?;
        refuse(order.genesis == System::block_hash(0), Verdict::OtherNetwork)?;
        let longest = <Runtime as pallet_orders::Config>::MaxWindow::get();
        let window = order.valid_until.checked_sub(order.valid_from);
        refuse(window.is_some_and(|window| window <= longest), Verdict::BadWindow)?;
        refuse(order.valid_from <= self.clock, Verdict::NotYet)?;
        refuse(self.clock <= order.valid_until, Verdict::Expired)?;
        refuse(!self.executed.contains(&order.id()), Verdict::AlreadyExecuted)?;
        let is_reserved = order
            .processing
            .is_some_and(|number| self.clock <= number.until && self.processor(by) != Some(number.processor));
        refuse(!is_reserved, Verdict::OtherProcessor)?;
        refuse(order.parties.len() == 1, Verdict::WrongParties)?;
        refuse(!matches!(seal, Seal::Missing | Seal::Twice), Verdict::BadSignature)?;
        refuse(!self.cancelled.contains(&(order.id(), payer)), Verdict::Cancelled)?;
        refuse(!self.is_stopped[payer], Verdict::PartyNotActive)?;
        refuse(!matches!(seal, Seal::Other(_)), Verdict::BadSignature)
    }

    /// An owner takes its consent back: what must come of it.
    pub fn cancel(&mut self, who: usize, order: OrderId, valid_until: BlockNumber) -> Result<(), DispatchError> {
        let most = self.clock + <Runtime as pallet_orders::Config>::MaxAhead::get();
        ensure!(valid_until >= self.clock, OrdersError::<Runtime>::OrderExpired);
        ensure!(valid_until <= most, OrdersError::<Runtime>::OrderTooFar);
        ensure!(!self.executed.contains(&order), OrdersError::<Runtime>::OrderExecuted);
        self.cancelled.insert((order, who));
        Ok(())
    }

    /// The same by a call of its own, on the chain too.
    pub fn call_cancel(&mut self, who: usize, order: &Order) {
        let (id, valid_until) = (order.id(), order.valid_until);
        let expected = match self.is_stopped[who] {
            true => Err(DispatchError::BadOrigin),
            false => self.cancel(who, id, valid_until),
        };
        let cancel = OrdersCall::cancel { order: id, valid_until };
        match expected {
            Ok(()) => {
                assert_ok!(call(SUBMITTERS[who], cancel));
            },
            Err(error) => refused(SUBMITTERS[who], cancel, error),
        }
    }

    /// The supervisor suspends an owner, or lets it go on.
    pub fn stop(&mut self, who: usize, is_stopped: bool) {
        if self.is_stopped[who] == is_stopped {
            return;
        }
        let owner = owner(NAMES[who]);
        let done = match is_stopped {
            true => call("//Supervising//1", pallet_identity::Call::suspend { owner }),
            false => call("//Supervising//1", pallet_identity::Call::reinstate { owner }),
        };
        assert_ok!(done);
        self.is_stopped[who] = is_stopped;
    }

    /// The issuer admits the last owner as a processor, or dismisses it.
    pub fn admit(&mut self, is_processor: bool) {
        if self.is_processor == is_processor {
            return;
        }
        let owner = owner(NAMES[3]);
        let done = match is_processor {
            true => call(ADMITTING, OrdersCall::admit_processor { owner }),
            false => call(ADMITTING, OrdersCall::dismiss_processor { owner }),
        };
        assert_ok!(done);
        self.is_processor = is_processor;
    }

    /// Blocks go by, and so many steps of forgetting.
    pub fn pass(&mut self, blocks: BlockNumber, steps: u64) {
        start_block(System::block_number() + blocks);
        self.clock += blocks;
        Orders::do_forget(steps);
    }

    /// Asserts that the chain says the same.
    pub fn check(&self) {
        for (who, name) in NAMES.into_iter().enumerate() {
            assert_eq!(coins_of(name), self.purse(who), "coins of {name}");
            for (place, (_, bank, _)) in BANKS.into_iter().enumerate() {
                assert_eq!(custody(bank, name), self.custody[place][who], "{name} at {bank}");
            }
        }
        assert_eq!(reserves(), self.reserves);
        assert_eq!(Orders::clock(), self.clock);
    }
}
