//! What the node and wallets may ask the runtime.

use crate::{
    genesis, AccountId, Audit, Aura, Balance, Block, Certificates, Executive, Grandpa, Identity, InherentDataExt,
    Issuance, Limits, Nonce, Ownership, Participants, Runtime, RuntimeCall, RuntimeGenesisConfig, SessionKeys,
    Supervision, System, Vault, VERSION,
};
use alloc::{string::String, vec::Vec};
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    weights::Weight,
};
use pallet_transaction_payment_rpc_runtime_api::{FeeDetails, RuntimeDispatchInfo};
use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::{AuthorityId as GrandpaId, AuthorityList};
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_runtime::{
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;
use specie_primitives::{
    api::{
        BankInfo, CoinInfo, HoldInfo, InstitutionsInfo, LimitsInfo, NetworkInfo, OwnerInfo, PickupCursor, PickupInfo,
        RecoveryInfo,
    },
    books::SupplyReport,
    cards::{CardInfo, CardNumber, CardsOf, CardsPage},
    certificates::{BatchCertificateInfo, BatchInfo, HexBytes, RevocationsInfo, RootKeysInfo},
    custody::{QueueInfo, QueuedInfo},
    escrow::EscrowInfo,
    flow::BlockFlows,
    instruments::{InstrumentInfo, InstrumentsPage, UnitsInfo},
    joint::JointInfo,
    orders::{ExecutedOrders, OrderInfo, Outcome},
    payment_codes::{PendingInfo, SmallAmountsInfo},
    total_value,
    traits::{Banks, Coinage, Custodians, Vaults},
    BankId, CoinId, CoinRange, Holder, InstrumentId, OrderId, OwnerId, PickupId, Role, Target, VaultId,
};

/// Most entries of one answer: `state_call` lets anybody ask for any number, past the limits of the `specie_*` methods.
const MAX_PAGE: u32 = 10_000;

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block)
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(
            id: frame_support::view_functions::ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
            Runtime::execute_view_function(id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: sp_inherents::InherentData,
        ) -> sp_inherents::CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            extrinsic: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, extrinsic, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
        fn slot_duration() -> sp_consensus_aura::SlotDuration {
            sp_consensus_aura::SlotDuration::from_millis(Aura::slot_duration())
        }

        fn authorities() -> Vec<AuraId> {
            pallet_aura::Authorities::<Runtime>::get().into_inner()
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            pallet_grandpa::CurrentSetId::<Runtime>::get()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            _: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
            _: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            None
        }

        fn generate_key_ownership_proof(
            _: sp_consensus_grandpa::SetId,
            _: GrandpaId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            None
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    // There are no fees; wallets that ask are told so.
    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(extrinsic: <Block as BlockT>::Extrinsic, _: u32) -> RuntimeDispatchInfo<Balance> {
            free(&extrinsic.function)
        }

        fn query_fee_details(_: <Block as BlockT>::Extrinsic, _: u32) -> FeeDetails<Balance> {
            FeeDetails { inclusion_fee: None, tip: 0 }
        }

        fn query_weight_to_fee(_: Weight) -> Balance {
            0
        }

        fn query_length_to_fee(_: u32) -> Balance {
            0
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall> for Runtime {
        fn query_call_info(call: RuntimeCall, _: u32) -> RuntimeDispatchInfo<Balance> {
            free(&call)
        }

        fn query_call_fee_details(_: RuntimeCall, _: u32) -> FeeDetails<Balance> {
            FeeDetails { inclusion_fee: None, tip: 0 }
        }

        fn query_weight_to_fee(_: Weight) -> Balance {
            0
        }

        fn query_length_to_fee(_: u32) -> Balance {
            0
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis::preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis::preset_names()
        }
    }

    impl specie_primitives::api::SpecieApi<Block> for Runtime {
        fn network() -> NetworkInfo {
            network()
        }

        fn supply() -> SupplyReport {
            Audit::report()
        }

        fn banks() -> Vec<BankInfo> {
            Participants::all().into_iter().filter_map(bank).collect()
        }

        fn institutions() -> InstitutionsInfo {
            institutions()
        }

        fn owner(id: OwnerId) -> Option<OwnerInfo> {
            owner(id)
        }

        fn limits(owner: OwnerId) -> Option<LimitsInfo> {
            Limits::info(owner)
        }

        fn recoveries() -> Vec<RecoveryInfo> {
            Identity::recoveries().collect()
        }

        fn owner_of(key: AccountId) -> Option<OwnerId> {
            pallet_identity::OwnerOf::<Runtime>::get(key)
        }

        fn coin(id: CoinId) -> Option<CoinInfo> {
            coin(id)
        }

        fn pickup(id: PickupId) -> Option<PickupInfo> {
            pickup(id)
        }

        fn pickups(
            owner: OwnerId,
            after: Option<PickupCursor>,
            limit: u32,
        ) -> (Vec<PickupInfo>, Option<PickupCursor>) {
            let (page, more) = crate::Pickup::page(owner, after, limit.min(MAX_PAGE));
            (page.into_iter().filter_map(pickup).collect(), more)
        }

        fn ranges(vault: VaultId) -> Vec<CoinRange> {
            pallet_vault::Ranges::<Runtime>::iter_prefix_values(vault).flatten().collect()
        }

        fn flows() -> BlockFlows {
            crate::flows::timed()
        }

        fn register_page(after: Option<Vec<u8>>, limit: u32) -> (Vec<CoinInfo>, Option<Vec<u8>>) {
            let (entries, more) = Ownership::page(after, limit.min(MAX_PAGE));
            (entries.into_iter().filter_map(|(id, entry)| known(id, entry)).collect(), more)
        }

        fn holds(after: Option<Target>, limit: u32) -> Vec<HoldInfo> {
            Supervision::page(after, limit.min(MAX_PAGE))
        }
    }

    impl specie_primitives::certificates::CertificatesApi<Block> for Runtime {
        fn batch(batch: u32) -> Option<BatchInfo> {
            Certificates::batch(batch)
        }

        fn certificate(batch: u32) -> Option<BatchCertificateInfo> {
            Certificates::certificate(batch)
        }

        fn root_keys() -> RootKeysInfo {
            Certificates::root_keys()
        }

        fn bank_certificates(bank: BankId) -> Vec<HexBytes> {
            Certificates::bank_certificates(bank)
        }

        fn revocations(after: u32, limit: u32) -> RevocationsInfo {
            Certificates::revocations(after, limit)
        }
    }

    impl specie_primitives::custody::CustodyApi<Block> for Runtime {
        fn queue(bank: BankId) -> Option<QueueInfo> {
            crate::Custody::queue_info(bank)
        }

        fn queued(owner: OwnerId) -> Vec<QueuedInfo> {
            crate::Custody::queued_of(owner)
        }
    }

    impl specie_primitives::escrow::EscrowApi<Block> for Runtime {
        fn escrow(escrow: OrderId) -> Option<EscrowInfo> {
            crate::Escrow::info(escrow)
        }

        fn escrows(owner: OwnerId, after: Option<OrderId>, limit: u32) -> Vec<EscrowInfo> {
            crate::Escrow::page(owner, after, limit.min(MAX_PAGE))
        }
    }

    impl specie_primitives::instruments::InstrumentsApi<Block> for Runtime {
        fn instrument(instrument: InstrumentId) -> Option<InstrumentInfo> {
            crate::Instruments::info(instrument)
        }

        fn instruments(from: InstrumentId, limit: u32) -> InstrumentsPage {
            crate::Instruments::page(from, limit.min(MAX_PAGE))
        }

        fn units(owner: OwnerId, after: Option<InstrumentId>, limit: u32) -> Vec<UnitsInfo> {
            crate::Instruments::units_of(owner, after, limit.min(MAX_PAGE))
        }

        fn instrument_holders(instrument: InstrumentId, after: Option<OwnerId>, limit: u32) -> Vec<UnitsInfo> {
            instrument_holders(instrument, after, limit.min(MAX_PAGE))
        }
    }

    impl specie_primitives::cards::CardsApi<Block> for Runtime {
        fn card(card: CardNumber) -> Option<CardInfo> {
            crate::Cards::info(card)
        }

        fn card_with_key(key: AccountId) -> Option<CardInfo> {
            crate::Cards::info_of(&key)
        }

        fn cards(of: CardsOf, from: CardNumber, limit: u32) -> CardsPage {
            crate::Cards::page(of, from, limit)
        }
    }

    impl specie_primitives::orders::OrdersApi<Block> for Runtime {
        fn order_clock() -> crate::BlockNumber {
            crate::Orders::clock()
        }

        fn order(order: OrderId) -> OrderInfo {
            crate::Orders::info(order)
        }

        fn cancelled_by(order: OrderId, owners: Vec<OwnerId>) -> Vec<OwnerId> {
            crate::Orders::cancelled_by(order, owners)
        }

        fn executed_orders() -> ExecutedOrders {
            crate::Orders::executed()
        }

        fn try_order(order: Vec<u8>, submitter: AccountId) -> Outcome {
            crate::Orders::try_one(&order, submitter)
        }
    }

    impl specie_primitives::payment_codes::CodesApi<Block> for Runtime {
        fn pending(owner: OwnerId) -> Vec<PendingInfo> {
            crate::Codes::pending_of(owner)
        }

        fn small_amounts(owner: OwnerId) -> Option<SmallAmountsInfo> {
            crate::Codes::small_amounts_of(owner)
        }
    }

    impl specie_primitives::joint::JointApi<Block> for Runtime {
        fn joint_account(account: OwnerId) -> Option<JointInfo> {
            crate::Joint::info(account)
        }

        fn joint_accounts(manager: OwnerId) -> Vec<JointInfo> {
            crate::Joint::managed(manager)
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            use crate::{benchmarks::*, *};
            use frame_benchmarking::BenchmarkList;
            use frame_support::traits::StorageInfoTrait;

            let mut list = Vec::<BenchmarkList>::new();
            list_benchmarks!(list, extra);
            (list, AllPalletsWithSystem::storage_info())
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, String> {
            use crate::{benchmarks::*, *};
            use frame_benchmarking::BenchmarkBatch;
            use frame_support::traits::{TrackedStorageKey, WhitelistedStorageKeys};

            let whitelist: Vec<TrackedStorageKey> = AllPalletsWithSystem::whitelisted_storage_keys();
            let mut batches = Vec::<BenchmarkBatch>::new();
            let params = (&config, &whitelist);
            add_benchmarks!(params, batches);
            Ok(batches)
        }
    }

    #[cfg(feature = "try-runtime")]
    impl frame_try_runtime::TryRuntime<Block> for Runtime {
        // The tool that calls these wants a panic when a check fails.
        #[allow(clippy::expect_used)]
        fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
            let weight = Executive::try_runtime_upgrade(checks).expect("the upgrade keeps every invariant");
            (weight, crate::configs::BLOCK_WEIGHT)
        }

        #[allow(clippy::expect_used)]
        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: frame_try_runtime::TryStateSelect,
        ) -> Weight {
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("the block keeps every invariant")
        }
    }
}

fn free(call: &RuntimeCall) -> RuntimeDispatchInfo<Balance> {
    use frame_support::dispatch::GetDispatchInfo;
    let info = call.get_dispatch_info();
    RuntimeDispatchInfo { weight: info.total_weight(), class: info.class, partial_fee: 0 }
}

fn network() -> NetworkInfo {
    let finding = pallet_audit::Breach::<Runtime>::get();
    NetworkInfo {
        network_id: pallet_participants::NetworkId::<Runtime>::get(),
        owner_id_key: pallet_identity::OwnerIdKey::<Runtime>::get(),
        denominations: pallet_issuance::Denominations::<Runtime>::get().into_inner(),
        recoinable: pallet_issuance::Recoinable::<Runtime>::get()
            .into_iter()
            .filter(|face| pallet_issuance::ChangeBatch::<Runtime>::contains_key(face))
            .collect(),
        decimals: crate::DECIMALS,
        symbol: crate::SYMBOL.into(),
        payments_stopped: finding.map(|finding| {
            let rule = String::from_utf8_lossy(&finding.rule).into_owned();
            match finding.bank {
                Some(bank) => alloc::format!("{rule} does not hold for bank {bank} since block {}", finding.block),
                None => alloc::format!("{rule} does not hold since block {}", finding.block),
            }
        }),
        quota: pallet_admission::Quota::<Runtime>::get(),
        quota_window: pallet_admission::Window::<Runtime>::get(),
    }
}

fn bank(id: BankId) -> Option<BankInfo> {
    let record = pallet_participants::Banks::<Runtime>::get(id)?;
    let stock = Vault::stock(VaultId::Bank(id));
    Some(BankInfo {
        bank: id,
        name: String::from_utf8_lossy(&record.name).into_owned(),
        account: record.account,
        status: record.status,
        reserve: Vault::reserve(id),
        vault: total_value(&stock),
        stock,
        custody: crate::Custody::owed(id),
        change: pallet_vault::Change::<Runtime>::get(id),
    })
}

fn institutions() -> InstitutionsInfo {
    InstitutionsInfo {
        roles: Role::ALL
            .into_iter()
            .map(|role| (role, pallet_participants::Roles::<Runtime>::get(role).into_inner()))
            .collect(),
        committee: pallet_collective::Members::<Runtime, frame_support::instances::Instance1>::get(),
        validators: pallet_participants::Validators::<Runtime>::get().into_inner(),
    }
}

fn owner(id: OwnerId) -> Option<OwnerInfo> {
    let record = pallet_identity::Owners::<Runtime>::get(id)?;
    let purse = pallet_ownership::Purses::<Runtime>::get(id);
    let custody = Participants::all()
        .into_iter()
        .map(|bank| (bank, crate::Custody::balance(bank, id)))
        .filter(|(_, balance)| *balance > 0)
        .collect();
    Some(OwnerInfo {
        owner: id,
        bank: record.bank,
        key: record.key,
        status: record.status,
        class: record.class,
        coins: purse.coins,
        coins_value: purse.value,
        custody,
    })
}

fn pickup(id: PickupId) -> Option<PickupInfo> {
    let record = pallet_pickup::Pickups::<Runtime>::get(id)?;
    let expires = crate::Pickup::last_block(&record);
    Some(PickupInfo {
        pickup: id,
        payer: record.payer,
        payee: record.payee,
        claim_key: record.claim_key.into(),
        value: record.value,
        coins: record.coins.iter().map(|coin| coin.coin).collect(),
        expires,
        wrong_tries: pallet_pickup::WrongTries::<Runtime>::get(id),
    })
}

fn instrument_holders(instrument: InstrumentId, after: Option<OwnerId>, limit: u32) -> Vec<UnitsInfo> {
    type Accounts = pallet_assets::Account<Runtime>;
    let asset = instrument.asset();
    let accounts = match after {
        Some(owner) => Accounts::iter_key_prefix_from(asset, Accounts::hashed_key_for(asset, owner.account())),
        None => Accounts::iter_key_prefix(asset),
    };
    accounts
        .filter_map(|account| OwnerId::from_account(&account))
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .map(|owner| UnitsInfo { instrument, owner, amount: crate::Instruments::balance(instrument, owner) })
        .collect()
}

fn known(id: CoinId, entry: pallet_ownership::CoinEntry) -> Option<CoinInfo> {
    let denomination = Issuance::denomination(id.batch)?;
    let (revision, held) = (Some(entry.revision), entry.flags.is_held());
    Some(CoinInfo { coin: id, denomination, revision, holder: entry.holder, held })
}

fn coin(id: CoinId) -> Option<CoinInfo> {
    match pallet_ownership::Coins::<Runtime>::get(id) {
        Some(entry) => known(id, entry),
        None => Some(CoinInfo {
            coin: id,
            denomination: Issuance::denomination(id.batch)?,
            revision: None,
            holder: Holder::Vault(Vault::range_holder(id)?),
            held: false,
        }),
    }
}
