//! The runtime API behind the `specie_*` RPC methods.

use crate::{
    books::SupplyReport, flow::Flow, AccountId, Balance, BankId, BankStatus, BlockNumber, CoinId, CoinRange, Counts,
    Denomination, Holder, Institution, OwnerId, OwnerStatus, Reason, Role, Subject, VaultId,
};
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Facts about the network that a wallet needs once.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct NetworkInfo {
    /// Number that enters every owner id.
    pub network_id: u32,
    /// Face values that may be minted, ascending, in minor units.
    pub denominations: Vec<Denomination>,
    /// Digits behind the decimal point.
    pub decimals: u8,
    /// Name of the currency.
    pub symbol: String,
    /// Why payments stand still, if they do.
    pub payments_stopped: Option<String>,
    /// Transactions that one signer may send in a window.
    pub quota: u32,
    /// Length of that window in blocks.
    pub quota_window: BlockNumber,
}

/// A bank as the network knows it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct BankInfo {
    /// Its number.
    pub bank: BankId,
    /// Its name.
    pub name: String,
    /// Its account, which holds its reserve.
    pub account: AccountId,
    /// Its standing.
    pub status: BankStatus,
    /// Reserve, free and held.
    pub reserve: Balance,
    /// Value of the coins in its vault.
    pub vault: Balance,
    /// Those coins by face value.
    pub stock: Counts,
    /// What it owes owners in custody.
    pub custody: Balance,
}

/// An owner as the network knows it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct OwnerInfo {
    /// Its id.
    pub owner: OwnerId,
    /// The bank that registered it.
    pub bank: BankId,
    /// Its current key.
    pub key: AccountId,
    /// Its standing.
    pub status: OwnerStatus,
    /// Coins it holds.
    pub coins: u32,
    /// Their value.
    pub coins_value: Balance,
    /// Custody balances above zero.
    pub custody: Vec<(BankId, Balance)>,
}

/// A coin as the network knows it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct CoinInfo {
    /// The coin.
    pub coin: CoinId,
    /// Face value in minor units.
    pub denomination: Denomination,
    /// How often it changed hands; `None` while it lies in a range and never left a vault.
    pub revision: Option<u32>,
    /// Who holds it.
    pub holder: Holder,
    /// Whether the supervisor holds it: then nobody moves it.
    pub held: bool,
}

/// A hold that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct HoldInfo {
    /// What is held.
    pub subject: Subject,
    /// Number of the act that holds it.
    pub act: u32,
    /// Why.
    pub reason: Reason,
    /// Block since which.
    pub since: BlockNumber,
    /// Last block of the hold; `None` until it is released.
    pub until: Option<BlockNumber>,
    /// Of an owner: its bank suspended it as well, which stays when the hold ends.
    pub bank_too: bool,
}

/// Institutions and their keys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct InstitutionsInfo {
    /// Keys of each role of the issuer.
    pub roles: Vec<(Role, Vec<AccountId>)>,
    /// Members of the committee.
    pub committee: Vec<AccountId>,
    /// Validators and who runs them.
    pub validators: Vec<(AccountId, Institution)>,
}

sp_api::decl_runtime_apis! {
    /// What wallets, operators and the node's index ask the runtime.
    pub trait SpecieApi {
        /// Facts about the network.
        fn network() -> NetworkInfo;
        /// Where all value is, and every equality.
        fn supply() -> SupplyReport;
        /// Every bank.
        fn banks() -> Vec<BankInfo>;
        /// Institutions and their keys.
        fn institutions() -> InstitutionsInfo;
        /// An owner.
        fn owner(owner: OwnerId) -> Option<OwnerInfo>;
        /// The owner that a key is or was bound to.
        fn owner_of(key: AccountId) -> Option<OwnerId>;
        /// A coin.
        fn coin(coin: CoinId) -> Option<CoinInfo>;
        /// Never-issued ranges in a vault.
        fn ranges(vault: VaultId) -> Vec<CoinRange>;
        /// What moved in the block whose state this is.
        fn flows() -> Vec<Flow>;
        /// Entries of the register in ascending order of their storage keys, after the given raw key:
        /// at most `limit`, with the raw key to go on from.
        fn register_page(after: Option<Vec<u8>>, limit: u32) -> (Vec<CoinInfo>, Option<Vec<u8>>);
        /// Holds in force in the order of their storage keys, after the one on this subject: at most `limit`.
        fn holds(after: Option<Subject>, limit: u32) -> Vec<HoldInfo>;
    }
}
