//! The `specie_*` methods.
//!
//! Whatever takes a block (`at`) answers from the state of the last final block unless told otherwise. Holdings and
//! history come from the node's index, which follows final blocks only. Errors: see [`super::errors`].

use super::{
    answers::{BlockRef, History, Holdings, IndexStatus, Network},
    errors::Error,
};
use crate::{
    index::Index,
    service::{FullBackend, FullClient},
};
use jsonrpsee::proc_macros::rpc;
use sc_client_api::{backend::Backend, TrieCacheContext};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sp_api::{ApiError, ApiRef, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::crypto::Ss58Codec;
use specie_primitives::{
    api::{BankInfo, CoinInfo, InstitutionsInfo, OwnerInfo, SpecieApi},
    books::SupplyReport,
    AccountId, CoinId, CoinRange, Hash, Holder, OwnerId, VaultId,
};
use specie_runtime::{opaque::Block, RuntimeApi};
use std::sync::Arc;

/// Entries of a page unless asked otherwise.
pub const USUAL_LIMIT: u32 = 1_000;
/// Most entries of a page.
pub const MAX_LIMIT: u32 = 10_000;

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

    /// The owner that a key is or was bound to, or `null`. The key is an SS58 address or hexadecimal.
    #[method(name = "ownerOf", blocking)]
    fn owner_of(&self, key: String, at: Option<Hash>) -> Result<Option<OwnerId>, Error>;

    /// A coin, or `null`.
    #[method(name = "coin", blocking)]
    fn coin(&self, coin: String, at: Option<Hash>) -> Result<Option<CoinInfo>, Error>;

    /// Never-issued coins in a vault: `"issue"` or `{"bank": <number>}`.
    #[method(name = "ranges", blocking)]
    fn ranges(&self, vault: Value, at: Option<Hash>) -> Result<Vec<CoinRange>, Error>;

    /// Coins of a holder: `{"owner": "<id>"}`, `{"vault": "issue"}` or `{"vault": {"bank": <number>}}`.
    #[method(name = "holdings", blocking)]
    fn holdings(&self, holder: Value, cursor: Option<String>, limit: Option<u32>) -> Result<Holdings, Error>;

    /// What happened to an owner, newest first.
    #[method(name = "history", blocking)]
    fn history(&self, owner: String, cursor: Option<String>, limit: Option<u32>) -> Result<History, Error>;

    /// How far the index is.
    #[method(name = "indexStatus", blocking)]
    fn index_status(&self) -> Result<IndexStatus, Error>;
}

/// Answers the methods.
pub struct Specie {
    client: Arc<FullClient>,
    backend: Arc<FullBackend>,
    index: Index,
}

type Api<'a> = ApiRef<'a, <RuntimeApi as sp_api::ConstructRuntimeApi<Block, FullClient>>::RuntimeApi>;

impl Specie {
    /// Answers from these.
    pub fn new(client: Arc<FullClient>, backend: Arc<FullBackend>, index: Index) -> Self {
        Self { client, backend, index }
    }

