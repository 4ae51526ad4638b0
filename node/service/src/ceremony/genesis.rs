//! The first block of a chain spec, without a database.

use crate::database::Executor;
use sc_service::{construct_genesis_block, resolve_state_version_from_wasm, ChainSpec};
use sp_core::{storage::well_known_keys::CODE, Blake2Hasher, Hasher};
use sp_runtime::traits::{BlakeTwo256, Block as _, Hash as _, HashingFor};
use specie_primitives::Hash;
use specie_runtime::opaque::Block;
use std::sync::LazyLock;

/// Remembers the runtimes that it compiled, which takes seconds: those of chain specs that are compared are mostly one.
static EXECUTOR: LazyLock<Executor> = LazyLock::new(|| Executor::builder().build());

/// What everybody must find alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Hash of the first block.
    pub genesis: Hash,
    /// Blake2 hash of the runtime in it: two builds of the program may differ here and nowhere else.
    pub runtime: Hash,
}

/// The facts of a chain spec.
pub fn facts(spec: &dyn ChainSpec) -> Result<Facts, String> {
    let storage = spec.as_storage_builder().build_storage()?;
    if !storage.children_default.is_empty() {
        return Err("the chain spec has child storage, which no network of this kind begins with".into());
    }
    let code = storage.top.get(CODE).ok_or("the chain spec has no runtime")?;
    let runtime = Blake2Hasher::hash(code);
    let version = resolve_state_version_from_wasm::<_, HashingFor<Block>>(&storage, &*EXECUTOR)
        .map_err(|error| format!("the chain spec's runtime does not tell its version: {error}"))?;
    let root = BlakeTwo256::trie_root(storage.top.into_iter().collect(), version);
    let genesis = construct_genesis_block::<Block>(root, version).header().hash();
    Ok(Facts { genesis, runtime })
}
