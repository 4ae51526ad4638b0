//! The small traits through which the pallets meet.

use crate::{
    books::{BankBooks, CustodyFlows, IssuanceFlows, VaultFlows},
    AccountId, Balance, BankId, BankStatus, CoinRange, CoinRef, Counts, Denomination, Holder, OwnerId, Role, Selection,
    VaultId,
};
use alloc::vec::Vec;
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

#[impl_trait_for_tuples::impl_for_tuples(4)]
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
}

/// Told by `identity` when an owner replaces its key.
pub trait KeyRotation {
    /// `new` signs from now on instead of `old`: what is counted for a key goes on with the new one.
    fn key_rotated(old: &AccountId, new: &AccountId);
}

impl KeyRotation for () {
    fn key_rotated(_: &AccountId, _: &AccountId) {}
}

/// What an owner has, for closing. Provided by whoever holds something for owners.
pub trait Holdings {
    /// An error names what is left.
    fn ensure_nothing_held(owner: OwnerId) -> Result<(), DispatchError>;
}

#[impl_trait_for_tuples::impl_for_tuples(4)]
impl Holdings for Tuple {
    fn ensure_nothing_held(owner: OwnerId) -> Result<(), DispatchError> {
        for_tuples!( #( Tuple::ensure_nothing_held(owner)?; )* );
        Ok(())
    }
}

/// Batches and face values. Provided by `issuance`.
pub trait Coinage {
    /// Face value of every coin of a batch; `None` when there is no such batch.
    fn denomination(batch: u32) -> Option<Denomination>;
    /// Whether the policy still allows this face value.
    fn is_allowed(denomination: Denomination) -> bool;
    /// Minted and retired by face value, ascending.
    fn flows() -> Vec<(Denomination, IssuanceFlows)>;
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
    /// Reserve and vault of a bank together, in minor units.
    fn assets(bank: BankId) -> Balance;
    /// Coins in a vault by face value, ascending.
    fn stock(vault: VaultId) -> Counts;
    /// Flows of a bank.
    fn flows(bank: BankId) -> VaultFlows;
    /// A bank's reserve, free and held.
    fn reserve(bank: BankId) -> Balance;
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
}

/// Reads one bank's books.
pub fn bank_books<V: Vaults, C: Custodians>(bank: BankId) -> BankBooks {
    BankBooks {
        bank,
        reserve: V::reserve(bank),
        vault: V::stock(VaultId::Bank(bank)),
        custody: C::owed(bank),
        vault_flows: V::flows(bank),
        custody_flows: C::flows(bank),
    }
}
