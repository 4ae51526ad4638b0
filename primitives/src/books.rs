//! The books: stocks from whoever holds, flows from whoever acts, and the equalities between them.
//!
//! Both the audit in every block and the supply report come from [`SupplyReport::new`], so that what is
//! reported is what is checked.

use crate::{
    instruments::{InstrumentBooks, InstrumentId},
    money::{total_value, Counts},
    Balance, BankId, BlockNumber, Denomination,
};
use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Most that a flow in minor units may add up to. All flows of all banks together then stay far within the signed sums
/// of the books: an absurd amount is refused where it is entered and cannot stop payments for good.
pub const MAX_FLOW: Balance = Balance::MAX >> 16;

/// Adds to a flow; `None` beyond [`MAX_FLOW`].
pub fn raise(flow: &mut Balance, amount: Balance) -> Option<()> {
    *flow = flow.checked_add(amount).filter(|sum| *sum <= MAX_FLOW)?;
    Some(())
}

/// What the issuer made and destroyed of one face value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct IssuanceFlows {
    /// Coins minted since the first block.
    pub minted: u64,
    /// Coins retired since the first block.
    pub retired: u64,
    /// Coins made when owners had others changed, since the first block.
    pub change_in: u64,
    /// Coins destroyed when owners had them changed, since the first block.
    pub change_out: u64,
}

/// Value that passed between a bank's vault and reserve and everybody else, in minor units since the first block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct VaultFlows {
    /// The issuer credited to the reserve.
    pub credited: Balance,
    /// The issuer debited from the reserve.
    pub debited: Balance,
    /// Coins drawn against the reserve.
    pub drawn: Balance,
    /// Coins returned for reserve.
    pub returned: Balance,
    /// Coins paid out to owners.
    pub paid_out: Balance,
    /// Coins paid in by owners.
    pub paid_in: Balance,
    /// Coins taken from owners for others of the same value.
    pub exchanged_in: Balance,
    /// Coins given for those.
    pub exchanged_out: Balance,
    /// Coins that waited and were collected for cash of the bank's counter.
    pub cashed: Balance,
    /// Reserve that came from other banks for transfers between custody accounts.
    pub interbank_in: Balance,
    /// Reserve that went to other banks for them.
    pub interbank_out: Balance,
}

/// Value of coins that wait to be picked up, in minor units since the first block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct PickupFlows {
    /// Payers left it.
    pub deposited: Balance,
    /// It was collected.
    pub claimed: Balance,
    /// It went back to the payers.
    pub refunded: Balance,
}

/// Value that passed through a bank's custody accounts, in minor units since the first block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct CustodyFlows {
    /// The bank credited to owners.
    pub owner_credits: Balance,
    /// The bank debited from owners.
    pub owner_debits: Balance,
    /// Owners paid coins in.
    pub paid_in: Balance,
    /// Owners took coins out.
    pub paid_out: Balance,
    /// Transfers came from accounts at other banks. Inside a bank they change nothing that it owes.
    pub received: Balance,
    /// Transfers went to accounts at other banks.
    pub sent: Balance,
    /// Of transfers, set aside until the bank has the reserve.
    pub set_aside: Balance,
    /// Of that, sent.
    pub settled: Balance,
    /// Of that, back with its payers.
    pub given_back: Balance,
}

/// Custody at a bank that passed through escrows, in minor units since the first block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct EscrowFlows {
    /// Payers and payees set it aside.
    pub held: Balance,
    /// Of that, paid.
    pub paid: Balance,
    /// Of that, back with its payers.
    pub returned: Balance,
}

/// Everything the books know about one bank.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct BankBooks {
    /// The bank.
    pub bank: BankId,
    /// Its reserve, free and held.
    pub reserve: Balance,
    /// Coins in its vault.
    pub vault: Counts,
    /// What it owes owners in custody.
    pub custody: Balance,
    /// Of that, what is set aside for transfers that wait for its reserve.
    pub set_aside: Balance,
    /// Of that, what is in escrow.
    pub escrowed: Balance,
    /// Flows that the vault pallet counted.
    pub vault_flows: VaultFlows,
    /// Flows that the custody pallet counted.
    pub custody_flows: CustodyFlows,
    /// Flows that the escrow pallet counted.
    pub escrow_flows: EscrowFlows,
}

