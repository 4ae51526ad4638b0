//! Reserves, custody, coins and their audit.

use crate::{
    configs::people::{BankOrigin, IssuingKeys, IssuingOrigin, OwnerOrigin},
    AccountId, Balance, Balances, BlockNumber, Codes, Custody, Identity, Instruments, Issuance, Ownership,
    Participants, Pickup, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, Supervision, System, Vault,
};
use frame_support::{
    parameter_types,
    traits::{AsEnsureOriginWithArg, ConstU128, ConstU32, NeverEnsureOrigin},
};
use pallet_participants::{Admitting, EnsureRole, Supervising};

#[cfg(not(feature = "without-limits"))]
use crate::Limits;
/// Nothing: against this runtime benchmarks measure what limits cost.
#[cfg(feature = "without-limits")]
type Limits = ();

parameter_types! {
    /// A day to find the second person.
    pub const ProposalLife: BlockNumber = 86_400;
    /// Half a minute at least, so that nobody leaves coins that can hardly be collected.
    pub const MinPickupLife: BlockNumber = 30;
    /// Ninety days at most, so that coins do not wait for ever.
    pub const MaxPickupLife: BlockNumber = 90 * 86_400;
    /// A day at most, in which a bank finds the reserve.
    pub const MaxTransferWait: BlockNumber = 86_400;
    /// A week at most in which an order can be executed: for so long the state has an entry for each.
    pub const MaxOrderWindow: BlockNumber = specie_primitives::orders::MAX_WINDOW;
    /// Thirty days at most for which a cancelled order is remembered.
    pub const MaxOrderAhead: BlockNumber = 30 * 86_400;
    /// Ten minutes at most from a scan to the last block of a code.
    pub const MaxCodeLife: BlockNumber = specie_primitives::payment_codes::MAX_CODE_LIFE;
    /// A quarter of an hour in which a payer confirms.
    pub const PendingLife: BlockNumber = specie_primitives::payment_codes::PENDING_LIFE;
    /// Two years at most until the outcome of an escrow comes about by itself.
    pub const MaxEscrowLife: BlockNumber = 2 * 365 * 86_400;
    /// Thirty days in which the supervisor decides a dispute.
    pub const DecisionTime: BlockNumber = 30 * 86_400;
    /// A day in which a bank finds the reserve, and a payee makes room within its limit.
    pub const EscrowPatience: BlockNumber = 86_400;
    /// Ten minutes between two looks at what waits.
    pub const EscrowPause: BlockNumber = 600;
}

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
    type Balance = Balance;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<1>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = ();
    type MaxLocks = ConstU32<0>;
    type MaxReserves = ConstU32<0>;
    type MaxFreezes = ConstU32<0>;
    type DoneSlashHandler = ();
}

impl pallet_assets::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type RemoveItemsLimit = ConstU32<100>;
    type AssetId = pallet_custody::AssetId;
    type AssetIdParameter = pallet_custody::AssetId;
    type ReserveData = ();
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<NeverEnsureOrigin<AccountId>>;
    type ForceOrigin = NeverEnsureOrigin<()>;
    type AssetDeposit = ConstU128<0>;
    type AssetAccountDeposit = ConstU128<0>;
    type MetadataDepositBase = ConstU128<0>;
    type MetadataDepositPerByte = ConstU128<0>;
    type ApprovalDeposit = ConstU128<0>;
    type StringLimit = ConstU32<64>;
    type Freezer = ();
    type Holder = ();
    type Extra = ();
    type CallbackHandle = ();
    type AssetIdAllocator = ();
    type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = AssetIds;
}

/// Asset ids for the assets pallet's benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct AssetIds;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_assets::BenchmarkHelper<pallet_custody::AssetId, ()> for AssetIds {
    fn create_asset_id_parameter(id: u32) -> pallet_custody::AssetId {
        pallet_custody::AssetId::Other(id)
    }

    fn create_reserve_id_parameter(_: u32) {}
}

impl pallet_issuance::Config for Runtime {
    type IssuingOrigin = IssuingOrigin;
    type IssuingKeys = IssuingKeys;
    type Vaults = Vault;
    type ProposalLife = ProposalLife;
    type MaxProposals = ConstU32<64>;
    type MaxBatch = ConstU32<1_000_000_000>;
    type WeightInfo = pallet_issuance::weights::SubstrateWeight<Runtime>;
}

