//! Feeds the index from the running node: its client and its database.

use crate::{
    metrics::Metrics,
    service::{FullBackend, FullClient},
};
use codec::Encode;
use futures::{FutureExt, StreamExt};
use futures_timer::Delay;
use sc_client_api::{backend::Backend, BlockBackend, BlockchainEvents, TrieCacheContext};
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::SyncOracle;
use specie_index::{
    chain::{Chain, ChainError},
    follow::{Follower, Reporter, Step},
    records::Entry,
    Index,
};
use specie_primitives::{
    api::{CoinInfo, SpecieApi},
    flow::BlockFlows,
    orders::{ExecutedOrders, OrdersApi},
    BlockNumber, CoinId, Hash,
};
use specie_runtime::opaque::Block;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// Time after which a step that failed or waits is tried again even though no block became final.
const RETRY: Duration = Duration::from_secs(5);

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

    fn flows(&self, block: Hash) -> Result<BlockFlows, ChainError> {
        Ok(self.client.runtime_api().flows(block)?)
    }

    fn executed(&self, block: Hash) -> Result<ExecutedOrders, ChainError> {
        let api = self.client.runtime_api();
        // A runtime from before there were orders is no failure.
        match api.has_api::<dyn OrdersApi<Block>>(block)? {
            true => Ok(api.executed_orders(block)?),
            false => Ok(ExecutedOrders::default()),
        }
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

/// Feeds the index for as long as the node runs, and tells of every block that it took in. Blocks its thread while it
/// works.
pub async fn run(
    chain: ClientChain,
    client: Arc<FullClient>,
    index: Index,
    metrics: Metrics,
    indexed: watch::Sender<BlockNumber>,
) {
    let mut finalized = client.finality_notification_stream();
    let mut reporter = Reporter::default();
    let on_block = Box::new(move |number, entries: &[Entry]| {
        metrics.indexed(number, entries.iter().map(|entry| &entry.flow));
        indexed.send_replace(number);
    });
    let mut follower = Follower::new(chain, index, on_block);
    loop {
        let outcome = follower.step();
        reporter.report(&outcome);
        if matches!(outcome, Ok(Step::More)) {
            // Notifications keep blocks pinned: the queue is emptied, the chain itself says what is new.
            while let Some(Some(_)) = finalized.next().now_or_never() {}
            tokio::task::yield_now().await;
            continue;
        }
        tokio::select! {
            notification = finalized.next() => if notification.is_none() { return },
            // Not tokio's timer: this thread outlives the runtime for a moment when the node stops, and that timer panics
            // then.
            () = Delay::new(RETRY) => {},
        }
    }
}
