//! Puts the node together: client, pool, consensus, network, RPC and the tasks beside them.

use crate::{
    database::{self, Executor},
    index::{self, ClientChain},
    keys,
    metrics::Metrics,
    rpc,
    spawner::Spawner,
    watch,
};
use futures::FutureExt;
use sc_client_api::{backend::Backend, HeaderBackend};
use sc_consensus_aura::{CompatibilityMode, ImportQueueParams, SlotProportion, StartAuraParams};
use sc_consensus_grandpa::SharedVoterState;
use sc_network::{service::traits::NetworkService, NetworkBackend};
use sc_service::{
    BuildNetworkParams, Configuration, Error, KeystoreContainer, PartialComponents, SpawnTasksParams, TaskManager,
    WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_aura::{inherents::InherentDataProvider as AuraInherent, sr25519::AuthorityPair, SlotDuration};
use sp_runtime::traits::Block as BlockT;
use specie_index::Index;
use specie_primitives::BlockNumber;
use specie_runtime::{opaque::Block, RuntimeApi};
use std::{sync::Arc, time::Duration};

/// Blocks after which a justification is stored at the latest: proofs of finality start from stored ones.
const GRANDPA_JUSTIFICATION_PERIOD: BlockNumber = 16;
/// Time that a GRANDPA message is expected to take to everybody. A round takes four of them at least, so that it sets
/// how soon a payment is final.
const GRANDPA_GOSSIP_DURATION: Duration = Duration::from_millis(100);
/// Part of a slot that a block may take to be made; the rest is for sending it and executing it elsewhere.
const PROPOSAL_SLOT_PORTION: f32 = 2.0 / 3.0;

/// Answers from blocks and states.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// Keeps blocks and states.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// Keeps transactions that wait for a block.
pub type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
type FullGrandpaBlockImport = sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;
type BlockHash = <Block as BlockT>::Hash;

/// What [`new_partial`] makes beside the usual parts.
pub struct Other {
    block_import: FullGrandpaBlockImport,
    grandpa_link: GrandpaLink,
    slot_duration: SlotDuration,
    telemetry: Option<Telemetry>,
}

/// The parts that subcommands need as well.
pub type Parts = PartialComponents<
    FullClient,
    FullBackend,
    FullSelectChain,
    sc_consensus::DefaultImportQueue<Block>,
    FullPool,
    Other,
>;

/// Opens the database and makes what reads and writes it. Starts no network. `spawner` is for a node or for a command.
pub fn new_partial(config: &Configuration, spawner: fn(&TaskManager) -> Spawner) -> Result<Parts, Error> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let (client, backend, keystore_container, task_manager) =
        database::open(config, telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()))?;
    let client = Arc::new(client);
    let spawner = spawner(&task_manager);
    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });
    let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);

    let select_chain = sc_consensus::LongestChain::new(backend.clone());
    let transaction_pool = Arc::new(
        sc_transaction_pool::Builder::new(spawner.clone(), client.clone(), config.role.is_authority().into())
            .with_options(config.transaction_pool.clone())
            .with_prometheus(config.prometheus_registry())
            .build(),
    );

    let (block_import, grandpa_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        GRANDPA_JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        telemetry_handle.clone(),
    )?;
    let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
    let import_queue = sc_consensus_aura::import_queue::<AuthorityPair, _, _, _, _, _>(ImportQueueParams {
        block_import: block_import.clone(),
        justification_import: Some(Box::new(block_import.clone())),
        client: client.clone(),
        create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
        spawner: &spawner,
        registry: config.prometheus_registry(),
        check_for_equivocation: Default::default(),
        telemetry: telemetry_handle,
        compatibility_mode: CompatibilityMode::None,
    })?;

    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: Other { block_import, grandpa_link, slot_duration, telemetry },
    })
}

/// The slot and the time that a block claims.
fn inherents(slot_duration: SlotDuration) -> (AuraInherent, sp_timestamp::InherentDataProvider) {
    let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
    (AuraInherent::from_timestamp_and_slot_duration(*timestamp, slot_duration), timestamp)
}