impl pallet_vault::Config for Runtime {
    type Currency = Balances;
    type IssuingOrigin = IssuingOrigin;
    type BankOrigin = BankOrigin;
    type Banks = Participants;
    type Owners = Identity;
    type Coinage = Issuance;
    type Register = Ownership;
    type Custodians = Custody;
    type WeightInfo = pallet_vault::weights::SubstrateWeight<Runtime>;
}

impl pallet_ownership::Config for Runtime {
    type OwnerOrigin = OwnerOrigin;
    type Coinage = Issuance;
    type Owners = Identity;
    type Limits = Limits;
    type Vaults = Vault;
    type Watch = Supervision;
    type WeightInfo = pallet_ownership::weights::SubstrateWeight<Runtime>;
}

impl pallet_custody::Config for Runtime {
    type Assets = crate::Assets;
    type BankOrigin = BankOrigin;
    type OwnerOrigin = OwnerOrigin;
    type Banks = Participants;
    type Owners = Identity;
    type Limits = Limits;
    type Vaults = Vault;
    type Watch = Supervision;
    type Standstill = crate::Audit;
    type MaxWait = MaxTransferWait;
    type WeightInfo = pallet_custody::weights::SubstrateWeight<Runtime>;
}

impl pallet_pickup::Config for Runtime {
    type OwnerOrigin = OwnerOrigin;
    type BankOrigin = BankOrigin;
    type Owners = Identity;
    type Register = Ownership;
    type Vaults = Vault;
    type Custody = Custody;
    type Limits = Limits;
    type Watch = Supervision;
    type Standstill = crate::Audit;
    type MinLife = MinPickupLife;
    type MaxLife = MaxPickupLife;
    type WeightInfo = pallet_pickup::weights::SubstrateWeight<Runtime>;
}

impl pallet_orders::Config for Runtime {
    type BankOrigin = BankOrigin;
    type OwnerOrigin = OwnerOrigin;
    type AdmittingOrigin = EnsureRole<Runtime, Admitting>;
    type Owners = Identity;
    type Signatures = Identity;
    type Joint = crate::Joint;
    type Coins = Ownership;
    type Custody = Custody;
    type Codes = Codes;
    type Forms = Custody;
    type Instruments = Instruments;
    type Escrows = crate::Escrow;
    type Standstill = crate::Audit;
    type MaxWindow = MaxOrderWindow;
    type MaxAhead = MaxOrderAhead;
    type WeightInfo = pallet_orders::weights::SubstrateWeight<Runtime>;
}

impl pallet_escrow::Config for Runtime {
    type OwnerOrigin = OwnerOrigin;
    type SupervisorOrigin = EnsureRole<Runtime, Supervising>;
    type Banks = Participants;
    type Owners = Identity;
    type Joint = crate::Joint;
    type Pots = Custody;
    type Limits = Limits;
    type Watch = Supervision;
    type Standstill = crate::Audit;
    type MaxLife = MaxEscrowLife;
    type DecisionTime = DecisionTime;
    type Patience = EscrowPatience;
    type Pause = EscrowPause;
    type WeightInfo = pallet_escrow::weights::SubstrateWeight<Runtime>;
}

impl pallet_codes::Config for Runtime {
    type OwnerOrigin = OwnerOrigin;
    type SupervisorOrigin = EnsureRole<Runtime, Supervising>;
    type Owners = Identity;
    type Signatures = Identity;
    type Profiles = Identity;
    type Subjects = crate::Limits;
    type Custody = Custody;
    type Standstill = crate::Audit;
    type MaxCodeLife = MaxCodeLife;
    type PendingLife = PendingLife;
    type WeightInfo = pallet_codes::weights::SubstrateWeight<Runtime>;
}

impl pallet_instruments::Config for Runtime {
    type Assets = crate::Assets;
    type IssuingOrigin = IssuingOrigin;
    type BankOrigin = BankOrigin;
    type SupervisorOrigin = EnsureRole<Runtime, Supervising>;
    type OwnerOrigin = OwnerOrigin;
    type Banks = Participants;
    type Owners = Identity;
    type Coins = Ownership;
    type Custody = Custody;
    type Standstill = crate::Audit;
    type WeightInfo = pallet_instruments::weights::SubstrateWeight<Runtime>;
}

impl pallet_audit::Config for Runtime {
    type Banks = Participants;
    type Coinage = Issuance;
    type Vaults = Vault;
    type Register = Ownership;
    type Custodians = Custody;
    type Pickups = Pickup;
    type Escrows = crate::Escrow;
    type Instruments = Instruments;
    type WeightInfo = pallet_audit::weights::SubstrateWeight<Runtime>;
}
