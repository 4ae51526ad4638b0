//! A plain model of orders: who has what, and what must come of each order.

mod blocks;
mod copies;
mod judge;
mod moves;

pub use copies::{Document, Seal, Written};

use super::*;
use crate::tests::{
    escrow, instruments, joint,
    transfers::{give_reserve, reserves, with_banks, ALL, BANKS},
};
use specie_primitives::AtExpiry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The owners, of whom the first three have money, each at its own bank. The fourth may be a processor, the last one is the
/// joint account.
pub const NAMES: [&str; 5] = ["ann", "ben", "cid", "dot", "pot"];
/// Place of the joint account, which has no key. All before it have one.
pub const JOINT: usize = 4;
/// As holders of coins the banks' vaults come behind the owners.
pub const VAULTS: usize = 5;
/// Places of the banks that look after the owners.
pub const BANK_OF: [usize; 5] = [0, 1, 2, 0, 0];
/// Who submits orders: the owners with keys, and two banks.
pub const SUBMITTERS: [&str; 6] = ["//ann", "//ben", "//cid", "//dot", "//BankA", "//BankB"];
/// Coins of each owner with money; as many again and more are left in its bank's vault.
const COINS: [(Denomination, u32); 2] = [(TEN, 20), (HUNDRED, 2)];
/// Coins that each bank draws.
const DRAWN: [(Denomination, u32); 2] = [(TEN, 60), (HUNDRED, 3)];
/// What each bank has besides in reserve.
const MORE: Balance = ALL / 2;
/// What the joint account has in custody.
const OF_ALL: Balance = 20_000;
/// Units of each instrument: who issues them, and to whom.
const UNITS: [(&str, &str, Balance); 2] = [("//BankA", "ann", 600), ("//BankB", "ben", 600)];
/// The role that admits processors.
const ADMITTING: &str = "//Admitting//1";

/// An escrow that is open.
#[derive(Clone, Debug)]
pub struct Held {
    pub payer: usize,
    pub from_bank: usize,
    pub payee: usize,
    pub to_bank: usize,
    pub rest: Balance,
    pub at_expiry: AtExpiry,
    /// Last block before the outcome.
    pub due: BlockNumber,
    /// After this one a block looks at it.
    pub look: BlockNumber,
    /// By the payer, by the payee.
    pub disputed: [bool; 2],
}

/// A payment that waits for its payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub payer: usize,
    pub payee: usize,
    /// The payer's and the payee's.
    pub banks: [usize; 2],
    pub amount: Balance,
    /// Who signed for it.
    pub signer: usize,
    pub until: BlockNumber,
}

/// An order that is executed: its name, who pays, and all parties.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: OrderId,
    pub payer: usize,
    pub parties: Vec<usize>,
}

/// Who has what.
#[derive(Clone, Default)]
pub struct World {
    /// Holder and revision of each coin that has left its vault.
    pub coins: BTreeMap<CoinId, (usize, u32)>,
    /// Coins that never left a bank's vault, by bank.
    pub fresh: [BTreeMap<Denomination, VecDeque<CoinId>>; 3],
    /// By bank and owner.
    pub custody: [[Balance; 5]; 3],
    /// By bank.
    pub reserves: [Balance; 3],
    /// By instrument and owner.
    pub units: [[Balance; 5]; 2],
    pub escrows: BTreeMap<OrderId, Held>,
    pub waiting: BTreeMap<OrderId, Waiting>,
    /// Codes for one payment that were scanned.
    pub used: BTreeSet<Vec<u8>>,
    /// Of the joint account, by seat.
    pub managers: Vec<usize>,
    /// How many of them must sign.
    pub threshold: u8,
    /// Rises with every change of either.
    pub version: u32,
    /// What was executed, ever.
    pub executed: BTreeSet<OrderId>,
    /// What was cancelled, with who did it.
    pub cancelled: BTreeSet<(OrderId, usize)>,
    /// Blocks in which payments ran.
    pub clock: BlockNumber,
    pub is_stopped: [bool; 5],
    is_processor: bool,
    /// What all owners had at first.
    wealth: Balance,
}