/// Starts the node. Everything runs in the returned task manager. Wallets are told of the `identity_service`.
pub fn new_full<Network: NetworkBackend<Block, BlockHash>>(
    mut config: Configuration,
    identity_service: Option<String>,
) -> Result<TaskManager, Error> {
    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: Other { block_import, grandpa_link, slot_duration, mut telemetry },
    } = new_partial(&config, Spawner::of_node)?;

    // Taken out of the configuration: the SDK would derive other session keys from it.
    if let Some(seed) = config.dev_key_seed.take() {
        keys::insert(&keystore_container.keystore(), config.chain_spec.chain_type(), &seed)?;
    }
    if config.role.is_authority() {
        keys::warn_of_missing(&keystore_container.keystore(), &config.keystore);
    }

    let mut net_config = sc_network::config::FullNetworkConfiguration::<Block, BlockHash, Network>::new(
        &config.network,
        config.prometheus_registry().cloned(),
    );
    let network_metrics = Network::register_notification_metrics(config.prometheus_registry());
    let genesis = client.info().genesis_hash;
    let grandpa_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (grandpa_protocol_config, grandpa_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, Network>(
        grandpa_protocol.clone(),
        network_metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(grandpa_protocol_config);
    let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));

    let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync.clone())),
            block_relay: None,
            metrics: network_metrics,
            gap_sync_body_policy: None,
        })?;

    if config.offchain_worker.enabled {
        start_offchain_workers(
            &config,
            &task_manager,
            &client,
            &backend,
            &keystore_container,
            &transaction_pool,
            &network,
        )?;
    }

    let metrics = Metrics::new(config.prometheus_registry())?;
    let index = Index::new(specie_index::folder(&config.base_path.config_dir(config.chain_spec.id())), genesis);
    let index_chain = ClientChain { client: client.clone(), backend: backend.clone(), sync: sync_service.clone() };
    let (blocks, indexed) = tokio::sync::watch::channel(BlockNumber::default());
    task_manager.spawn_handle().spawn_blocking(
        "specie-index",
        Some("specie"),
        index::run(index_chain, client.clone(), index.clone(), metrics.clone(), blocks),
    );
    task_manager.spawn_handle().spawn_blocking("specie-watch", Some("specie"), watch::run(client.clone(), metrics));

    let role = config.role;
    let name = config.network.node_name.clone();
    let force_authoring = config.force_authoring;
    let enable_grandpa = !config.disable_grandpa;
    let prometheus_registry = config.prometheus_registry().cloned();
    let shared_voter_state = SharedVoterState::empty();
    let rpc_builder = {
        let deps = rpc::Deps {
            client: client.clone(),
            backend: backend.clone(),
            pool: transaction_pool.clone(),
            index,
            indexed,
            identity_service,
            grandpa: rpc::GrandpaDeps {
                voter_state: shared_voter_state.clone(),
                authority_set: grandpa_link.shared_authority_set().clone(),
                justifications: grandpa_link.justification_stream(),
                finality_proofs: sc_consensus_grandpa::FinalityProofProvider::new_for_service(
                    backend.clone(),
                    Some(grandpa_link.shared_authority_set().clone()),
                ),
                handoffs: warp_sync,
            },
        };
        Box::new(move |executor| rpc::create(deps.clone(), executor).map_err(|error| Error::Application(error.into())))
    };
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore_container.keystore(),
        transaction_pool: transaction_pool.clone(),
        rpc_builder,
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    let telemetry = telemetry.as_ref().map(Telemetry::handle);

    if role.is_authority() {
        let aura = sc_consensus_aura::start_aura::<AuthorityPair, _, _, _, _, _, _, _, _, _, _>(StartAuraParams {
            slot_duration,
            client: client.clone(),
            select_chain,
            block_import,
            proposer_factory: sc_basic_authorship::ProposerFactory::new(
                task_manager.spawn_handle(),
                client,
                transaction_pool.clone(),
                prometheus_registry.as_ref(),
                telemetry.clone(),
            ),
            create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
            force_authoring,
            // As on other production networks: blocks go on at their pace while finality stands still, so that
            // deadlines in blocks hold and the committee can act.
            backoff_authoring_blocks: None::<()>,
            keystore: keystore_container.keystore(),
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SLOT_PORTION),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.clone(),
            compatibility_mode: CompatibilityMode::None,
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
    }

    if enable_grandpa {
        let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: GRANDPA_GOSSIP_DURATION,
                justification_generation_period: GRANDPA_JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                keystore: role.is_authority().then(|| keystore_container.keystore()),
                local_role: role,
                telemetry: telemetry.clone(),
                protocol_name: grandpa_protocol,
            },
            link: grandpa_link,
            network,
            sync: sync_service,
            notification_service: grandpa_notifications,
            // No rule: votes go to the best block at once. Validators are few and near each other; staying blocks
            // behind the head would only delay payments.
            voting_rule: (),
            prometheus_registry,
            shared_voter_state,
            telemetry,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
    }

    Ok(task_manager)
}

fn start_offchain_workers(
    config: &Configuration,
    task_manager: &TaskManager,
    client: &Arc<FullClient>,
    backend: &Arc<FullBackend>,
    keystore_container: &KeystoreContainer,
    transaction_pool: &Arc<FullPool>,
    network: &Arc<dyn NetworkService>,
) -> Result<(), Error> {
    let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
        runtime_api_provider: client.clone(),
        is_validator: config.role.is_authority(),
        keystore: Some(keystore_container.keystore()),
        offchain_db: backend.offchain_storage(),
        transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
        network_provider: Arc::new(network.clone()),
        // The runtime has no business outside of the network.
        enable_http_requests: false,
        custom_extensions: |_| Vec::new(),
    })?;
    task_manager.spawn_handle().spawn(
        "offchain-workers-runner",
        Some("offchain-worker"),
        workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
    );
    Ok(())
}