/// The raw figures of one block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Books {
    /// Flows of the issuer by face value, ascending.
    pub issuance: Vec<(Denomination, IssuanceFlows)>,
    /// Coins in the issue vault.
    pub issue_vault: Counts,
    /// Coins that owners hold.
    pub owners: Counts,
    /// Coins that wait to be picked up.
    pub waiting: Counts,
    /// Flows of those.
    pub pickups: PickupFlows,
    /// Issuance of the native currency, which is the sum of all reserves.
    pub native_issuance: Balance,
    /// Every bank, closed ones too.
    pub banks: Vec<BankBooks>,
    /// Instruments that moved in this block; of the others the last block in which they did tells.
    pub instruments: Vec<InstrumentBooks>,
}

/// One equality, worked out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Equality {
    /// Number of the rule: `M1`, `M2` …
    pub rule: String,
    /// What it is about: a face value, a bank, the network.
    pub subject: String,
    /// Left side: what the flows say.
    pub flows: String,
    /// Right side: what the places hold.
    pub stocks: String,
    /// Stocks less flows; zero when the books are equal. Decimal text, since it is signed and may exceed 64 bits.
    pub difference: String,
}

/// Where all value is, and whether the books agree.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct SupplyReport {
    /// Block whose state this is.
    pub block: BlockNumber,
    /// Value of all coins in existence.
    pub coins: Balance,
    /// Value in the issue vault.
    pub issue_vault: Balance,
    /// Value in all bank vaults.
    pub bank_vaults: Balance,
    /// Value of the coins that owners hold.
    pub owners: Balance,
    /// Value of the coins that wait to be picked up.
    pub waiting: Balance,
    /// Sum of the reserves.
    pub reserves: Balance,
    /// Sum of the custody accounts.
    pub custody: Balance,
    /// The figures behind it.
    pub books: Books,
    /// Every equality.
    pub equalities: Vec<Equality>,
    /// Whether every difference is zero and no bank owes more than it has.
    pub balanced: bool,
}

/// A signed sum that remembers when it overflowed.
#[derive(Clone, Copy)]
struct Sum(Option<i128>);

impl Sum {
    const ZERO: Self = Self(Some(0));

    fn plus(self, amount: Balance) -> Self {
        Self(self.0.zip(i128::try_from(amount).ok()).and_then(|(sum, amount)| sum.checked_add(amount)))
    }

    fn minus(self, amount: Balance) -> Self {
        Self(self.0.zip(i128::try_from(amount).ok()).and_then(|(sum, amount)| sum.checked_sub(amount)))
    }

    fn text(self) -> String {
        self.0.map_or_else(|| "overflow".into(), |sum| alloc::format!("{sum}"))
    }
}

/// Number of coins of one face value in a list.
pub fn count_of(counts: &Counts, denomination: Denomination) -> u64 {
    counts.iter().find(|(of, _)| *of == denomination).map_or(0, |(_, count)| *count)
}

/// Outcome of one comparison, without its texts.
struct Check {
    rule: &'static str,
    flows: Sum,
    stocks: Sum,
}

impl Check {
    fn holds(&self) -> bool {
        matches!((self.flows.0, self.stocks.0), (Some(flows), Some(stocks)) if flows == stocks)
    }
}

/// What an equality is about.
enum Subject {
    Denomination(Denomination),
    Bank(BankId),
    Instrument(InstrumentId),
    Network,
}

impl Subject {
    fn text(&self) -> String {
        match self {
            Self::Denomination(denomination) => alloc::format!("denomination {}", denomination.0),
            Self::Bank(bank) => alloc::format!("bank {bank}"),
            Self::Instrument(instrument) => alloc::format!("instrument {instrument}"),
            Self::Network => "network".into(),
        }
    }
}

