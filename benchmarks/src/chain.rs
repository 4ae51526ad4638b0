//! A chain that is built by one client and imported by another, so that the one that is measured finds in its caches
//! only what it imported itself.

use crate::{
    configuration::Configuration,
    population::{Payment, Population},
};
use anyhow::{anyhow, ensure, Result};
use codec::{Decode, Encode};
use futures::executor::block_on;
use pallet_admission::{Admit, CheckNonce};
use sc_block_builder::{BlockBuilderBuilder, BuiltBlock};
use sc_client_api::{execution_extensions::ExecutionExtensions, Finalizer, StorageProvider};
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource};
use sc_consensus::{BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult, StateAction, StorageChanges};
use sc_executor::WasmExecutor;
use sc_service::{config::ExecutorConfiguration, ClientConfig, GenesisBlockBuilder, TaskManager};
use sp_api::{Core, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::BlockOrigin;
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_core::{
    sr25519,
    storage::{Storage, StorageKey},
    Pair,
};
use sp_crypto_hashing::twox_128;
use sp_inherents::InherentData;
use sp_runtime::{generic::Era, traits::Block as _, Digest, DigestItem, MultiAddress, MultiSignature};
use sp_timestamp::{Timestamp, INHERENT_IDENTIFIER};
use specie_primitives::{api::SpecieApi, BlockNumber, CoinRef, Hash, Holder, Nonce, OwnerId, MILLISECS_PER_BLOCK};
use specie_runtime::{
    opaque::{Block, Header, UncheckedExtrinsic as OpaqueExtrinsic},
    Runtime, RuntimeApi, RuntimeCall, RuntimeEvent, SignedPayload, TxExtension, UncheckedExtrinsic, VERSION,
};
use std::{
    fmt::Display,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Handle;

type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
type Backend = sc_service::TFullBackend<Block>;
type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;

/// Cache of state, in bytes: a node's, unless it is told otherwise.
const TRIE_CACHE: usize = 1024 * 1024 * 1024;
/// When the first block was made: the beginning of 2026, in seconds since 1970.
const BEGINNING: u64 = 1_767_225_600;
/// The key that sets thresholds of alerts.
const SUPERVISOR: &str = "//Supervising//1";

/// Says what failed.
fn failed<E: Display>(what: &'static str) -> impl Fn(E) -> anyhow::Error {
    move |error: E| anyhow!("{what}: {error}")
}

/// The chain of a configuration.
pub struct Chain {
    configuration: Configuration,
    maker: Client,
    /// The one that is measured.
    taker: Client,
    genesis: Hash,
    slot: u64,
    _tasks: TaskManager,
}

impl Chain {
    /// Makes the first two blocks, and gives the population its coins.
    pub fn create(
        configuration: Configuration,
        population: &mut Population,
        folder: &Path,
        handle: &Handle,
    ) -> Result<Self> {
        let storage = configuration.genesis(population)?;
        population.endow(coins_of(&storage))?;
        let tasks = TaskManager::new(handle.clone(), None).map_err(failed("the background tasks"))?;
        // One for both, which compiles the runtime once.
        let executor: Executor = sc_service::new_wasm_executor(&ExecutorConfiguration::default());
        let maker = open(&folder.join("maker"), storage.clone(), &executor, &tasks)?;
        let taker = open(&folder.join("taker"), storage, &executor, &tasks)?;
        let genesis = HeaderBackend::<Block>::info(&taker).genesis_hash;
        let slot = BEGINNING * 1_000 / MILLISECS_PER_BLOCK;
        let mut chain = Self { configuration, maker, taker, genesis, slot, _tasks: tasks };
        let supervisor = sr25519::Pair::from_string(SUPERVISOR, None).map_err(|_| anyhow!("{SUPERVISOR} is no key"))?;
        let set_up = chain.signed(&supervisor, 0, chain.configuration.set_up());
        chain.block(vec![set_up], 0)?;
        Ok(chain)
    }

    /// Name of the configuration.
    pub fn name(&self) -> &str {
        &self.configuration.name
    }

    /// Name of the runtime.
    pub fn spec_name(&self) -> Result<String> {
        let version = self.taker.runtime_api().version(self.genesis).map_err(failed("the runtime's version"))?;
        Ok(version.spec_name.to_string())
    }

    /// Makes a block of payments, each a transaction of its payer. Gives how long it took to import it.
    pub fn pay(&mut self, population: &Population, payments: &[Payment]) -> Result<Duration> {
        let mut transactions = Vec::new();
        for payment in payments {
            let (payer, nonce, to) = population.parties(payment);
            let transfer = pallet_ownership::Call::<Runtime>::transfer {
                to,
                coins: vec![payment.coin].try_into().map_err(|_| anyhow!("one coin is too many"))?,
            };
            transactions.push(self.signed(payer, nonce, transfer.into()));
        }
        self.block(transactions, payments.len())
    }

    /// Checks that the runtime did what the configuration says, so that nothing else was measured.
    pub fn check(&self, population: &Population) -> Result<()> {
        let Some(owner) = population.payer() else { return Ok(()) };
        let Configuration { ref name, counts, limits, alerts, .. } = self.configuration;
        let last = HeaderBackend::<Block>::info(&self.taker).best_hash;
        let info = self.taker.runtime_api().limits(last, owner).map_err(failed("the limits of an owner"))?;
        let info = info.ok_or_else(|| anyhow!("{name}: an owner is gone"))?;
        ensure!((info.paid_today > 0) == counts, "{name}: {} is counted as paid", info.paid_today);
        ensure!(info.limits.per_day.is_some() == limits, "{name}: the limits are {:?}", info.limits);
        let patterns = StorageKey([twox_128(b"Supervision"), twox_128(b"Patterns")].concat());
        let mut patterns = StorageProvider::<Block, Backend>::storage_keys(&self.taker, last, Some(&patterns), None)
            .map_err(failed("the keys of the state"))?;
        let watched = alerts && counts;
        ensure!(patterns.next().is_some() == watched, "{name}: payments are watched, or should be");
        Ok(())
    }

    /// Hash of the first block.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Number of the block that comes next.
    pub fn next_block(&self) -> BlockNumber {
        HeaderBackend::<Block>::info(&self.taker).best_number + 1
    }

    /// A transaction.
    pub fn signed(&self, pair: &sr25519::Pair, nonce: Nonce, call: RuntimeCall) -> UncheckedExtrinsic {
        let extension: TxExtension = (
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckEra::from(Era::Immortal),
            Admit::new(),
            CheckNonce::from(nonce),
            frame_system::CheckWeight::new(),
            frame_system::WeightReclaim::new(),
        );
        let versions = (VERSION.spec_version, VERSION.transaction_version);
        let implicit = ((), versions.0, versions.1, self.genesis, self.genesis, (), (), (), ());
        let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
        let signature = payload.using_encoded(|bytes| pair.sign(bytes));
        let signer = MultiAddress::Id(pair.public().into());
        UncheckedExtrinsic::new_signed(call, signer, MultiSignature::Sr25519(signature), extension)
    }

    /// Builds a block in which so many payments succeed, and imports it on both sides. Gives how long the import took that
    /// executes it.
    pub fn block(&mut self, transactions: Vec<UncheckedExtrinsic>, payments: usize) -> Result<Duration> {
        self.slot += 1;
        let (block, changes) = build(&self.maker, self.slot, transactions)?.into_inner();
        let hash = block.hash();
        let (header, body) = block.deconstruct();
        let time = import(&self.taker, hash, header.clone(), body.clone(), StateAction::Execute)?;
        let made = payments_in(&self.taker, hash)?;
        ensure!(made == payments, "{}: {made} of {payments} payments succeeded", self.configuration.name);
        // After what is measured: the other database is written in the background.
        import(&self.maker, hash, header, body, StateAction::ApplyChanges(StorageChanges::Changes(changes)))?;
        Ok(time)
    }
}

/// Opens a client as a node does.
fn open(folder: &Path, storage: Storage, executor: &Executor, tasks: &TaskManager) -> Result<Client> {
    let settings = DatabaseSettings {
        trie_cache_maximum_size: Some(TRIE_CACHE),
        state_pruning: None,
        source: DatabaseSource::ParityDb { path: folder.to_owned() },
        blocks_pruning: BlocksPruning::KeepFinalized,
        pruning_filters: Vec::new(),
        metrics_registry: None,
    };
    let backend = sc_service::new_db_backend::<Block>(settings).map_err(failed("the database"))?;
    let genesis =
        GenesisBlockBuilder::<Block, _, _>::new_with_storage(storage, true, backend.clone(), executor.clone())
            .map_err(failed("the first block"))?;
    sc_service::new_client(
        backend,
        executor.clone(),
        genesis,
        None,
        None,
        ExecutionExtensions::new(None, Arc::new(executor.clone())),
        Box::new(tasks.spawn_handle()),
        None,
        None,
        ClientConfig::default(),
    )
    .map_err(failed("the client"))
}

/// Coins of owners in a state.
fn coins_of(storage: &Storage) -> Vec<(OwnerId, CoinRef)> {
    let mut state = sp_io::TestExternalities::from(storage.clone());
    state.execute_with(|| {
        let coins = pallet_ownership::Coins::<Runtime>::iter();
        let held = coins.filter_map(|(coin, entry)| match entry.holder {
            Holder::Owner(owner) => Some((owner, CoinRef { coin, revision: entry.revision })),
            _ => None,
        });
        held.collect()
    })
}

fn build(client: &Client, slot: u64, transactions: Vec<UncheckedExtrinsic>) -> Result<BuiltBlock<Block>> {
    let parent = HeaderBackend::<Block>::info(client);
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
    let mut builder = BlockBuilderBuilder::<Block, Client>::new(client)
        .on_parent_block(parent.best_hash)
        .with_parent_block_number(parent.best_number)
        .with_inherent_digests(digest)
        .build()
        .map_err(failed("a new block"))?;
    let mut data = InherentData::new();
    data.put_data(INHERENT_IDENTIFIER, &Timestamp::new(slot * MILLISECS_PER_BLOCK)).map_err(failed("the time"))?;
    for inherent in builder.create_inherents(data).map_err(failed("the inherents"))? {
        builder.push(inherent).map_err(failed("an inherent"))?;
    }
    let all = transactions.len();
    for (number, transaction) in transactions.into_iter().enumerate() {
        let transaction = OpaqueExtrinsic::from(transaction);
        builder.push(transaction).map_err(|error| {
            anyhow!("transaction {number} of {all} was refused: {error}. If the block is full, take fewer --payments")
        })?;
    }
    builder.build().map_err(failed("a block"))
}

/// Imports a block, which is final then. Gives how long the import took.
fn import(
    client: &Client,
    hash: Hash,
    header: Header,
    body: Vec<OpaqueExtrinsic>,
    action: StateAction<Block>,
) -> Result<Duration> {
    let mut params = BlockImportParams::new(BlockOrigin::NetworkBroadcast, header);
    params.body = Some(body);
    params.state_action = action;
    params.fork_choice = Some(ForkChoiceStrategy::LongestChain);
    let start = Instant::now();
    let outcome = block_on(BlockImport::<Block>::import_block(client, params));
    let time = start.elapsed();
    let outcome = outcome.map_err(failed("the import of a block"))?;
    ensure!(matches!(outcome, ImportResult::Imported(_)), "the block was not imported: {outcome:?}");
    Finalizer::<Block, Backend>::finalize_block(client, hash, None, false).map_err(failed("a final block"))?;
    Ok(time)
}

fn storage(client: &Client, at: Hash, key: Vec<u8>) -> Result<Option<Vec<u8>>> {
    let value = StorageProvider::<Block, Backend>::storage(client, at, &StorageKey(key));
    Ok(value.map_err(failed("an entry of the state"))?.map(|data| data.0))
}

/// How many payments succeeded in a block.
fn payments_in(client: &Client, block: Hash) -> Result<usize> {
    type Events = Vec<Box<frame_system::EventRecord<RuntimeEvent, Hash>>>;
    let key = [twox_128(b"System"), twox_128(b"Events")].concat();
    let events = storage(client, block, key)?.unwrap_or_default();
    let events = Events::decode(&mut events.as_slice()).map_err(failed("the events of a block"))?;
    let paid =
        |event: &RuntimeEvent| matches!(event, RuntimeEvent::Ownership(pallet_ownership::Event::Transferred { .. }));
    Ok(events.iter().filter(|record| paid(&record.event)).count())
}
