//! Blocks, accounts and the calls that nobody may make.

use crate::{
    AccountId, Audit, Balance, Block, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
    RuntimeTask, SS58_PREFIX, VERSION,
};
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{ConstU32, Contains},
    weights::{
        constants::{BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight, WEIGHT_REF_TIME_PER_MILLIS},
        Weight,
    },
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

/// Execution time of a full block: 400 ms of the 1 s slot, since on a small machine several validators execute it
/// one after the other.
pub const BLOCK_WEIGHT: Weight = Weight::from_parts(BLOCK_MILLIS * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

/// The same in milliseconds.
const BLOCK_MILLIS: u64 = if cfg!(feature = "large-blocks") { 4_000 } else { 400 };

/// Share of a block that ordinary extrinsics may fill; governance always finds room.
const NORMAL_SHARE: Perbill = Perbill::from_percent(85);

/// Size of a block in bytes.
const BLOCK_LENGTH: u32 = 4 * 1024 * 1024;

parameter_types! {
    /// Blocks for which hashes are kept, and so the longest mortality of an extrinsic.
    pub const BlockHashCount: u32 = 2_400;
    /// This runtime's version.
    pub const Version: RuntimeVersion = VERSION;
    /// Prefix of addresses.
    pub const Ss58Prefix: u16 = SS58_PREFIX;
    /// Limits of a block's weight.
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
        .base_block(BlockExecutionWeight::get())
        .for_class(DispatchClass::all(), |weights| weights.base_extrinsic = ExtrinsicBaseWeight::get())
        .for_class(DispatchClass::Normal, |weights| weights.max_total = Some(NORMAL_SHARE * BLOCK_WEIGHT))
        .for_class(DispatchClass::Operational, |weights| {
            weights.max_total = Some(BLOCK_WEIGHT);
            weights.reserved = Some(BLOCK_WEIGHT - NORMAL_SHARE * BLOCK_WEIGHT);
        })
        .avg_block_initialization(Perbill::from_percent(5))
        .build_or_panic();
    /// Limits of a block's size.
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(BLOCK_LENGTH)
        .modify_max_length_for_class(DispatchClass::Normal, |length| *length = NORMAL_SHARE * *length)
        .build();
}

/// What nobody may call from outside, at any depth of utility, multisig and proxy.
pub struct CallFilter;

impl Contains<RuntimeCall> for CallFilter {
    fn contains(call: &RuntimeCall) -> bool {
        match call {
            // Reserves move through the vault and custody through custody, or M2 and M4 would not hold.
            RuntimeCall::Balances(_) | RuntimeCall::Assets(_) => false,
            // A validator leaves by the admitting role's decision, never silently.
            RuntimeCall::Session(pallet_session::Call::purge_keys {}) => false,
            RuntimeCall::Grandpa(_) => false,
            // Root's calls, some of which weigh much before they fail. Root itself is not filtered.
            RuntimeCall::System(call) => matches!(
                call,
                frame_system::Call::remark { .. }
                    | frame_system::Call::remark_with_event { .. }
                    | frame_system::Call::apply_authorized_upgrade { .. }
            ),
            // An account that nobody has the key of, for good and without a deposit.
            RuntimeCall::Proxy(pallet_proxy::Call::create_pure { .. }) => false,
            call => !moves_value(call) || !Audit::is_stopped(),
        }
    }
}

/// What nobody dispatches while payments stand still.
pub fn moves_value(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::Issuance(_)
            | RuntimeCall::Vault(_)
            | RuntimeCall::Ownership(_)
            | RuntimeCall::Custody(_)
            | RuntimeCall::Pickup(_)
            | RuntimeCall::Escrow(_)
            | RuntimeCall::Orders(pallet_orders::Call::submit { .. })
            | RuntimeCall::Codes(pallet_codes::Call::confirm { .. })
            | RuntimeCall::Instruments(
                pallet_instruments::Call::issue { .. }
                    | pallet_instruments::Call::transfer { .. }
                    | pallet_instruments::Call::redeem { .. }
            )
    )
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type BaseCallFilter = CallFilter;
    type Block = Block;
    type BlockWeights = RuntimeBlockWeights;
    type BlockLength = RuntimeBlockLength;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type BlockHashCount = BlockHashCount;
    type DbWeight = ParityDbWeight;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type SS58Prefix = Ss58Prefix;
    type MaxConsumers = ConstU32<16>;
}