impl Books {
    fn each_check(&self, mut visit: impl FnMut(Subject, Check)) {
        let zero = Sum::ZERO;
        let mut known: Vec<Denomination> = self.issuance.iter().map(|(denomination, _)| *denomination).collect();
        let places = self.banks.iter().map(|bank| &bank.vault);
        let places = places.chain([&self.issue_vault, &self.owners, &self.waiting]);
        known.extend(places.flatten().map(|(denomination, _)| *denomination));
        known.sort();
        known.dedup();
        let (mut made, mut unmade) = (zero, zero);
        for denomination in known {
            let flows =
                self.issuance.iter().find(|(of, _)| *of == denomination).map(|(_, flows)| *flows).unwrap_or_default();
            let vaults = self.banks.iter().fold(zero, |sum, bank| sum.plus(count_of(&bank.vault, denomination).into()));
            made = made.plus(denomination.value(flows.change_in));
            unmade = unmade.plus(denomination.value(flows.change_out));
            visit(
                Subject::Denomination(denomination),
                Check {
                    rule: "M1",
                    flows: zero
                        .plus(flows.minted.into())
                        .minus(flows.retired.into())
                        .plus(flows.change_in.into())
                        .minus(flows.change_out.into()),
                    stocks: vaults
                        .plus(count_of(&self.issue_vault, denomination).into())
                        .plus(count_of(&self.owners, denomination).into())
                        .plus(count_of(&self.waiting, denomination).into()),
                },
            );
        }
        visit(Subject::Network, Check { rule: "M1 (change)", flows: unmade, stocks: made });

        let (mut credited, mut held, mut outside) = (zero, zero, zero);
        let (mut came, mut went) = (zero, zero);
        for bank in &self.banks {
            let (vault, custody) = (&bank.vault_flows, &bank.custody_flows);
            let coins = total_value(&bank.vault);
            credited = credited.plus(vault.credited).minus(vault.debited).minus(vault.drawn).plus(vault.returned);
            held = held.plus(bank.reserve);
            came = came.plus(vault.interbank_in);
            went = went.plus(vault.interbank_out);
            outside = outside.plus(vault.paid_out).minus(vault.paid_in).minus(vault.cashed);
            outside = outside.plus(vault.exchanged_out).minus(vault.exchanged_in);
            visit(
                Subject::Bank(bank.bank),
                Check {
                    rule: "M2b",
                    flows: zero
                        .plus(vault.credited)
                        .minus(vault.debited)
                        .minus(vault.drawn)
                        .plus(vault.returned)
                        .plus(vault.interbank_in)
                        .minus(vault.interbank_out),
                    stocks: zero.plus(bank.reserve),
                },
            );
            visit(
                Subject::Bank(bank.bank),
                Check {
                    rule: "M3",
                    flows: zero
                        .plus(vault.drawn)
                        .minus(vault.returned)
                        .minus(vault.paid_out)
                        .plus(vault.paid_in)
                        .minus(vault.exchanged_out)
                        .plus(vault.exchanged_in)
                        .plus(vault.cashed),
                    stocks: zero.plus(coins),
                },
            );
            visit(
                Subject::Bank(bank.bank),
                Check {
                    rule: "M3 (change)",
                    flows: zero.plus(vault.exchanged_in),
                    stocks: zero.plus(vault.exchanged_out),
                },
            );
            visit(
                Subject::Bank(bank.bank),
                Check {
                    rule: "M4",
                    flows: zero
                        .plus(custody.owner_credits)
                        .minus(custody.owner_debits)
                        .plus(custody.paid_in)
                        .minus(custody.paid_out)
                        .plus(custody.received)
                        .minus(custody.sent),
                    stocks: zero.plus(bank.custody),
                },
            );
            // What a bank came to owe for others it got in reserve, and the other way round.
            visit(
                Subject::Bank(bank.bank),
                Check {
                    rule: "M4 (received)",
                    flows: zero.plus(custody.received),
                    stocks: zero.plus(vault.interbank_in),
                },
            );
            visit(
                Subject::Bank(bank.bank),
                Check { rule: "M4 (sent)", flows: zero.plus(custody.sent), stocks: zero.plus(vault.interbank_out) },
            );
            visit(
                Subject::Bank(bank.bank),
                Check {
                    rule: "M7 (transfers)",
                    flows: zero.plus(custody.set_aside).minus(custody.settled).minus(custody.given_back),
                    stocks: zero.plus(bank.set_aside),
                },
            );
            let escrow = &bank.escrow_flows;
            visit(
                Subject::Bank(bank.bank),
                Check {
                    rule: "M7 (escrows)",
                    flows: zero.plus(escrow.held).minus(escrow.paid).minus(escrow.returned),
                    stocks: zero.plus(bank.escrowed),
                },
            );
            visit(
                Subject::Bank(bank.bank),
                Check {
                    rule: "M6",
                    flows: zero
                        .plus(vault.credited)
                        .minus(vault.debited)
                        .minus(custody.owner_credits)
                        .plus(custody.owner_debits)
                        .plus(vault.cashed),
                    stocks: zero.plus(bank.reserve).plus(coins).minus(bank.custody),
                },
            );
        }
        visit(Subject::Network, Check { rule: "M2 (interbank)", flows: came, stocks: went });
        visit(Subject::Network, Check { rule: "M2", flows: credited, stocks: zero.plus(self.native_issuance) });
        visit(
            Subject::Network,
            Check { rule: "M2 (held by banks)", flows: held, stocks: zero.plus(self.native_issuance) },
        );
        let waiting = zero.plus(total_value(&self.waiting));
        visit(Subject::Network, Check { rule: "M3", flows: outside, stocks: waiting.plus(total_value(&self.owners)) });
        let PickupFlows { deposited, claimed, refunded } = self.pickups;
        visit(
            Subject::Network,
            Check { rule: "M7 (pickups)", flows: zero.plus(deposited).minus(claimed).minus(refunded), stocks: waiting },
        );
        for InstrumentBooks { instrument, flows, supply } in &self.instruments {
            visit(
                Subject::Instrument(*instrument),
                Check { rule: "M9", flows: zero.plus(flows.issued).minus(flows.redeemed), stocks: zero.plus(*supply) },
            );
        }
    }

