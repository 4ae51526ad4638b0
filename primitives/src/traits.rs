//! The small traits through which the pallets meet.

use crate::{
    books::{BankBooks, CustodyFlows, EscrowFlows, IssuanceFlows, PickupFlows, VaultFlows},
    bounds,
    change::ChangePayment,
    custody::{CustodyTransfer, TransferOutcome},
    escrow::{EscrowStep, EscrowTerms},
    instruments::{InstrumentBooks, InstrumentId, Leg},
    joint::{ManagerSet, SigningRule},
    limits::{Profile, Subject},
    AccountId, Balance, BankId, BankStatus, BlockNumber, CoinRange, CoinRef, Counts, Denomination, Holder, Lot,
    OrderId, OwnerClass, OwnerId, OwnerStatus, PersonTag, PickupId, Role, Scan, Selection, Target, VaultId,
};
use alloc::vec::Vec;
use frame_support::{weights::Weight, BoundedVec};
use sp_core::sr25519;
use sp_runtime::DispatchError;

/// Banks, as others see them. Provided by `participants`.
pub trait Banks {
    /// Standing of a bank; `None` when there never was one.
    fn status(bank: BankId) -> Option<BankStatus>;
    /// The account that holds the bank's reserve.
    fn account(bank: BankId) -> Option<AccountId>;
    /// The bank of an account, whatever its standing.
    fn bank_of(account: &AccountId) -> Option<BankId>;
    /// Every bank ever admitted, ascending.
    fn all() -> Vec<BankId>;
    /// Whether a bank may move value.
    fn is_active(bank: BankId) -> bool {
        Self::status(bank) == Some(BankStatus::Active)
    }
}

/// Accounts of institutions. Provided by `participants`.
pub trait Institutions {
    /// Whether an account is a role's key, a bank's, a validator's, a delegate's or a committee member's.
    fn is_institutional(account: &AccountId) -> bool;
    /// Takes an account that consents off the lists of institutions that merely named it: as a delegate, or for a validator
    /// that does not run.
    fn release(account: &AccountId) -> Result<(), DispatchError>;
    /// The role of a key.
    fn role(account: &AccountId) -> Option<Role>;
}

/// Told by `participants` when banks come and go.
pub trait BankLifecycle {
    /// A bank was admitted with this account: open what it needs.
    fn admitted(bank: BankId, account: &AccountId) -> Result<(), DispatchError>;
    /// May the bank close? An error names what is left.
    fn ensure_empty(bank: BankId, account: &AccountId) -> Result<(), DispatchError>;
    /// The bank changes its account: move what hangs on it.
    fn account_rotated(bank: BankId, old: &AccountId, new: &AccountId) -> Result<(), DispatchError>;
}

