//! The `specie_*` methods.
//!
//! Whatever takes a block (`at`) answers from the state of the last final block unless told otherwise. Holdings and
//! records come from the node's index, which follows final blocks only. Nobody needs to believe the node: holdings can be
//! had with a proof against the block's state, and proofs that a block is final. Errors: see [`super::errors`].

use super::{
    answers::{
        BlockRef, Holdings, IndexStatus, Network, Pickups, ProvenHoldings, ProvenOrder, Records, StateProof, TriedOrder,
    },
    errors::Error,
    read::{
        read_account, read_coin, read_cursor, read_limit, read_order, read_owner, read_pickup_cursor, read_query,
        read_value, MAX_LIMIT, MAX_PROVEN,
    },
    subscribe::Subscriptions,
};
use crate::service::{FullBackend, FullClient};
use codec::Encode;
use jsonrpsee::{proc_macros::rpc, PendingSubscriptionSink};
use sc_client_api::{backend::Backend, ProofProvider, TrieCacheContext};
use sc_network_sync::strategy::warp::WarpSyncProvider;
use serde_json::Value;
use sp_api::{ApiError, ApiRef, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::Bytes;
use specie_index::{orders::Execution, Index};
use specie_primitives::{
    api::{BankInfo, CoinInfo, HoldInfo, InstitutionsInfo, LimitsInfo, OwnerInfo, PickupInfo, RecoveryInfo, SpecieApi},
    books::SupplyReport,
    cards::{CardInfo, CardNumber, CardsApi, CardsOf, CardsPage},
    certificates::{BatchCertificateInfo, BatchInfo, CertificatesApi, HexBytes, RevocationsInfo, RootKeysInfo},
    custody::{CustodyApi, QueueInfo, QueuedInfo},
    entries,
    escrow::{EscrowApi, EscrowInfo},
    instruments::{InstrumentInfo, InstrumentsApi, InstrumentsPage, UnitsInfo},
    joint::{JointApi, JointInfo},
    orders::{OrderInfo, OrdersApi},
    payment_codes::{CodesApi, PendingInfo, SmallAmountsInfo},
    BankId, BlockNumber, CoinRange, Hash, Holder, InstrumentId, OwnerId, PickupId, VaultId,
};
use specie_runtime::{opaque::Block, RuntimeApi};
use std::sync::Arc;

/// The methods. All of them read only.
#[rpc(server, namespace = "specie")]
pub trait SpecieRpc {
    /// Facts about the network and how far this node is.
    #[method(name = "network", blocking)]
    fn network(&self) -> Result<Network, Error>;

    /// Where all value is, and every equality of the books.
    #[method(name = "supply", blocking)]
    fn supply(&self, at: Option<Hash>) -> Result<SupplyReport, Error>;

    /// Every bank.
    #[method(name = "banks", blocking)]
    fn banks(&self, at: Option<Hash>) -> Result<Vec<BankInfo>, Error>;

    /// Institutions and their keys.
    #[method(name = "institutions", blocking)]
    fn institutions(&self, at: Option<Hash>) -> Result<InstitutionsInfo, Error>;

    /// An owner, or `null`.
    #[method(name = "owner", blocking)]
    fn owner(&self, owner: String, at: Option<Hash>) -> Result<Option<OwnerInfo>, Error>;

    /// Limits of an owner and how far it is from them, or `null`.
    #[method(name = "limits", blocking)]
    fn limits(&self, owner: String, at: Option<Hash>) -> Result<Option<LimitsInfo>, Error>;

    /// Every request for another key that waits.
    #[method(name = "recoveries", blocking)]
    fn recoveries(&self, at: Option<Hash>) -> Result<Vec<RecoveryInfo>, Error>;

    /// The owner that a key is or was bound to, or `null`. The key is an SS58 address or hexadecimal.
    #[method(name = "ownerOf", blocking)]
    fn owner_of(&self, key: String, at: Option<Hash>) -> Result<Option<OwnerId>, Error>;

    /// A coin, or `null`.
    #[method(name = "coin", blocking)]
    fn coin(&self, coin: String, at: Option<Hash>) -> Result<Option<CoinInfo>, Error>;

    /// A payment that waits to be picked up, by its number, or `null`.
    #[method(name = "pickup", blocking)]
    fn pickup(&self, pickup: PickupId, at: Option<Hash>) -> Result<Option<PickupInfo>, Error>;

    /// Payments that an owner left, ascending, and then those that wait for it, registered or not.
    #[method(name = "pickups", blocking)]
    fn pickups(
        &self,
        owner: String,
        cursor: Option<String>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<Pickups, Error>;

    /// Transfers that wait for the reserve of a bank, and what the bank does with them; or `null`.
    #[method(name = "queue", blocking)]
    fn queue(&self, bank: BankId, at: Option<Hash>) -> Result<Option<QueueInfo>, Error>;

    /// Transfers of an owner that wait for the reserve of a bank.
    #[method(name = "queued", blocking)]
    fn queued(&self, owner: String, at: Option<Hash>) -> Result<Vec<QueuedInfo>, Error>;

    /// An escrow by its name, or `null` when it is over.
    #[method(name = "escrow", blocking)]
    fn escrow(&self, escrow: String, at: Option<Hash>) -> Result<Option<EscrowInfo>, Error>;

    /// Escrows in which an owner is payer or payee; the next page comes after the last name of this one.
    #[method(name = "escrows", blocking)]
    fn escrows(
        &self,
        owner: String,
        after: Option<String>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<Vec<EscrowInfo>, Error>;

    /// A bill, a voucher or a security by its number, or `null`.
    #[method(name = "instrument", blocking)]
    fn instrument(&self, instrument: InstrumentId, at: Option<Hash>) -> Result<Option<InstrumentInfo>, Error>;

    /// Instruments, ascending from the number `cursor`.
    #[method(name = "instruments", blocking)]
    fn instruments(
        &self,
        cursor: Option<InstrumentId>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<InstrumentsPage, Error>;

    /// Units that an owner holds, ascending after an instrument.
    #[method(name = "units", blocking)]
    fn units(
        &self,
        owner: String,
        after: Option<InstrumentId>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<Vec<UnitsInfo>, Error>;

    /// Owners that hold an instrument, after an owner of this list.
    #[method(name = "instrumentHolders", blocking)]
    fn instrument_holders(
        &self,
        instrument: InstrumentId,
        after: Option<String>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<Vec<UnitsInfo>, Error>;

    /// Never-issued coins in a vault: `"issue"` or `{"bank": <number>}`.
    #[method(name = "ranges", blocking)]
    fn ranges(&self, vault: Value, at: Option<Hash>) -> Result<Vec<CoinRange>, Error>;

    /// What the supervisor holds, from the hold after the one on this target on: `{"owner": "<id>"}`,
    /// `{"coin": "<coin>"}` or `{"bank": <number>}`.
    #[method(name = "holds", blocking)]
    fn holds(&self, after: Option<Value>, limit: Option<u32>, at: Option<Hash>) -> Result<Vec<HoldInfo>, Error>;

    /// Coins of a holder: `{"owner": "<id>"}`, `{"vault": "issue"}`, `{"vault": {"bank": <number>}}` or
    /// `{"pickup": <number>}`.
    #[method(name = "holdings", blocking)]
    fn holdings(&self, holder: Value, cursor: Option<String>, limit: Option<u32>) -> Result<Holdings, Error>;

    /// The same coins with a proof of their entries, their face values and the owner's totals after a block, by default
    /// the index's. A coin that moved in between shows as what it is after that block.
    #[method(name = "holdingsProof", blocking)]
    fn holdings_proof(
        &self,
        holder: Value,
        cursor: Option<String>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<ProvenHoldings, Error>;

    /// Everything that moved: of a coin, an owner, a bank, a period, of some kinds; newest or oldest first.
    #[method(name = "records", blocking)]
    fn records(&self, query: Option<Value>, cursor: Option<String>, limit: Option<u32>) -> Result<Records, Error>;

    /// The same, oldest first, and then whatever moves, as it becomes final: each movement once, from a cursor on.
    #[subscription(name = "subscribeRecords" => "newRecords", unsubscribe = "unsubscribeRecords", item = RecordsMessage)]
    fn subscribe_records(&self, query: Option<Value>, cursor: Option<String>);

    /// Proof that blocks are final, for somebody who trusts one block, by default the first: headers with GRANDPA
    /// justifications of each change of voters since, and of the last final block. In SCALE, as in warp sync.
    #[method(name = "finalityProof", blocking)]
    fn finality_proof(&self, since: Option<Hash>) -> Result<Bytes, Error>;

    /// A batch, or `null`.
    #[method(name = "batch", blocking)]
    fn batch(&self, batch: u32, at: Option<Hash>) -> Result<Option<BatchInfo>, Error>;

    /// The certificate of a batch with those above it, or `null`.
    #[method(name = "certificate", blocking)]
    fn certificate(&self, batch: u32, at: Option<Hash>) -> Result<Option<BatchCertificateInfo>, Error>;

    /// The issuer's certificate keys.
    #[method(name = "rootKeys", blocking)]
    fn root_keys(&self, at: Option<Hash>) -> Result<RootKeysInfo, Error>;

    /// Certificates of a bank's note keys.
    #[method(name = "bankCertificates", blocking)]
    fn bank_certificates(&self, bank: BankId, at: Option<Hash>) -> Result<Vec<HexBytes>, Error>;

    /// Revocations whose numbers are above `after`, ascending.
    #[method(name = "revocations", blocking)]
    fn revocations(&self, after: Option<u32>, limit: Option<u32>, at: Option<Hash>) -> Result<RevocationsInfo, Error>;

    /// A card by its number or its key, an SS58 address or hexadecimal; or `null`.
    #[method(name = "card", blocking)]
    fn card(&self, card: Value, at: Option<Hash>) -> Result<Option<CardInfo>, Error>;

    /// Cards that were made for a bank, `{"bank": <number>}`, or are bound to an owner, `{"holder": "<id>"}`, ascending from
    /// the number `cursor`.
    #[method(name = "cards", blocking)]
    fn cards(
        &self,
        of: Value,
        cursor: Option<CardNumber>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<CardsPage, Error>;

    /// A joint account: its managers, how many of them must sign, and other ones that its bank proposed; or `null`.
    #[method(name = "jointAccount", blocking)]
    fn joint_account(&self, account: String, at: Option<Hash>) -> Result<Option<JointInfo>, Error>;

    /// Joint accounts that an owner manages, those that were closed with them.
    #[method(name = "jointAccounts", blocking)]
    fn joint_accounts(&self, manager: String, at: Option<Hash>) -> Result<Vec<JointInfo>, Error>;

    /// An order: where it was executed, as long as the chain remembers it, and who took back their consent to it.
    #[method(name = "order", blocking)]
    fn order(&self, order: String, at: Option<Hash>) -> Result<OrderInfo, Error>;

    /// Where an order was executed, also when the chain has forgotten it, with a proof that leads to the state after the
    /// index's last block.
    #[method(name = "orderProof", blocking)]
    fn order_proof(&self, order: String) -> Result<ProvenOrder, Error>;

    /// The present block by the clock of orders, which stands still with payments: orders name their blocks by it.
    #[method(name = "orderClock", blocking)]
    fn order_clock(&self, at: Option<Hash>) -> Result<BlockNumber, Error>;

    /// What would come of an order, its bytes in hexadecimal, if this account submitted it alone after a block, by default
    /// the best one.
    #[method(name = "tryOrder", blocking)]
    fn try_order(&self, order: Bytes, submitter: String, at: Option<Hash>) -> Result<TriedOrder, Error>;

    /// What becomes of an order: one message, when a final block executed it, one of these parties takes part in it no more, or
    /// its last block has passed, as far as the subscriber names them.
    #[subscription(name = "subscribeOrder" => "newOrder", unsubscribe = "unsubscribeOrder", item = OrderNews)]
    fn subscribe_order(&self, order: String, parties: Option<Vec<String>>, valid_until: Option<BlockNumber>);

    /// Payments by code that wait for their payer's confirmation, of a payer or a payee; at most 1 000.
    #[method(name = "pendingPayments", blocking)]
    fn pending_payments(&self, owner: String, at: Option<Hash>) -> Result<Vec<PendingInfo>, Error>;

    /// What payees may take of an owner in small amounts, or `null`.
    #[method(name = "smallAmounts", blocking)]
    fn small_amounts(&self, owner: String, at: Option<Hash>) -> Result<Option<SmallAmountsInfo>, Error>;

    /// How far the index is.
    #[method(name = "indexStatus", blocking)]
    fn index_status(&self) -> Result<IndexStatus, Error>;
}

/// Answers the methods.
pub struct Specie {
    client: Arc<FullClient>,
    backend: Arc<FullBackend>,
    index: Index,
    subscriptions: Subscriptions,
    identity_service: Option<String>,
    finality: Arc<dyn WarpSyncProvider<Block>>,
}

type Api<'a> = ApiRef<'a, <RuntimeApi as sp_api::ConstructRuntimeApi<Block, FullClient>>::RuntimeApi>;

impl Specie {
    /// Answers from these.
    pub fn new(
        client: Arc<FullClient>,
        backend: Arc<FullBackend>,
        index: Index,
        subscriptions: Subscriptions,
        identity_service: Option<String>,
        finality: Arc<dyn WarpSyncProvider<Block>>,
    ) -> Self {
        Self { client, backend, index, subscriptions, identity_service, finality }
    }

    /// Asks the runtime at a block, by default the last final one.
    fn ask<T>(
        &self,
        at: Option<Hash>,
        question: impl FnOnce(Api<'_>, Hash) -> Result<T, ApiError>,
    ) -> Result<T, Error> {
        let block = at.unwrap_or_else(|| self.client.info().finalized_hash);
        self.ensure_state(block)?;
        question(self.client.runtime_api(), block).map_err(|error| Error::Runtime(block, error.to_string()))
    }

    fn ensure_state(&self, block: Hash) -> Result<(), Error> {
        if self.backend.state_at(block, TrieCacheContext::Untrusted).is_err() {
            return Err(match self.client.number(block) {
                Ok(Some(_)) => Error::NoState(block),
                _ => Error::UnknownBlock(block),
            });
        }
        Ok(())
    }

    /// Proves entries of the state after a block.
    fn prove(&self, block: Hash, keys: &[Vec<u8>]) -> Result<StateProof, Error> {
        self.ensure_state(block)?;
        let header = self.client.header(block).ok().flatten().ok_or(Error::UnknownBlock(block))?;
        let proof = self
            .client
            .read_proof(block, &mut keys.iter().map(Vec::as_slice))
            .map_err(|error| Error::Runtime(block, error.to_string()))?;
        Ok(StateProof {
            block: BlockRef { number: header.number, hash: block },
            state_root: header.state_root,
            nodes: proof.into_iter_nodes().map(Bytes).collect(),
        })
    }
}

impl SpecieRpcServer for Specie {
    fn network(&self) -> Result<Network, Error> {
        let chain = self.client.info();
        Ok(Network {
            info: self.ask(Some(chain.finalized_hash), |api, block| api.network(block))?,
            identity_service: self.identity_service.clone(),
            genesis: chain.genesis_hash,
            best: BlockRef { number: chain.best_number, hash: chain.best_hash },
            finalized: BlockRef { number: chain.finalized_number, hash: chain.finalized_hash },
            index: self.index.status().into(),
        })
    }

    fn supply(&self, at: Option<Hash>) -> Result<SupplyReport, Error> {
        self.ask(at, |api, block| api.supply(block))
    }

    fn banks(&self, at: Option<Hash>) -> Result<Vec<BankInfo>, Error> {
        self.ask(at, |api, block| api.banks(block))
    }

    fn institutions(&self, at: Option<Hash>) -> Result<InstitutionsInfo, Error> {
        self.ask(at, |api, block| api.institutions(block))
    }

    fn owner(&self, owner: String, at: Option<Hash>) -> Result<Option<OwnerInfo>, Error> {
        let owner = read_owner(owner)?;
        self.ask(at, |api, block| api.owner(block, owner))
    }

    fn limits(&self, owner: String, at: Option<Hash>) -> Result<Option<LimitsInfo>, Error> {
        let owner = read_owner(owner)?;
        self.ask(at, |api, block| api.limits(block, owner))
    }

    fn recoveries(&self, at: Option<Hash>) -> Result<Vec<RecoveryInfo>, Error> {
        self.ask(at, |api, block| api.recoveries(block))
    }

    fn owner_of(&self, key: String, at: Option<Hash>) -> Result<Option<OwnerId>, Error> {
        let key = read_account(key)?;
        self.ask(at, |api, block| api.owner_of(block, key))
    }

    fn coin(&self, coin: String, at: Option<Hash>) -> Result<Option<CoinInfo>, Error> {
        let coin = read_coin(coin)?;
        self.ask(at, |api, block| api.coin(block, coin))
    }

    fn pickup(&self, pickup: PickupId, at: Option<Hash>) -> Result<Option<PickupInfo>, Error> {
        self.ask(at, |api, block| api.pickup(block, pickup))
    }

    fn pickups(
        &self,
        owner: String,
        cursor: Option<String>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<Pickups, Error> {
        let (owner, after) = (read_owner(owner)?, read_pickup_cursor(cursor)?);
        let limit = u32::try_from(read_limit(limit, MAX_LIMIT)?).unwrap_or(MAX_LIMIT);
        Ok(self.ask(at, |api, block| api.pickups(block, owner, after, limit))?.into())
    }

    fn queue(&self, bank: BankId, at: Option<Hash>) -> Result<Option<QueueInfo>, Error> {
        self.ask(at, |api, block| api.queue(block, bank))
    }

    fn queued(&self, owner: String, at: Option<Hash>) -> Result<Vec<QueuedInfo>, Error> {
        let owner = read_owner(owner)?;
        self.ask(at, |api, block| api.queued(block, owner))
    }

    fn escrow(&self, escrow: String, at: Option<Hash>) -> Result<Option<EscrowInfo>, Error> {
        let escrow = read_order(escrow)?;
        self.ask(at, |api, block| api.escrow(block, escrow))
    }

    fn escrows(
        &self,
        owner: String,
        after: Option<String>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<Vec<EscrowInfo>, Error> {
        let (owner, after) = (read_owner(owner)?, after.map(read_order).transpose()?);
        let limit = u32::try_from(read_limit(limit, MAX_LIMIT)?).unwrap_or(MAX_LIMIT);
        self.ask(at, |api, block| api.escrows(block, owner, after, limit))
    }

    fn instrument(&self, instrument: InstrumentId, at: Option<Hash>) -> Result<Option<InstrumentInfo>, Error> {
        self.ask(at, |api, block| api.instrument(block, instrument))
    }

    fn instruments(
        &self,
        cursor: Option<InstrumentId>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<InstrumentsPage, Error> {
        let limit = u32::try_from(read_limit(limit, MAX_LIMIT)?).unwrap_or(MAX_LIMIT);
        self.ask(at, |api, block| api.instruments(block, cursor.unwrap_or_default(), limit))
    }

    fn units(
        &self,
        owner: String,
        after: Option<InstrumentId>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<Vec<UnitsInfo>, Error> {
        let owner = read_owner(owner)?;
        let limit = u32::try_from(read_limit(limit, MAX_LIMIT)?).unwrap_or(MAX_LIMIT);
        self.ask(at, |api, block| api.units(block, owner, after, limit))
    }

    fn instrument_holders(
        &self,
        instrument: InstrumentId,
        after: Option<String>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<Vec<UnitsInfo>, Error> {
        let after = after.map(read_owner).transpose()?;
        let limit = u32::try_from(read_limit(limit, MAX_LIMIT)?).unwrap_or(MAX_LIMIT);
        self.ask(at, |api, block| api.instrument_holders(block, instrument, after, limit))
    }

    fn ranges(&self, vault: Value, at: Option<Hash>) -> Result<Vec<CoinRange>, Error> {
        let vault: VaultId = read_value(vault, Error::BadVault)?;
        self.ask(at, |api, block| api.ranges(block, vault))
    }

    fn holds(&self, after: Option<Value>, limit: Option<u32>, at: Option<Hash>) -> Result<Vec<HoldInfo>, Error> {
        let after = after.map(|target| read_value(target, Error::BadTarget)).transpose()?;
        let limit = u32::try_from(read_limit(limit, MAX_LIMIT)?).unwrap_or(MAX_LIMIT);
        self.ask(at, |api, block| api.holds(block, after, limit))
    }

    fn holdings(&self, holder: Value, cursor: Option<String>, limit: Option<u32>) -> Result<Holdings, Error> {
        let holder: Holder = read_value(holder, Error::BadHolder)?;
        let (cursor, limit) = (read_cursor(cursor)?, read_limit(limit, MAX_LIMIT)?);
        Ok(self.index.ask(|store| store.holdings(holder, cursor.as_ref(), limit))?.into())
    }

    fn holdings_proof(
        &self,
        holder: Value,
        cursor: Option<String>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<ProvenHoldings, Error> {
        let holder: Holder = read_value(holder, Error::BadHolder)?;
        let (cursor, limit) = (read_cursor(cursor)?, read_limit(limit, MAX_PROVEN)?);
        let holdings: Holdings = self.index.ask(|store| store.holdings(holder, cursor.as_ref(), limit))?.into();
        let keys = entries::of_holdings(holder, holdings.coins.iter().map(|held| held.coin));
        let proof = self.prove(at.unwrap_or(holdings.block.hash), &keys)?;
        Ok(ProvenHoldings { holdings, proof })
    }

    fn records(&self, query: Option<Value>, cursor: Option<String>, limit: Option<u32>) -> Result<Records, Error> {
        let query = read_query(query)?;
        let (sent, limit) = (cursor.clone().unwrap_or_default(), read_limit(limit, MAX_LIMIT)?);
        let cursor = read_cursor(cursor)?;
        let page = self.index.ask(|store| store.records(&query, cursor.as_ref(), limit))?;
        Ok(page.map_err(|_| Error::BadCursor(sent.into()))?.into())
    }

    fn subscribe_records(&self, pending: PendingSubscriptionSink, query: Option<Value>, cursor: Option<String>) {
        self.subscriptions.begin(pending, query, cursor);
    }

    fn finality_proof(&self, since: Option<Hash>) -> Result<Bytes, Error> {
        let since = since.unwrap_or_else(|| self.client.info().genesis_hash);
        let proof = self.finality.generate(since).map_err(|error| Error::NoFinalityProof(since, error.to_string()))?;
        Ok(Bytes(proof.0))
    }

    fn batch(&self, batch: u32, at: Option<Hash>) -> Result<Option<BatchInfo>, Error> {
        self.ask(at, |api, block| api.batch(block, batch))
    }

    fn certificate(&self, batch: u32, at: Option<Hash>) -> Result<Option<BatchCertificateInfo>, Error> {
        self.ask(at, |api, block| api.certificate(block, batch))
    }

    fn root_keys(&self, at: Option<Hash>) -> Result<RootKeysInfo, Error> {
        self.ask(at, |api, block| api.root_keys(block))
    }

    fn bank_certificates(&self, bank: BankId, at: Option<Hash>) -> Result<Vec<HexBytes>, Error> {
        self.ask(at, |api, block| api.bank_certificates(block, bank))
    }

    fn revocations(&self, after: Option<u32>, limit: Option<u32>, at: Option<Hash>) -> Result<RevocationsInfo, Error> {
        let limit = u32::try_from(read_limit(limit, MAX_LIMIT)?).unwrap_or(MAX_LIMIT);
        self.ask(at, |api, block| api.revocations(block, after.unwrap_or_default(), limit))
    }

    fn card(&self, card: Value, at: Option<Hash>) -> Result<Option<CardInfo>, Error> {
        match card {
            Value::String(key) => {
                let key = read_account(key)?;
                self.ask(at, |api, block| api.card_with_key(block, key))
            },
            card => {
                let card: CardNumber = read_value(card, Error::BadCard)?;
                self.ask(at, |api, block| api.card(block, card))
            },
        }
    }

    fn cards(
        &self,
        of: Value,
        cursor: Option<CardNumber>,
        limit: Option<u32>,
        at: Option<Hash>,
    ) -> Result<CardsPage, Error> {
        let of: CardsOf = read_value(of, Error::BadCard)?;
        let limit = u32::try_from(read_limit(limit, MAX_LIMIT)?).unwrap_or(MAX_LIMIT);
        self.ask(at, |api, block| api.cards(block, of, cursor.unwrap_or_default(), limit))
    }

    fn joint_account(&self, account: String, at: Option<Hash>) -> Result<Option<JointInfo>, Error> {
        let account = read_owner(account)?;
        self.ask(at, |api, block| api.joint_account(block, account))
    }

    fn joint_accounts(&self, manager: String, at: Option<Hash>) -> Result<Vec<JointInfo>, Error> {
        let manager = read_owner(manager)?;
        self.ask(at, |api, block| api.joint_accounts(block, manager))
    }

    fn order(&self, order: String, at: Option<Hash>) -> Result<OrderInfo, Error> {
        let order = read_order(order)?;
        self.ask(at, |api, block| api.order(block, order))
    }

    fn order_proof(&self, order: String) -> Result<ProvenOrder, Error> {
        let order = read_order(order)?;
        let Execution { head, proof } = self.index.ask(|store| store.execution(order))?;
        // An index that was built anew may lack the last blocks with orders: what leads to a shorter list proves nothing.
        let last = self.ask(Some(head.hash), |api, block| api.executed_orders(block))?.place;
        let proof = proof.filter(|proof| proof.in_chain.entries == last.saturating_add(1));
        Ok(ProvenOrder {
            block: proof.as_ref().map(|proof| proof.block),
            execution: proof.map(|proof| Bytes(proof.encode())),
            proof: self.prove(head.hash, &[entries::order_blocks()])?,
        })
    }

    fn order_clock(&self, at: Option<Hash>) -> Result<BlockNumber, Error> {
        self.ask(at, |api, block| api.order_clock(block))
    }

    fn try_order(&self, order: Bytes, submitter: String, at: Option<Hash>) -> Result<TriedOrder, Error> {
        let submitter = read_account(submitter)?;
        let at = at.unwrap_or_else(|| self.client.info().best_hash);
        Ok(self.ask(Some(at), |api, block| api.try_order(block, order.0, submitter))?.into())
    }

    fn subscribe_order(
        &self,
        pending: PendingSubscriptionSink,
        order: String,
        parties: Option<Vec<String>>,
        valid_until: Option<BlockNumber>,
    ) {
        self.subscriptions.begin_order(pending, order, parties, valid_until);
    }

    fn pending_payments(&self, owner: String, at: Option<Hash>) -> Result<Vec<PendingInfo>, Error> {
        let owner = read_owner(owner)?;
        self.ask(at, |api, block| api.pending(block, owner))
    }

    fn small_amounts(&self, owner: String, at: Option<Hash>) -> Result<Option<SmallAmountsInfo>, Error> {
        let owner = read_owner(owner)?;
        self.ask(at, |api, block| api.small_amounts(block, owner))
    }

    fn index_status(&self) -> Result<IndexStatus, Error> {
        Ok(self.index.status().into())
    }
}
