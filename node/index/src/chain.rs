//! What the index needs of the chain.

use specie_primitives::{api::CoinInfo, flow::BlockFlows, orders::ExecutedOrders, BlockNumber, CoinId, Hash};

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
    /// What moved in that block, and when it was made.
    fn flows(&self, block: Hash) -> Result<BlockFlows, ChainError>;
    /// Orders that were executed in that block.
    fn executed(&self, block: Hash) -> Result<ExecutedOrders, ChainError>;
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