#[impl_trait_for_tuples::impl_for_tuples(8)]
impl BankLifecycle for Tuple {
    fn admitted(bank: BankId, account: &AccountId) -> Result<(), DispatchError> {
        for_tuples!( #( Tuple::admitted(bank, account)?; )* );
        Ok(())
    }

    fn ensure_empty(bank: BankId, account: &AccountId) -> Result<(), DispatchError> {
        for_tuples!( #( Tuple::ensure_empty(bank, account)?; )* );
        Ok(())
    }

    fn account_rotated(bank: BankId, old: &AccountId, new: &AccountId) -> Result<(), DispatchError> {
        for_tuples!( #( Tuple::account_rotated(bank, old, new)?; )* );
        Ok(())
    }
}

/// Owners, as others see them. Provided by `identity`.
pub trait Owners {
    /// Fails unless the owner may be paid: registered and not closed.
    fn ensure_payable(owner: OwnerId) -> Result<(), DispatchError>;
    /// Whether the owner may pay: registered, neither suspended nor closed.
    fn is_active(owner: OwnerId) -> bool;
    /// Whether the supervisor holds the owner: then its bank takes nothing from it either.
    fn is_held(owner: OwnerId) -> bool;
    /// The bank that looks after the owner; `None` when there never was one.
    fn bank(owner: OwnerId) -> Option<BankId>;
    /// The block in which the id was released last: whatever its owner was named for until then is nobody's.
    fn released(owner: OwnerId) -> Option<BlockNumber>;
}

/// What cards need to know of an owner, be it a purse or a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerFacts {
    /// The bank that looks after it.
    pub bank: BankId,
    /// Its current key.
    pub key: AccountId,
    /// Its standing.
    pub status: OwnerStatus,
    /// Its class.
    pub class: OwnerClass,
    /// The person or firm behind it.
    pub person: Option<PersonTag>,
    /// Block in which it was registered: somebody else had the id before, if it was released.
    pub registered: BlockNumber,
}

/// Purses of cards, which are owners that no call of `identity` opens, rekeys, moves or closes. Provided by `identity`, used
/// by `cards` alone.
pub trait Purses {
    /// What is known of an owner.
    fn facts(owner: OwnerId) -> Option<OwnerFacts>;
    /// Fails unless a key may be a card's: it is nobody's yet. A listing by an institution that merely named it ends.
    fn ensure_unbound(key: &AccountId) -> Result<(), DispatchError>;
    /// Enters a purse with its card's key, which proved that it wants this.
    fn open(
        purse: OwnerId,
        bank: BankId,
        key: AccountId,
        class: OwnerClass,
        person: Option<PersonTag>,
    ) -> Result<(), DispatchError>;
    /// Has another key, which proved that it wants this, sign for a purse whose card was lost.
    fn rekey(purse: OwnerId, key: &AccountId) -> Result<(), DispatchError>;
    /// Stops a purse from paying, unless it is stopped.
    fn stop(purse: OwnerId) -> Result<(), DispatchError>;
    /// Lets a purse pay again. Fails if the supervisor suspended it.
    fn resume(purse: OwnerId) -> Result<(), DispatchError>;
    /// Closes a purse that holds nothing.
    fn close(purse: OwnerId) -> Result<(), DispatchError>;
    /// Whether a signature over a message is that of an owner's current key.
    fn is_signed(owner: OwnerId, message: &[u8], signature: &sr25519::Signature) -> bool;
    /// Fails unless a proof that expires then is of use now.
    fn ensure_timely(expiry: BlockNumber) -> Result<(), DispatchError>;
    /// Blocks that another key after a loss waits.
    fn delay() -> BlockNumber;
    /// Every purse, for full scans only.
    fn all() -> Vec<OwnerId>;
}

/// Cards, as `identity` sees them: what happens to a holder happens to its cards. Provided by `cards`.
pub trait Cards {
    /// Purses of the cards that are bound to an owner.
    fn purses(holder: OwnerId) -> Vec<OwnerId>;
    /// Whether the card of a purse is reported lost.
    fn is_lost(purse: OwnerId) -> bool;
    /// The owner that the card of a purse is bound to.
    fn holder(purse: OwnerId) -> Option<OwnerId>;
}

impl Cards for () {
    fn purses(_: OwnerId) -> Vec<OwnerId> {
        Vec::new()
    }

    fn is_lost(_: OwnerId) -> bool {
        false
    }

    fn holder(_: OwnerId) -> Option<OwnerId> {
        None
    }
}

/// Owners without a key, for which others sign. Provided by `identity`, used by `joint` alone.
pub trait KeylessOwners {
    /// What is known of an owner, with a key or without.
    fn facts(owner: OwnerId) -> Option<OwnerFacts>;
    /// Whether an owner has no key.
    fn is_keyless(owner: OwnerId) -> bool;
    /// Enters an owner for whose account id nobody has a key.
    fn open(owner: OwnerId, bank: BankId, class: OwnerClass, person: Option<PersonTag>) -> Result<(), DispatchError>;
    /// The owner whose current key this is, whatever its standing.
    fn owner_of(key: &AccountId) -> Option<OwnerId>;
    /// Whether a signature over a message is that of an owner's current key.
    fn is_signed(owner: OwnerId, message: &[u8], signature: &sr25519::Signature) -> bool;
    /// Fails unless a document that expires then is of use now.
    fn ensure_timely(expiry: BlockNumber) -> Result<(), DispatchError>;
    /// Blocks that another key after a loss waits.
    fn delay() -> BlockNumber;
    /// Every owner without a key, for full scans only.
    fn all() -> Vec<OwnerId>;
}

/// Joint accounts, as orders see them. Provided by `joint`.
pub trait JointAccounts {
    /// Who signs for an owner without a key now; `None` if it is no joint account.
    fn managers(account: OwnerId) -> Option<ManagerSet>;
    /// Gives a joint account other managers, as its present ones want. `consenting` consent besides them.
    fn set_managers(account: OwnerId, rule: SigningRule, consenting: &[OwnerId]) -> Result<(), DispatchError>;
    /// What looking up the managers of an account costs, of whom `signers` signed.
    fn weight_of_look(signers: u32) -> Weight;
    /// What other managers cost.
    fn weight_of_change() -> Weight;
}

/// Told by `identity` when an owner replaces its key.
pub trait KeyRotation {
    /// `new` signs from now on instead of `old`: what is counted for a key goes on with the new one.
    fn key_rotated(old: &AccountId, new: &AccountId);
}

impl KeyRotation for () {
    fn key_rotated(_: &AccountId, _: &AccountId) {}
}

/// What an owner has. Provided by whoever holds something for owners.
pub trait Holdings {
    /// For closing: an error names what is left.
    fn ensure_nothing_held(owner: OwnerId) -> Result<(), DispatchError>;
    /// Value of what is held for the owner in minor units.
    fn held(owner: OwnerId) -> Balance;
}

#[impl_trait_for_tuples::impl_for_tuples(8)]
impl Holdings for Tuple {
    fn ensure_nothing_held(owner: OwnerId) -> Result<(), DispatchError> {
        for_tuples!( #( Tuple::ensure_nothing_held(owner)?; )* );
        Ok(())
    }

    fn held(owner: OwnerId) -> Balance {
        let mut sum: Balance = 0;
        for_tuples!( #( sum = sum.saturating_add(Tuple::held(owner)); )* );
        sum
    }
}

/// Classes of owners and who stands behind them. Provided by `identity`.
pub trait Profiles {
    /// What limits need to know of an owner; `None` when it is not registered.
    fn profile(owner: OwnerId) -> Option<Profile>;
    /// Notes that an owner did or received something on this business day.
    fn seen(owner: OwnerId, day: u32);
    /// Visits every owner with its subject, for full scans only.
    fn scan(visit: impl FnMut(OwnerId, Subject));
}

/// Signatures of owners. Provided by `identity`.
pub trait Signatures {
    /// Whether a signature is that of an owner's current key over a message, as it is or wrapped as wallets wrap what is not
    /// a transaction. Of a card's purse the 64 bytes are ed25519, over the message as it is. Never for an owner without a key.
    fn is_signed(owner: OwnerId, message: &[u8], signature: &sr25519::Signature) -> bool;
}

/// Payments with coins that somebody else ordered on the payer's behalf, with the payer's signature. Provided by `ownership`.
pub trait CoinPayments {
    /// One owner pays another, as if it had sent the call itself.
    fn pay(from: OwnerId, to: OwnerId, coins: BoundedVec<CoinRef, bounds::CoinsPerCall>) -> Result<(), DispatchError>;
    /// The same, with coins of which some are changed on the way.
    fn pay_with_change(from: OwnerId, payment: ChangePayment) -> Result<(), DispatchError>;
    /// What a payment with so many coins costs.
    fn weight(coins: u32) -> Weight;
    /// What a payment with change costs.
    fn weight_with_change(payment: &ChangePayment) -> Weight;
}

/// Limits of owners. Provided by `limits`: whoever moves value to, from or between owners tells it, once, in the call
/// that moves it. A change of form, of custody into coins for instance, is none of its business. An error says which
/// limit stands in the way; what was changed until then is left to the call's storage layer.
pub trait Limits {
    /// One owner pays another. Checks the payer's limits of a payment and a day and, unless one person is behind both,
    /// the payee's balance.
    fn payment(from: OwnerId, to: OwnerId, value: Balance) -> Result<(), DispatchError>;
    /// An owner sets value aside for somebody who is to take it later. Checks as [`Limits::payment`] does for the payer, and
    /// counts as held until it is [given](Limits::given): nobody evades the limit of the balance by setting money aside.
    fn sent(from: OwnerId, value: Balance) -> Result<(), DispatchError>;
    /// An owner receives value that no owner pays. Checks its balance.
    fn received(owner: OwnerId, value: Balance) -> Result<(), DispatchError>;
    /// An owner gives value back where no owner receives it. Checks nothing.
    fn given(owner: OwnerId, value: Balance) -> Result<(), DispatchError>;
    /// What an owner may receive now, in minor units.
    fn room(owner: OwnerId) -> Balance;
}

/// No limits: what they cost is measured against a runtime without them.
impl Limits for () {
    fn payment(_: OwnerId, _: OwnerId, _: Balance) -> Result<(), DispatchError> {
        Ok(())
    }

    fn sent(_: OwnerId, _: Balance) -> Result<(), DispatchError> {
        Ok(())
    }

    fn received(_: OwnerId, _: Balance) -> Result<(), DispatchError> {
        Ok(())
    }

    fn given(_: OwnerId, _: Balance) -> Result<(), DispatchError> {
        Ok(())
    }

    fn room(_: OwnerId) -> Balance {
        Balance::MAX
    }
}

/// What is counted for those behind owners. Provided by `limits`, told by `identity`.
pub trait Subjects {
    /// The business day.
    fn today() -> u32;
    /// An owner counts for another subject from now on: what it holds goes along, and what was paid today counts for both.
    fn moved(owner: OwnerId, from: Subject, to: Subject) -> Result<(), DispatchError>;
    /// An owner id became free: whoever gets it begins anew.
    fn released(owner: OwnerId);
}

/// Batches and face values. Provided by `issuance`.
pub trait Coinage {
    /// Face value of every coin of a batch; `None` when there is no such batch.
    fn denomination(batch: u32) -> Option<Denomination>;
    /// Whether the policy still allows this face value.
    fn is_allowed(denomination: Denomination) -> bool;
    /// Minted, retired and changed by face value, ascending.
    fn flows() -> Vec<(Denomination, IssuanceFlows)>;
    /// Names of coins to be made for an owner who has others destroyed. None of them was ever given before.
    fn make_change(lots: &[Lot]) -> Result<Vec<CoinRange>, DispatchError>;
    /// Counts the coins that are destroyed for them.
    fn take_change(counts: &Counts) -> Result<(), DispatchError>;
}

/// The register of single coins. Provided by `ownership`; only vaults and payments change it.
pub trait Register {
    /// Moves coins that `from` holds at these revisions to `to`. Gives their numbers by face value. All or nothing.
    fn hand_over(from: Holder, to: Holder, coins: &[CoinRef]) -> Result<Counts, DispatchError>;
    /// Writes entries for never-issued coins, held by `to`. All or nothing.
    fn enter(ranges: &[CoinRange], to: OwnerId) -> Result<(), DispatchError>;
    /// Deletes coins that lie in the issue vault. Gives their numbers by face value. All or nothing.
    fn remove(coins: &[CoinRef]) -> Result<Counts, DispatchError>;
    /// Coins that owners hold, by face value, ascending.
    fn in_circulation() -> Counts;
    /// Coins that wait to be picked up, by face value, ascending.
    fn waiting() -> Counts;
    /// Visits every entry, for full scans only.
    fn scan(visit: impl FnMut(crate::CoinId, Holder));
}

/// The vaults, as others use them. Provided by `vault`.
pub trait Vaults {
    /// Puts a new batch into the issue vault.
    fn receive_minted(range: CoinRange, denomination: Denomination) -> Result<(), DispatchError>;
    /// Takes coins out of the issue vault for good. Gives their numbers by face value, and those that were in ranges.
    fn destroy(selection: &Selection) -> Result<(Counts, Vec<CoinRange>), DispatchError>;
    /// Gives coins of a bank's vault to an owner. Gives their value and the coins.
    fn pay_out(
        bank: BankId,
        owner: OwnerId,
        selection: &Selection,
    ) -> Result<(Balance, Vec<crate::CoinId>), DispatchError>;
    /// Takes an owner's coins into a bank's vault. Gives their value.
    fn pay_in(bank: BankId, owner: OwnerId, coins: &[CoinRef]) -> Result<Balance, DispatchError>;
    /// Takes an owner's coins into a bank's vault and gives others of exactly the same value out of it, to whom they are
    /// meant for. Gives the value and the coins of each part.
    fn exchange(
        bank: BankId,
        owner: OwnerId,
        give: &[CoinRef],
        take: &[(OwnerId, &Selection)],
    ) -> Result<Vec<(Balance, Vec<crate::CoinId>)>, DispatchError>;
    /// Takes coins that wait into a bank's vault, for custody or for cash of its counter. Gives their value.
    fn collect(bank: BankId, pickup: PickupId, coins: &[CoinRef], cash: bool) -> Result<Balance, DispatchError>;
    /// Reserve and vault of a bank together, in minor units.
    fn assets(bank: BankId) -> Balance;
    /// Coins in a vault by face value, ascending.
    fn stock(vault: VaultId) -> Counts;
    /// Flows of a bank.
    fn flows(bank: BankId) -> VaultFlows;
    /// Moves reserves between active banks for transfers of what they owe: from, to, minor units. Each bank pays or gets
    /// what is left of all of them together, so they may be more than any reserve. All or nothing.
    fn settle(transfers: &[(BankId, BankId, Balance)]) -> Result<(), DispatchError>;
    /// A bank's reserve, free and held.
    fn reserve(bank: BankId) -> Balance;
    /// A bank's reserve without what is held.
    fn free_reserve(bank: BankId) -> Balance;
    /// Sum of all native balances.
    fn native_issuance() -> Balance;
}

/// Custody accounts, as others see them. Provided by `custody`.
pub trait Custodians {
    /// What a bank owes owners.
    fn owed(bank: BankId) -> Balance;
    /// Flows of a bank.
    fn flows(bank: BankId) -> CustodyFlows;
    /// An owner's balance at a bank.
    fn balance(bank: BankId, owner: OwnerId) -> Balance;
    /// What is set aside for transfers that wait for a bank's reserve; part of what it owes.
    fn set_aside(bank: BankId) -> Balance;
    /// What is in escrow at a bank; part of what it owes.
    fn escrowed(bank: BankId) -> Balance;
}

/// Transfers between custody accounts. Provided by `custody`.
pub trait CustodyTransfers {
    /// Moves custody of an active owner, who asked for it. All or nothing. It waits as long as it may, should the wish name a
    /// later block.
    fn transfer(from: OwnerId, wish: &CustodyTransfer) -> Result<TransferOutcome, DispatchError>;
    /// What it costs at most.
    fn weight() -> Weight;
}

/// The pots in which banks owe what is in escrow. Provided by `custody`, used by `escrow` alone, which says whose it is. An
/// error leaves what was changed to the caller's storage layer.
pub trait EscrowPots {
    /// Sets custody of an owner at an active bank aside.
    fn fill(bank: BankId, owner: OwnerId, amount: Balance) -> Result<(), DispatchError>;
    /// Whether the one bank's pot can become custody at the other now: both are active, and the reserve covers it.
    fn covers(from_bank: BankId, to_bank: BankId, amount: Balance) -> bool;
    /// Gives an owner custody out of a bank's pot, at that bank or at another, to which as much of the reserve goes.
    fn give(from_bank: BankId, to_bank: BankId, to: OwnerId, amount: Balance) -> Result<(), DispatchError>;
}

/// What orders do with escrows. Provided by `escrow`. Who signed is the caller's business; all of it happens or nothing.
pub trait EscrowOrders {
    /// Sets custody of the payer aside; the order that says so gives the escrow its name.
    fn hold(escrow: OrderId, payer: OwnerId, payee: OwnerId, terms: &EscrowTerms) -> Result<(), DispatchError>;
    /// Pays a part of it, or all.
    fn release(payer: OwnerId, escrow: OrderId, amount: Balance) -> Result<(), DispatchError>;
    /// Gives a part of it back, or all.
    fn give_back(payer: OwnerId, payee: OwnerId, escrow: OrderId, amount: Balance) -> Result<(), DispatchError>;
    /// Has the supervisor decide.
    fn dispute(by: OwnerId, escrow: OrderId) -> Result<(), DispatchError>;
    /// What a step costs at most.
    fn weight(step: EscrowStep) -> Weight;
}

/// Escrows, as the audit sees them. Provided by `escrow`.
pub trait Escrows {
    /// Flows at a bank.
    fn flows(bank: BankId) -> EscrowFlows;
}

/// Payments by codes. Provided by `codes`.
pub trait CodePayments {
    /// What an order with this name asks for that its scanner signed, or nobody. All or nothing.
    fn scan(order: OrderId, scan: &Scan, is_signed: bool) -> Result<(), DispatchError>;
    /// An owner who asked for it confirms a payment that waits, or refuses it.
    fn answer(owner: OwnerId, payment: OrderId, confirms: bool) -> Result<(), DispatchError>;
    /// What a scan costs at most, with the check of the generator's signature.
    fn scan_weight() -> Weight;
    /// What an answer costs at most.
    fn answer_weight() -> Weight;
}

/// Custody and coins that turn into each other because their owner ordered it. Provided by `custody`.
pub trait CustodyForms {
    /// Turns custody of an active owner, who asked for it, into coins of the bank's vault. All or nothing.
    fn withdraw(owner: OwnerId, bank: BankId, selection: Selection) -> Result<(), DispatchError>;
    /// Pays an active owner's coins into the bank's vault, for custody. All or nothing.
    fn deposit(
        owner: OwnerId,
        bank: BankId,
        coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
    ) -> Result<(), DispatchError>;
    /// What a withdrawal costs at most.
    fn withdraw_weight(selection: &Selection) -> Weight;
    /// What paying so many coins in costs at most.
    fn deposit_weight(coins: u32) -> Weight;
}

/// Units of instruments that change hands because their owners ordered it. Provided by `instruments`.
pub trait InstrumentTransfers {
    /// Moves units of an active owner, who asked for it. All or nothing.
    fn transfer(from: OwnerId, to: OwnerId, instrument: InstrumentId, amount: Balance) -> Result<(), DispatchError>;
    /// Gives units of an active owner, who asked for it, back for nothing. All or nothing.
    fn redeem(owner: OwnerId, instrument: InstrumentId, amount: Balance) -> Result<(), DispatchError>;
    /// Has two active owners, who asked for it, give each other something: both legs or none.
    fn exchange(one: OwnerId, other: OwnerId, give: &Leg, take: &Leg) -> Result<(), DispatchError>;
    /// What moving units costs at most.
    fn transfer_weight() -> Weight;
    /// What giving units back costs at most.
    fn redeem_weight() -> Weight;
    /// What an exchange costs at most.
    fn exchange_weight(give: &Leg, take: &Leg) -> Weight;
}

/// Instruments, as the audit sees them. Provided by `instruments`.
pub trait InstrumentLedger {
    /// Books of the instruments that moved in this block, or moved last before payments stood still; ascending.
    fn moved() -> Vec<InstrumentBooks>;
}

/// Custody accounts that are credited for coins. Provided by `custody`.
pub trait CustodyDesk {
    /// Credits an owner's account with coins that a bank's vault has just taken in.
    fn credit_paid_in(bank: BankId, owner: OwnerId, value: Balance) -> Result<(), DispatchError>;
}

/// How long payments stood still. Provided by `audit`. Whoever sets a deadline counts the blocks without these: nobody loses
/// a right in blocks in which nobody could use it.
pub trait Standstill {
    /// Blocks since the first one in which payments stood still, this one included if they do now.
    fn stood_still() -> BlockNumber;
    /// Whether they do now. No call that moves value is dispatched then; hooks ask.
    fn stands_still() -> bool;
}

/// Payments that wait to be picked up, as the audit sees them. Provided by `pickup`.
pub trait Pickups {
    /// Flows of all of them.
    fn flows() -> PickupFlows;
}

/// What the supervisor can stop. Provided by whoever enforces it: `identity` for owners, `ownership` for coins,
/// `participants` for banks.
pub trait Stoppable<Id> {
    /// Stops it. Says whether its bank had stopped it already.
    fn stop(id: Id) -> Result<bool, DispatchError>;
    /// Lets it go on, unless its bank still stops it.
    fn resume(id: Id, bank_too: bool) -> Result<(), DispatchError>;
    /// What stops and goes on along with it: the purses of an owner's cards.
    fn along(_: Id) -> Vec<Id> {
        Vec::new()
    }
    /// Everything that the supervisor has stopped, for full scans only.
    fn all_stopped() -> Vec<Id>;
}

/// Told by `identity` and `participants` when somebody is stopped, or goes on, by calls of their own. Provided by
/// `supervision`, which keeps the reasons.
pub trait OnStanding {
    /// The supervisor stopped these by one act. Of each, whether its bank had stopped it already.
    fn stopped(targets: &[(Target, bool)]);
    /// Somebody whom the supervisor had stopped goes on, or is gone.
    fn resumed(target: Target);
    /// The bank stops an owner whom the supervisor has stopped. Whether that is kept for the time after, and is new.
    fn bank_stops(owner: OwnerId) -> bool;
    /// Whether the supervisor holds something by another act than this one, or although this one is not held.
    fn is_apart(target: Target, from: Target) -> bool;
}

impl OnStanding for () {
    fn stopped(_: &[(Target, bool)]) {}
    fn resumed(_: Target) {}
    fn bank_stops(_: OwnerId) -> bool {
        false
    }
    fn is_apart(_: Target, _: Target) -> bool {
        false
    }
}

/// Looks at payments between owners after they succeeded. Never stops one. Provided by `supervision`.
pub trait Watch {
    /// An owner paid another, or left value for somebody who may not be registered, in minor units.
    fn payment(from: OwnerId, to: OwnerId, value: Balance);
    /// What looking at a payment costs at most.
    fn weight() -> Weight;
}

impl Watch for () {
    fn payment(_: OwnerId, _: OwnerId, _: Balance) {}
    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Reads one bank's books.
pub fn bank_books<V: Vaults, C: Custodians, E: Escrows>(bank: BankId) -> BankBooks {
    BankBooks {
        bank,
        reserve: V::reserve(bank),
        vault: V::stock(VaultId::Bank(bank)),
        custody: C::owed(bank),
        set_aside: C::set_aside(bank),
        escrowed: C::escrowed(bank),
        vault_flows: V::flows(bank),
        custody_flows: C::flows(bank),
        escrow_flows: E::flows(bank),
    }
}