impl World {
    /// Three banks with an owner each that has coins, custody and units; an owner with nothing; and a joint account of the
    /// first three, of whom two sign.
    pub fn begin() -> Self {
        with_banks();
        mint(TEN, 1_000);
        for (uri, bank, name) in BANKS {
            give_reserve(bank, MORE);
            assert_ok!(call(uri, pallet_vault::Call::draw { selection: fresh(&DRAWN) }));
            let withdraw = pallet_custody::Call::withdraw { bank, selection: fresh(&COINS) };
            assert_ok!(call(&format!("//{name}"), withdraw));
        }
        assert_ok!(call("//BankA", joint::open(&NAMES[..3], 2, BANK_A)));
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner(NAMES[JOINT]), amount: OF_ALL }));
        let (clock, managers) = (System::block_number(), vec![0, 1, 2]);
        let mut world = Self { clock, managers, threshold: 2, version: 1, ..Self::default() };
        for (number, (uri, name, amount)) in (0u32..).zip(UNITS) {
            assert_ok!(call(uri, instruments::define(instruments::bill())));
            assert_ok!(call(uri, instruments::issue(number, name, amount)));
            world.units[number as usize][Self::place(owner(name))] = amount;
        }
        let value = |lots: &[(Denomination, u32)]| -> Balance {
            lots.iter().map(|(denomination, count)| denomination.value((*count).into())).sum()
        };
        for (place, (_, bank, name)) in BANKS.into_iter().enumerate() {
            world.custody[place][place] = ALL - value(&COINS);
            world.reserves[place] = ALL + MORE - value(&DRAWN);
            world.coins.extend(coins_of(name).into_iter().map(|coin| (coin.coin, (place, coin.revision))));
            for (denomination, _) in DRAWN {
                let ranges = pallet_vault::Ranges::<Runtime>::get(VaultId::Bank(bank), denomination);
                let all = ranges.iter().flat_map(|range| {
                    let batch = range.batch;
                    (range.start..range.end()).map(move |index| coin(batch, index))
                });
                world.fresh[place].insert(denomination, all.collect());
            }
        }
        world.custody[0][JOINT] = OF_ALL;
        world.wealth = world.owned();
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

    /// A bank by its place.
    pub fn bank_at(place: usize) -> BankId {
        BANKS[place % BANKS.len()].1
    }

    /// The face value of a coin: the hundreds came first.
    pub fn denomination(coin: CoinId) -> Denomination {
        if coin.batch == 0 {
            HUNDRED
        } else {
            TEN
        }
    }

    /// Coins that somebody has.
    pub fn purse(&self, who: usize) -> Vec<CoinRef> {
        let own = self.coins.iter().filter(|(_, (holder, _))| *holder == who);
        own.map(|(coin, (_, revision))| CoinRef { coin: *coin, revision: *revision }).collect()
    }

    /// Where an owner has most in custody.
    pub fn richest(&self, who: usize) -> usize {
        (0..BANKS.len()).max_by_key(|bank| self.custody[*bank][who]).expect("there are banks")
    }

    /// What all owners have together: it changes hands, and that is all.
    fn owned(&self) -> Balance {
        let is_owners = |holder: usize| holder < VAULTS;
        let coins = self.coins.iter().filter(|(_, (holder, _))| is_owners(*holder));
        let coins: Balance = coins.map(|(coin, _)| Self::denomination(*coin).value(1)).sum();
        let custody: Balance = self.custody.iter().flatten().sum();
        coins + custody + self.escrows.values().map(|held| held.rest).sum::<Balance>()
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

    /// Asserts that the chain says the same.
    pub fn check(&self) {
        for (who, name) in NAMES.into_iter().enumerate() {
            assert_eq!(coins_of(name), self.purse(who), "coins of {name}");
            for (place, (_, bank, _)) in BANKS.into_iter().enumerate() {
                assert_eq!(custody(bank, name), self.custody[place][who], "{name} at {bank}");
            }
            for (number, units) in (0u32..).zip(&self.units) {
                let instrument = instruments::id(number);
                assert_eq!(Instruments::balance(instrument, owner(name)), units[who], "{name} of {number}");
            }
        }
        for (place, (_, bank, _)) in BANKS.into_iter().enumerate() {
            let vault = VaultId::Bank(bank);
            let singles = self.purse(VAULTS + place);
            assert_eq!(held(Holder::Vault(vault)), singles, "coins of {bank}");
            for (denomination, new) in &self.fresh[place] {
                let used = singles.iter().filter(|coin| Self::denomination(coin.coin) == *denomination).count();
                assert_eq!(stock(vault, *denomination), (new.len() + used) as u64, "{denomination:?} of {bank}");
            }
            let aside = self.escrows.values().filter(|held| held.from_bank == place);
            assert_eq!(escrow::pots()[place], aside.map(|held| held.rest).sum::<Balance>(), "escrows at {bank}");
        }
        self.check_lists();
        assert_eq!(reserves(), self.reserves);
        assert_eq!(Orders::clock(), self.clock);
        assert_eq!(self.owned(), self.wealth, "something came from nowhere, or went there");
    }

    fn check_lists(&self) {
        let escrows: BTreeMap<_, _> =
            pallet_escrow::Escrows::<Runtime>::iter().map(|(id, escrow)| (id, (escrow.rest(), escrow.due))).collect();
        let expected = self.escrows.iter().map(|(id, held)| (*id, (held.rest, held.due)));
        assert_eq!(escrows, expected.collect::<BTreeMap<_, _>>());
        let waiting = pallet_codes::Pending::<Runtime>::iter().map(|(id, payment)| {
            let found = Waiting {
                payer: Self::place(payment.payer),
                payee: Self::place(payment.payee),
                banks: [Self::bank(payment.payer_bank), Self::bank(payment.payee_bank)],
                amount: payment.amount,
                signer: Self::place(payment.signer),
                until: payment.until,
            };
            (id, found)
        });
        assert_eq!(waiting.collect::<BTreeMap<_, _>>(), self.waiting);
        let set = pallet_joint::Sets::<Runtime>::get(owner(NAMES[JOINT])).expect("opened");
        let managers: Vec<_> = set.rule.managers.iter().map(|manager| Self::place(*manager)).collect();
        assert_eq!((managers, set.rule.threshold, set.version), (self.managers.clone(), self.threshold, self.version));
    }
}