    /// The first rule that does not hold, with what it is about. This is what runs in every block.
    pub fn breach(&self) -> Option<(&'static str, Option<BankId>)> {
        let mut found = None;
        self.each_check(|subject, check| {
            if found.is_none() && !check.holds() {
                found = Some((
                    check.rule,
                    match subject {
                        Subject::Bank(bank) => Some(bank),
                        _ => None,
                    },
                ));
            }
        });
        found.or_else(|| self.overdrawn().map(|bank| ("M6", Some(bank))))
    }

    /// A bank whose own funds are below zero.
    fn overdrawn(&self) -> Option<BankId> {
        self.banks
            .iter()
            .find(|bank| bank.reserve.saturating_add(total_value(&bank.vault)) < bank.custody)
            .map(|bank| bank.bank)
    }
}

impl SupplyReport {
    /// Works out every equality.
    pub fn new(block: BlockNumber, books: Books) -> Self {
        let mut equalities = Vec::new();
        books.each_check(|subject, check| {
            let difference =
                Sum(check.stocks.0.zip(check.flows.0).and_then(|(stocks, flows)| stocks.checked_sub(flows)));
            equalities.push(Equality {
                rule: check.rule.into(),
                subject: subject.text(),
                flows: check.flows.text(),
                stocks: check.stocks.text(),
                difference: difference.text(),
            });
        });
        let sum = |amounts: &mut dyn Iterator<Item = Balance>| amounts.fold(0, Balance::saturating_add);
        let issue_vault = total_value(&books.issue_vault);
        let bank_vaults = sum(&mut books.banks.iter().map(|bank| total_value(&bank.vault)));
        let owners = total_value(&books.owners);
        let waiting = total_value(&books.waiting);
        Self {
            block,
            coins: issue_vault.saturating_add(bank_vaults).saturating_add(owners).saturating_add(waiting),
            issue_vault,
            bank_vaults,
            owners,
            waiting,
            reserves: sum(&mut books.banks.iter().map(|bank| bank.reserve)),
            custody: sum(&mut books.banks.iter().map(|bank| bank.custody)),
            balanced: books.breach().is_none(),
            books,
            equalities,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruments::InstrumentFlows;

    fn books() -> Books {
        let ten = Denomination(10);
        Books {
            issuance: alloc::vec![
                (ten, IssuanceFlows { minted: 100, retired: 10, change_in: 8, change_out: 4 }),
                (Denomination(20), IssuanceFlows { minted: 2, change_out: 2, ..Default::default() }),
            ],
            issue_vault: alloc::vec![(ten, 54)],
            owners: alloc::vec![(ten, 9)],
            waiting: alloc::vec![(ten, 2)],
            pickups: PickupFlows { deposited: 80, claimed: 50, refunded: 10 },
            native_issuance: 600,
            banks: alloc::vec![BankBooks {
                bank: BankId(1),
                reserve: 600,
                vault: alloc::vec![(ten, 29)],
                custody: 30,
                set_aside: 6,
                escrowed: 8,
                vault_flows: VaultFlows {
                    credited: 1_000,
                    debited: 0,
                    drawn: 500,
                    returned: 100,
                    paid_out: 170,
                    paid_in: 20,
                    exchanged_in: 70,
                    exchanged_out: 70,
                    cashed: 40,
                    interbank_in: 25,
                    interbank_out: 25,
                },
                custody_flows: CustodyFlows {
                    owner_credits: 200,
                    owner_debits: 20,
                    paid_in: 20,
                    paid_out: 170,
                    received: 25,
                    sent: 25,
                    set_aside: 15,
                    settled: 5,
                    given_back: 4,
                },
                escrow_flows: EscrowFlows { held: 17, paid: 7, returned: 2 },
            }],
            instruments: alloc::vec![InstrumentBooks {
                instrument: InstrumentId(7),
                flows: InstrumentFlows { issued: 90, redeemed: 40 },
                supply: 50,
            }],
        }
    }

    #[test]
    fn equal_books_balance() {
        let report = SupplyReport::new(7, books());
        assert!(report.balanced, "{report:#?}");
        assert!(report.equalities.iter().all(|equality| equality.difference == "0"));
        assert_eq!((report.coins, report.issue_vault, report.bank_vaults, report.owners), (940, 540, 290, 90));
        assert_eq!(report.waiting, 20);
    }

    #[test]
    fn each_figure_altered_is_noticed() {
        let alter: Vec<(&str, Box<dyn Fn(&mut Books)>)> = alloc::vec![
            ("M1", Box::new(|b: &mut Books| b.issuance[0].1.minted += 1)),
            ("M1", Box::new(|b: &mut Books| b.issuance[0].1.retired += 1)),
            ("M1", Box::new(|b: &mut Books| b.issue_vault[0].1 += 1)),
            ("M1", Box::new(|b: &mut Books| b.owners.push((Denomination(20), 1)))),
            ("M2", Box::new(|b: &mut Books| b.native_issuance += 1)),
            ("M2b", Box::new(|b: &mut Books| b.banks[0].reserve += 1)),
            ("M2b", Box::new(|b: &mut Books| b.banks[0].vault_flows.credited += 1)),
            ("M2b", Box::new(|b: &mut Books| b.banks[0].vault_flows.drawn += 1)),
            ("M3", Box::new(|b: &mut Books| b.banks[0].vault_flows.paid_out += 1)),
            ("M3", Box::new(|b: &mut Books| b.banks[0].vault_flows.paid_in += 1)),
            ("M4", Box::new(|b: &mut Books| b.banks[0].custody += 1)),
            ("M4", Box::new(|b: &mut Books| b.banks[0].custody_flows.paid_in += 1)),
            ("M4", Box::new(|b: &mut Books| b.banks[0].custody_flows.owner_credits += 1)),
            ("M1", Box::new(|b: &mut Books| b.issuance[0].1.change_in += 1)),
            ("M1", Box::new(|b: &mut Books| b.issuance[0].1.change_out += 1)),
            ("M1", Box::new(|b: &mut Books| b.waiting[0].1 += 1)),
            // Each face value agrees, and yet the change was worth more than what was changed.
            (
                "M1 (change)",
                Box::new(|b: &mut Books| {
                    b.issuance[1].1.minted += 1;
                    b.issuance[1].1.change_out += 1;
                })
            ),
            ("M3", Box::new(|b: &mut Books| b.banks[0].vault_flows.exchanged_in += 1)),
            ("M3", Box::new(|b: &mut Books| b.banks[0].vault_flows.exchanged_out += 1)),
            ("M3", Box::new(|b: &mut Books| b.banks[0].vault_flows.cashed += 1)),
            // A coin came for nothing.
            (
                "M3 (change)",
                Box::new(|b: &mut Books| {
                    b.banks[0].vault_flows.exchanged_in += 10;
                    b.banks[0].vault[0].1 += 1;
                    b.owners[0].1 -= 1;
                })
            ),
            ("M2b", Box::new(|b: &mut Books| b.banks[0].vault_flows.interbank_in += 1)),
            ("M2b", Box::new(|b: &mut Books| b.banks[0].vault_flows.interbank_out += 1)),
            ("M4", Box::new(|b: &mut Books| b.banks[0].custody_flows.received += 1)),
            ("M4", Box::new(|b: &mut Books| b.banks[0].custody_flows.sent += 1)),
            // Owed to somebody for a transfer without the reserve that goes with it.
            (
                "M4 (received)",
                Box::new(|b: &mut Books| {
                    b.banks[0].custody_flows.received += 1;
                    b.banks[0].custody += 1;
                })
            ),
            (
                "M4 (sent)",
                Box::new(|b: &mut Books| {
                    b.banks[0].custody_flows.sent += 1;
                    b.banks[0].custody -= 1;
                })
            ),
            // Received by one bank and sent by none.
            (
                "M2 (interbank)",
                Box::new(|b: &mut Books| {
                    b.banks[0].vault_flows.interbank_in += 1;
                    b.banks[0].reserve += 1;
                    b.banks[0].custody_flows.received += 1;
                    b.banks[0].custody += 1;
                })
            ),
            ("M7 (transfers)", Box::new(|b: &mut Books| b.banks[0].set_aside -= 1)),
            ("M7 (transfers)", Box::new(|b: &mut Books| b.banks[0].custody_flows.set_aside += 1)),
            ("M7 (transfers)", Box::new(|b: &mut Books| b.banks[0].custody_flows.settled += 1)),
            ("M7 (transfers)", Box::new(|b: &mut Books| b.banks[0].custody_flows.given_back += 1)),
            ("M7 (escrows)", Box::new(|b: &mut Books| b.banks[0].escrowed -= 1)),
            ("M7 (escrows)", Box::new(|b: &mut Books| b.banks[0].escrow_flows.held += 1)),
            ("M7 (escrows)", Box::new(|b: &mut Books| b.banks[0].escrow_flows.paid += 1)),
            ("M7 (escrows)", Box::new(|b: &mut Books| b.banks[0].escrow_flows.returned += 1)),
            ("M9", Box::new(|b: &mut Books| b.instruments[0].flows.issued += 1)),
            ("M9", Box::new(|b: &mut Books| b.instruments[0].flows.redeemed += 1)),
            ("M9", Box::new(|b: &mut Books| b.instruments[0].supply += 1)),
            ("M7 (pickups)", Box::new(|b: &mut Books| b.pickups.deposited += 1)),
            ("M7 (pickups)", Box::new(|b: &mut Books| b.pickups.claimed += 1)),
            ("M7 (pickups)", Box::new(|b: &mut Books| b.pickups.refunded += 1)),
            (
                "M7 (pickups)",
                Box::new(|b: &mut Books| {
                    b.waiting[0].1 -= 1;
                    b.owners[0].1 += 1;
                })
            ),
        ];
        for (rule, change) in alter {
            let mut books = books();
            change(&mut books);
            assert_eq!(books.breach().map(|(rule, _)| rule), Some(rule));
            assert!(!SupplyReport::new(1, books).balanced);
        }
    }

    #[test]
    fn a_bank_that_owes_more_than_it_has_is_noticed() {
        let mut books = books();
        let bank = &mut books.banks[0];
        bank.custody += 1_000;
        bank.custody_flows.owner_credits += 1_000;
        assert_eq!(books.breach(), Some(("M6", Some(BankId(1)))));
    }

    #[test]
    fn flows_stay_within_the_sums_of_the_books() {
        let mut flow = MAX_FLOW - 1;
        assert_eq!(raise(&mut flow, 2), None);
        assert_eq!(raise(&mut flow, Balance::MAX), None);
        assert_eq!((raise(&mut flow, 1), flow), (Some(()), MAX_FLOW));
        // Every flow of every bank at its most, added up.
        let flows = 32 * Balance::from(crate::MAX_BANKS);
        assert!(MAX_FLOW.checked_mul(flows).and_then(|sum| i128::try_from(sum).ok()).is_some());
    }

    #[test]
    fn overflow_is_a_breach_not_a_panic() {
        let mut books = books();
        books.banks[0].vault_flows.credited = Balance::MAX;
        assert!(books.breach().is_some());
    }
}
