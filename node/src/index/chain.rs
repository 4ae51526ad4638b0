//! What the index needs of the chain, and where it gets it: the client and its database.

use crate::service::{FullBackend, FullClient};
use codec::Encode;
use sc_client_api::{backend::Backend, BlockBackend, TrieCacheContext};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_consensus::SyncOracle;
use specie_primitives::{
    api::{CoinInfo, SpecieApi},
    flow::Flow,
    BlockNumber, CoinId, Hash,
};
use std::sync::Arc;

/// Why the chain could not answer.
pub type ChainError = Box<dyn std::error::Error + Send + Sync>;

/// The finalised chain, as the index sees it.
pub trait Chain: Send + 'static {
    /// The first block.
    fn genesis(&self) -> Hash;
    /// The finalised head.
    fn finalized(&self) -> (BlockNumber, Hash);
    /// The block of that number on the best chain, if it is known.
    fn block(&self, number: BlockNumber) -> Result<Option<Hash>, ChainError>;
    /// Whether the state after that block is at hand.
    fn has_state(&self, block: Hash) -> bool;
    /// Keeps the state after that block from being pruned until [`Chain::unpin`].
    fn pin(&self, block: Hash) -> Result<(), ChainError>;
    /// Ends [`Chain::pin`].
    fn unpin(&self, block: Hash);
    /// Whether the node is still far behind the others.
    fn is_syncing(&self) -> bool;
    /// What moved in that block.
    fn flows(&self, block: Hash) -> Result<Vec<Flow>, ChainError>;
    /// A coin after that block.
    fn coin(&self, block: Hash, coin: CoinId) -> Result<Option<CoinInfo>, ChainError>;
    /// A page of the register after that block, see [`SpecieApi::register_page`].
    fn register_page(
        &self,
        block: Hash,
        after: Option<Vec<u8>>,
        limit: u32,
    ) -> Result<(Vec<CoinInfo>, Option<Vec<u8>>), ChainError>;
    /// Hashes of that block's extrinsics; `None` if its body is not at hand.
    fn extrinsics(&self, block: Hash) -> Result<Option<Vec<Hash>>, ChainError>;
}

/// The chain of a running node.
pub struct ClientChain {
    /// Answers from blocks and states.
    pub client: Arc<FullClient>,
    /// Keeps the states.
    pub backend: Arc<FullBackend>,
    /// Knows how far the others are.
    pub sync: Arc<dyn SyncOracle + Send + Sync>,
}

impl Chain for ClientChain {
    fn genesis(&self) -> Hash {
        self.client.info().genesis_hash
    }

    fn finalized(&self) -> (BlockNumber, Hash) {
        let info = self.client.info();
        (info.finalized_number, info.finalized_hash)
    }

    fn block(&self, number: BlockNumber) -> Result<Option<Hash>, ChainError> {
        Ok(self.client.hash(number)?)
    }

    fn has_state(&self, block: Hash) -> bool {
        self.backend.state_at(block, TrieCacheContext::Untrusted).is_ok()
    }

    fn pin(&self, block: Hash) -> Result<(), ChainError> {
        Ok(self.backend.pin_block(block)?)
    }

    fn unpin(&self, block: Hash) {
        self.backend.unpin_block(block);
    }

    fn is_syncing(&self) -> bool {
        self.sync.is_major_syncing()
    }

    fn flows(&self, block: Hash) -> Result<Vec<Flow>, ChainError> {
        Ok(self.client.runtime_api().flows(block)?)
    }

    fn coin(&self, block: Hash, coin: CoinId) -> Result<Option<CoinInfo>, ChainError> {
        Ok(self.client.runtime_api().coin(block, coin)?)
    }

    fn register_page(
        &self,
        block: Hash,
        after: Option<Vec<u8>>,
        limit: u32,
    ) -> Result<(Vec<CoinInfo>, Option<Vec<u8>>), ChainError> {
        Ok(self.client.runtime_api().register_page(block, after, limit)?)
    }

    fn extrinsics(&self, block: Hash) -> Result<Option<Vec<Hash>>, ChainError> {
        let body = self.client.block_body(block)?;
        let hash = |extrinsic: &specie_runtime::opaque::UncheckedExtrinsic| {
            <sp_runtime::traits::BlakeTwo256 as sp_runtime::traits::Hash>::hash(&extrinsic.encode())
        };
        Ok(body.map(|body| body.iter().map(hash).collect()))
    }
}
