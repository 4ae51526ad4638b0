//! The runtime API behind the `specie_*` RPC methods.

use crate::{
    books::SupplyReport, flow::BlockFlows, AccountId, Balance, BankId, BankStatus, BlockNumber, ChangePolicy,
    ClassLimits, CoinId, CoinRange, Counts, Denomination, Holder, Institution, OwnerClass, OwnerId, OwnerIdKey,
    OwnerStatus, PickupId, Reason, Role, Target, VaultId,
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
    /// Public key of the function behind owner ids; the same for good.
    pub owner_id_key: OwnerIdKey,
    /// Face values that may be minted, ascending, in minor units.
    pub denominations: Vec<Denomination>,
    /// Those among them whose coins owners can have destroyed and made anew now.
    pub recoinable: Vec<Denomination>,
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
    /// For whom it changes coins.
    pub change: ChangePolicy,
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
    /// Its class, which says what limits it has.
    pub class: OwnerClass,
    /// Coins it holds.
    pub coins: u32,
    /// Their value.
    pub coins_value: Balance,
    /// Custody balances above zero.
    pub custody: Vec<(BankId, Balance)>,
}

/// Limits of an owner and how far it is from them. Amounts are in minor units, `None` for no limit. Of an owner whose
/// person a bank verified, everything counts for all identities of that person together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct LimitsInfo {
    /// The owner.
    pub owner: OwnerId,
    /// Its class.
    pub class: OwnerClass,
    /// The limits of that class.
    pub limits: ClassLimits,
    /// What was paid today.
    pub paid_today: Balance,
    /// What is held, in coins and in custody at all banks.
    pub held: Balance,
    /// What is left of the limits: of the next payment, of today's payments, and of what may be received.
    pub left: ClassLimits,
    /// The business day, in days since 1970.
    pub day: u32,
    /// When it ends, in milliseconds since 1970.
    pub day_ends_ms: u64,
}

/// A request to bind another key to an owner whose key was lost.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RecoveryInfo {
    /// The owner.
    pub owner: OwnerId,
    /// The bank that asks.
    pub bank: BankId,
    /// The key that signs now.
    pub old: AccountId,
    /// The key that is to sign.
    pub new: AccountId,
    /// First block in which it can be completed, if payments do not stand still from now on.
    pub ready: BlockNumber,
    /// Whether the present key objected and the supervising role has not decided.
    pub objected: bool,
    /// Whether the supervising role approved it.
    pub approved: bool,
    /// Whether so much is held that it needs that approval.
    pub needs_approval: bool,
    /// What the owner holds in minor units, with what is on its cards and on joint accounts that it manages, and what is in
    /// escrow for any of them.
    pub held: Balance,
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
    pub target: Target,
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

/// A payment that waits to be picked up.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct PickupInfo {
    /// Its number.
    pub pickup: PickupId,
    /// Who paid.
    pub payer: OwnerId,
    /// For whom it waits, registered or not.
    pub payee: OwnerId,
    /// The key, derived from the pickup code, that collects it.
    pub claim_key: AccountId,
    /// Minor units.
    pub value: Balance,
    /// The coins.
    pub coins: Vec<CoinId>,
    /// Last block in which it can be collected, if payments do not stand still from now on; after it the payer gets the
    /// coins back.
    pub expires: BlockNumber,
    /// How often somebody tried with a wrong code.
    pub wrong_tries: u32,
}

/// The last payment of a page of those that an owner left, which come first, or of those that wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum PickupCursor {
    /// The owner left it.
    Left(PickupId),
    /// It waits for the owner.
    Waiting(PickupId),
}

impl PickupCursor {
    /// Its number.
    pub fn pickup(self) -> PickupId {
        match self {
            Self::Left(pickup) | Self::Waiting(pickup) => pickup,
        }
    }
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
        /// Limits of an owner and how far it is from them.
        fn limits(owner: OwnerId) -> Option<LimitsInfo>;
        /// Every request for another key that waits.
        fn recoveries() -> Vec<RecoveryInfo>;
        /// The owner that a key is or was bound to.
        fn owner_of(key: AccountId) -> Option<OwnerId>;
        /// A coin.
        fn coin(coin: CoinId) -> Option<CoinInfo>;
        /// A payment that waits to be picked up.
        fn pickup(pickup: PickupId) -> Option<PickupInfo>;
        /// Those that an owner left, and then those that wait for it, after a place and at most `limit`; and the place to go
        /// on from.
        fn pickups(
            owner: OwnerId,
            after: Option<PickupCursor>,
            limit: u32,
        ) -> (Vec<PickupInfo>, Option<PickupCursor>);
        /// Never-issued ranges in a vault.
        fn ranges(vault: VaultId) -> Vec<CoinRange>;
        /// What moved in the block whose state this is, and when.
        fn flows() -> BlockFlows;
        /// Entries of the register in ascending order of their storage keys, after the given raw key:
        /// at most `limit`, with the raw key to go on from.
        fn register_page(after: Option<Vec<u8>>, limit: u32) -> (Vec<CoinInfo>, Option<Vec<u8>>);
        /// Holds in force in the order of their storage keys, after the one on this target: at most `limit`.
        fn holds(after: Option<Target>, limit: u32) -> Vec<HoldInfo>;
    }
}
