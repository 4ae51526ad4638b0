//! Opens the database of the network that the chain spec describes, and of no other.

use crate::service::{FullBackend, FullClient};
use sc_client_api::backend::{Backend, BlockImportOperation};
use sc_consensus_grandpa::GrandpaPruningFilter;
use sc_executor::WasmExecutor;
use sc_service::{
    construct_genesis_block, resolve_state_version_from_wasm, Configuration, Error, GenesisBlockBuilder,
    KeystoreContainer, TaskManager,
};
use sc_telemetry::TelemetryHandle;
use sp_blockchain::HeaderBackend;
use sp_core::storage::Storage;
use sp_runtime::traits::{Block as _, HashingFor};
use specie_primitives::Hash;
use specie_runtime::opaque::Block;
use std::{path::Path, sync::Arc};

/// What the runtime may call outside of itself.
type HostFunctions = sp_io::SubstrateHostFunctions;
/// Executes the runtime.
pub type Executor = WasmExecutor<HostFunctions>;
/// What is made of the database: client, backend, keystore and tasks.
pub type Opened = (FullClient, Arc<FullBackend>, KeystoreContainer, TaskManager);

/// Opens the database, or makes it. This is the SDK's `new_full_parts` and one check more: that would take the database
/// of any network with the same id.
pub fn open(config: &Configuration, telemetry: Option<TelemetryHandle>) -> Result<Opened, Error> {
    let executor = sc_service::new_wasm_executor::<HostFunctions>(&config.executor);
    let mut settings = config.db_config();
    // Warp proofs are made of blocks with justifications: they outlive pruning.
    settings.pruning_filters = vec![Arc::new(GrandpaPruningFilter)];
    let backend = sc_service::new_db_backend::<Block>(settings)?;
    let storage = config.chain_spec.as_storage_builder().build_storage()?;
    refuse_other_network(config, &backend, &executor, &storage)?;
    let genesis = GenesisBlockBuilder::<Block, _, _>::new_with_storage(
        storage,
        !config.no_genesis(),
        backend.clone(),
        executor.clone(),
    )?;
    sc_service::new_full_parts_with_genesis_builder(config, telemetry, executor, backend, genesis, false)
}

/// Compares the first block of the database, if there is one, with the chain spec's.
fn refuse_other_network(
    config: &Configuration,
    backend: &FullBackend,
    executor: &Executor,
    storage: &Storage,
) -> Result<(), Error> {
    let stored = backend.blockchain().info().genesis_hash;
    if stored == Hash::default() {
        return Ok(());
    }
    let genesis = |version| -> Result<Hash, Error> {
        // Nothing is committed: the operation only works out the state's root.
        let root = backend.begin_operation()?.set_genesis_state(storage.clone(), false, version)?;
        Ok(construct_genesis_block::<Block>(root, version).header().hash())
    };
    if genesis(specie_runtime::VERSION.state_version())? == stored {
        return Ok(());
    }
    // The chain spec's runtime may want another version. It has to be compiled to be asked, which takes a while.
    let wanted = genesis(resolve_state_version_from_wasm::<_, HashingFor<Block>>(storage, executor)?)?;
    if wanted == stored {
        return Ok(());
    }
    Err(Error::Other(other_network(config.database.path(), stored, wanted)))
}

/// Why a database is refused whose first block is `stored` where the chain spec's is `wanted`.
pub fn other_network(database: Option<&Path>, stored: Hash, wanted: Hash) -> String {
    let database = database.map_or_else(|| "the database".to_owned(), |path| path.display().to_string());
    format!(
        "{database} holds the chain of another network: its first block is {stored:?}, the chain spec's is {wanted:?}. \
         Start the node with the chain spec that the database was made with, or with another --base-path; or remove \
         the database by 'purge-chain' with the same --chain and --base-path. (With a definition or a name instead of \
         a chain spec's file, the first block changes with the program.)"
    )
}