    /// Asks the runtime at a block, by default the last final one.
    fn ask<T>(
        &self,
        at: Option<Hash>,
        question: impl FnOnce(Api<'_>, Hash) -> Result<T, ApiError>,
    ) -> Result<T, Error> {
        let block = at.unwrap_or_else(|| self.client.info().finalized_hash);
        if self.backend.state_at(block, TrieCacheContext::Untrusted).is_err() {
            return Err(match self.client.number(block) {
                Ok(Some(_)) => Error::NoState(block),
                _ => Error::UnknownBlock(block),
            });
        }
        question(self.client.runtime_api(), block).map_err(|error| Error::Runtime(block, error.to_string()))
    }
}

impl SpecieRpcServer for Specie {
    fn network(&self) -> Result<Network, Error> {
        let chain = self.client.info();
        Ok(Network {
            info: self.ask(Some(chain.finalized_hash), |api, block| api.network(block))?,
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

    fn owner_of(&self, key: String, at: Option<Hash>) -> Result<Option<OwnerId>, Error> {
        let key = read_account(key)?;
        self.ask(at, |api, block| api.owner_of(block, key))
    }

    fn coin(&self, coin: String, at: Option<Hash>) -> Result<Option<CoinInfo>, Error> {
        let coin = read_coin(coin)?;
        self.ask(at, |api, block| api.coin(block, coin))
    }

    fn ranges(&self, vault: Value, at: Option<Hash>) -> Result<Vec<CoinRange>, Error> {
        let vault: VaultId = read_value(vault, Error::BadVault)?;
        self.ask(at, |api, block| api.ranges(block, vault))
    }

    fn holdings(&self, holder: Value, cursor: Option<String>, limit: Option<u32>) -> Result<Holdings, Error> {
        let holder: Holder = read_value(holder, Error::BadHolder)?;
        let (cursor, limit) = (read_cursor(cursor)?, read_limit(limit)?);
        Ok(self.index.ask(|store| store.holdings(holder, cursor.as_ref(), limit))?.into())
    }

    fn history(&self, owner: String, cursor: Option<String>, limit: Option<u32>) -> Result<History, Error> {
        let owner = read_owner(owner)?;
        let (cursor, limit) = (read_cursor(cursor)?, read_limit(limit)?);
        Ok(self.index.ask(|store| store.history(owner, cursor.as_ref(), limit))?.into())
    }

    fn index_status(&self) -> Result<IndexStatus, Error> {
        Ok(self.index.status().into())
    }
}

fn read_owner(text: String) -> Result<OwnerId, Error> {
    text.parse().map_err(|_| Error::BadOwner(text))
}

fn read_coin(text: String) -> Result<CoinId, Error> {
    text.parse().map_err(|_| Error::BadCoin(text))
}

fn read_account(text: String) -> Result<AccountId, Error> {
    let raw = match text.strip_prefix("0x") {
        Some(digits) => hex::decode(digits).ok().and_then(|raw| <[u8; 32]>::try_from(raw).ok()).map(AccountId::new),
        None => AccountId::from_ss58check(&text).ok(),
    };
    raw.ok_or(Error::BadAccount(text))
}

fn read_value<T: DeserializeOwned>(value: Value, bad: fn(String) -> Error) -> Result<T, Error> {
    serde_json::from_value(value.clone()).map_err(|_| bad(value.to_string()))
}

fn read_cursor<const N: usize>(cursor: Option<String>) -> Result<Option<[u8; N]>, Error> {
    let read = |text: String| {
        let mut place = [0; N];
        hex::decode_to_slice(&text, &mut place).map_err(|_| Error::BadCursor(text))?;
        Ok(place)
    };
    cursor.map(read).transpose()
}

fn read_limit(limit: Option<u32>) -> Result<usize, Error> {
    let limit = limit.unwrap_or(USUAL_LIMIT);
    let in_range = (1..=MAX_LIMIT).contains(&limit);
    usize::try_from(limit).ok().filter(|_| in_range).ok_or(Error::BadLimit(limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use specie_primitives::BankId;

    fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> i32 {
        result.unwrap_err().code()
    }

    #[test]
    fn success_reads_what_wallets_send() {
        let owner = OwnerId([7; 24]);
        assert_eq!(read_owner(owner.to_string()).unwrap(), owner);
        assert_eq!(read_owner(format!("0x{owner}")).unwrap(), owner);
        let account = AccountId::new([1; 32]);
        assert_eq!(read_account(account.to_ss58check()).unwrap(), account);
        assert_eq!(read_account(format!("0x{}", hex::encode([1; 32]))).unwrap(), account);
        assert_eq!(read_coin("3-1041".into()).unwrap(), CoinId { batch: 3, index: 1041 });
        let vault = |value| read_value::<VaultId>(value, Error::BadVault).unwrap();
        assert_eq!(vault(json!("issue")), VaultId::Issue);
        assert_eq!(vault(json!({ "bank": 2 })), VaultId::Bank(BankId(2)));
        let holder = |value| read_value::<Holder>(value, Error::BadHolder).unwrap();
        assert_eq!(holder(json!({ "owner": owner.to_string() })), Holder::Owner(owner));
        assert_eq!(holder(json!({ "vault": "issue" })), Holder::Vault(VaultId::Issue));
        assert_eq!(holder(json!({ "vault": { "bank": 2 } })), Holder::Vault(VaultId::Bank(BankId(2))));
        assert_eq!(read_cursor::<2>(Some("0aff".into())).unwrap(), Some([0x0a, 0xff]));
        assert_eq!(read_cursor::<2>(None).unwrap(), None);
    }

    #[test]
    fn fails_with_the_code_of_the_mistake() {
        assert_eq!(code(read_owner("0x12".into())), 9001);
        assert_eq!(code(read_account("//Ann".into())), 9002);
        assert_eq!(code(read_account("0x1234".into())), 9002);
        assert_eq!(code(read_coin("3".into())), 9003);
        assert_eq!(code(read_value::<Holder>(json!({ "owner": 3 }), Error::BadHolder)), 9004);
        assert_eq!(code(read_value::<VaultId>(json!("bank"), Error::BadVault)), 9005);
        assert_eq!(code(read_cursor::<2>(Some("0aff00".into()))), 9006);
    }

    #[test]
    fn boundary_limits() {
        assert_eq!(read_limit(None).unwrap(), 1_000);
        assert_eq!(read_limit(Some(1)).unwrap(), 1);
        assert_eq!(read_limit(Some(10_000)).unwrap(), 10_000);
        assert_eq!(code(read_limit(Some(0))), 9007);
        assert_eq!(code(read_limit(Some(10_001))), 9007);
    }

    #[test]
    fn errors_say_what_to_do() {
        let error: jsonrpsee::types::ErrorObjectOwned = Error::BadHolder("3".into()).into();
        assert_eq!(error.code(), 9004);
        assert!(error.message().contains(r#"{"vault": {"bank": <number>}}"#), "{}", error.message());
    }
}
