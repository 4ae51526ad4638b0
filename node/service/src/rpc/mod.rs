//! What can be asked over JSON-RPC beside the SDK's own methods.
//!
//! | methods | what for |
//! |---|---|
//! | `specie_*` | the money: see [`specie`]; [`subscribe`] tells what moves, [`subscribe_order`] what becomes of an order |
//! | `system_accountNextIndex`, `system_dryRun` | wallets that build transactions |
//! | `payment_queryInfo`, `payment_queryFeeDetails` | wallets that ask for fees: there are none |
//! | `grandpa_*` | justifications, proofs of finality, state of the vote |

pub mod answers;
pub mod errors;
pub mod read;
pub mod specie;
pub mod subscribe;
pub mod subscribe_order;

use crate::service::{FullBackend, FullClient, FullPool};
use jsonrpsee::{core::RegisterMethodError, RpcModule};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_network_sync::strategy::warp::WarpSyncProvider;
use sp_core::traits::SpawnNamed;
use specie::{Specie, SpecieRpcServer};
use specie_index::Index;
use specie_primitives::{BlockNumber, Hash};
use specie_runtime::opaque::Block;
use std::sync::Arc;
use subscribe::Subscriptions;
use substrate_frame_rpc_system::{System, SystemApiServer};
use tokio::sync::watch;

/// What the methods answer from.
#[derive(Clone)]
pub struct Deps {
    /// Blocks, states and the runtime.
    pub client: Arc<FullClient>,
    /// Knows which states are there.
    pub backend: Arc<FullBackend>,
    /// Transactions that wait.
    pub pool: Arc<FullPool>,
    /// Who holds what.
    pub index: Index,
    /// The last block that the index took in.
    pub indexed: watch::Receiver<BlockNumber>,
    /// Where the operator says that the identity service is.
    pub identity_service: Option<String>,
    /// Finality.
    pub grandpa: GrandpaDeps,
}

/// What the `grandpa_*` methods answer from.
#[derive(Clone)]
pub struct GrandpaDeps {
    /// State of the vote.
    pub voter_state: SharedVoterState,
    /// Who votes.
    pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    /// New justifications.
    pub justifications: GrandpaJustificationStream<Block>,
    /// Proofs from stored justifications.
    pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
    /// Proofs from a trusted block on.
    pub handoffs: Arc<dyn WarpSyncProvider<Block>>,
}

/// All methods of this node's own.
pub fn create(deps: Deps, executor: Arc<dyn SpawnNamed>) -> Result<RpcModule<()>, RegisterMethodError> {
    let Deps { client, backend, pool, index, indexed, identity_service, grandpa } = deps;
    let mut module = RpcModule::new(());
    let GrandpaDeps { voter_state, authority_set, justifications, finality_proofs, handoffs } = grandpa;
    let subscriptions = Subscriptions::new(executor.clone(), client.clone(), index.clone(), indexed);
    module.merge(Specie::new(client.clone(), backend, index, subscriptions, identity_service, handoffs).into_rpc())?;
    module.merge(System::new(client.clone(), pool).into_rpc())?;
    module.merge(TransactionPayment::new(client).into_rpc())?;
    module.merge(Grandpa::new(executor, authority_set, voter_state, justifications, finality_proofs).into_rpc())?;
    Ok(module)
}
