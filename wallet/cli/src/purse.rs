//! An owner's coins, without those that an earlier command has already spent or put into an order.
//!
//! What is on its way, and what orders name, is remembered beside the keys, in `pending/GENESIS-OWNER.json` of the key store's
//! folder: a file that is replaced whole, under a lock that one command at a time holds while it picks coins and submits.

use crate::{
    app::{App, Holdings},
    calls::Call,
    client::{Receipt, Wait},
    failure::{self, Failure},
    vaults,
};
use anyhow::{Context, Result};
use specie_primitives::{
    orders::OrderInfo, Balance, BlockNumber, CoinId, Hash, Holder, Order, OrderId, OwnerId, OwnerStatus, SuspendedBy,
    MILLISECS_PER_BLOCK,
};
use specie_wallet::{
    keystore::{lock_file, write_whole},
    promises::given,
    select, HeldCoin, Money, Pending, Promise, Signs,
};
use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};
use subxt::rpcs::client::rpc_params;
use tokio::time::{sleep, Instant};

/// Value of an owner's coins by what can be done with them, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Final, and free to be spent.
    pub settled: Balance,
    /// On its way in payments that are not final.
    pub pending: Balance,
    /// Named in orders that may still be executed.
    pub ordered: Balance,
    /// The supervisor holds the coins, or their owner.
    pub held: Balance,
}

/// The coins of an owner as of a final block, and which of them are on their way.
pub struct Purse {
    memory: Option<Memory>,
    /// Held from the choice of coins until the node has the transaction.
    lock: Option<File>,
    holdings: Holdings,
    pending: Pending,
    free: Vec<HeldCoin>,
    away: Vec<HeldCoin>,
    /// Coins that orders name.
    ordered: Vec<HeldCoin>,
    /// Coins that the supervisor holds.
    stuck: Vec<HeldCoin>,
}

impl Purse {
    /// To look only. Without a key store there is nothing to remember.
    pub async fn look(app: &App, owner: OwnerId) -> Result<Self> {
        Self::look_at(app, owner, app.holdings(Holder::Owner(owner)).await?).await
    }

    /// To look only, at coins that were asked for already.
    pub async fn look_at(app: &App, owner: OwnerId, holdings: Holdings) -> Result<Self> {
        let memory = match app.keystore() {
            Ok(store) => Some(Memory::new(store.directory(), app.client().await?.genesis(), owner)),
            Err(_) => None,
        };
        let mut pending = memory.as_ref().map(Memory::read).transpose()?.unwrap_or_default();
        let ended = over(app, &pending, &holdings.block.hash).await?;
        pending.forget(&ended);
        let stuck = app.stuck_coins(&holdings.block.hash).await?;
        let mut purse = Self::new(memory, None, holdings, pending);
        purse.leave_out(&stuck);
        Ok(purse)
    }

    /// To spend from, without coins that the supervisor holds. Waits for another command that is about to spend the same
    /// owner's coins.
    pub async fn open(app: &App, owner: OwnerId) -> Result<Self> {
        let memory = Memory::new(app.keystore()?.directory(), app.client().await?.genesis(), owner);
        let lock = memory.lock(app.patience()).await?;
        let holdings = app.holdings(Holder::Owner(owner)).await?;
        let remembered = memory.read()?;
        let ended = over(app, &remembered, &holdings.block.hash).await?;
        let mut pending = remembered.clone();
        pending.forget(&ended);
        let stuck = app.stuck_coins(&holdings.block.hash).await?;
        let mut purse = Self::new(Some(memory), Some(lock), holdings, pending);
        purse.leave_out(&stuck);
        if let Some(memory) = purse.memory.as_ref().filter(|_| purse.pending != remembered) {
            memory.write(&purse.pending)?;
        }
        Ok(purse)
    }

    fn new(memory: Option<Memory>, lock: Option<File>, holdings: Holdings, mut pending: Pending) -> Self {
        pending.settle(&holdings.coins, holdings.block.number);
        let (free, away) = pending.split(&holdings.coins);
        let (ordered, free) = free.into_iter().partition(|coin| pending.promised(coin).is_some());
        Self { memory, lock, holdings, pending, free, away, ordered, stuck: Vec::new() }
    }

    /// Takes coins that orders name for free ones: the order whose coin is spent then fails.
    pub fn reuse(&mut self) {
        self.free.append(&mut self.ordered);
        self.free.sort();
    }

    /// Leaves out coins that the supervisor holds.
    fn leave_out(&mut self, stuck: &BTreeSet<CoinId>) {
        let is_stuck = |coin: &HeldCoin| stuck.contains(&coin.coin);
        let (mut held, free): (Vec<_>, Vec<_>) = self.free.drain(..).partition(is_stuck);
        let (also, ordered): (Vec<_>, Vec<_>) = self.ordered.drain(..).partition(is_stuck);
        held.extend(also);
        (self.stuck, self.free, self.ordered) = (held, free, ordered);
    }

    /// All coins, those on their way included: they are the owner's until they are gone for good.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// Coins that can be spent.
    pub fn free(&self) -> &[HeldCoin] {
        &self.free
    }

    /// Value of all coins by what an owner of this standing can do with them.
    pub fn parts(&self, status: OwnerStatus) -> Parts {
        let [free, pending, ordered, stuck] =
            [&self.free, &self.away, &self.ordered, &self.stuck].map(|coins| vaults::value(coins));
        match status {
            OwnerStatus::Suspended(SuspendedBy::Supervisor) => {
                Parts { settled: 0, pending, ordered: 0, held: free.saturating_add(ordered).saturating_add(stuck) }
            },
            _ => Parts { settled: free, pending, ordered, held: stuck },
        }
    }

    /// What is known of the coins on their way, and of orders.
    pub fn pending(&self) -> &Pending {
        &self.pending
    }

    /// The fewest free coins that make up an amount.
    pub async fn select(&self, app: &App, amount: Balance) -> Result<Vec<HeldCoin>> {
        let (network, money) = (app.network().await?, app.money().await?);
        select(&self.free, amount).map_err(|error| {
            let free = vaults::counts(&self.free);
            self.refuse(&money, vaults::explain(network, &money, &free, amount, error).to_string())
        })
    }

    /// Why free coins do not do, with what is on its way and how long that may take.
    pub fn refuse(&self, money: &Money, why: String) -> anyhow::Error {
        let mut text = match self.pending.until().filter(|_| !self.away.is_empty()) {
            Some(until) => format!("{why}\n  {}", on_its_way(money, &self.away, self.holdings.block.number, until)),
            None => why,
        };
        if !self.ordered.is_empty() {
            text.push_str(&format!("\n  {}", in_orders(money, &self.ordered, &self.pending)));
        }
        if !self.stuck.is_empty() {
            let value = money.show(vaults::value(&self.stuck));
            text.push_str(&format!("\n  left out: coins worth {value} that the supervisor holds"));
        }
        Failure::new(failure::WALLET, text).into()
    }

    /// Remembers that an order names coins of this owner, for as long as it can be executed.
    pub fn promise(mut self, order: &Order, owner: OwnerId) -> Result<()> {
        let memory = self.memory.as_ref().context("there is no key store to remember the order in")?;
        if let Some(promise) = Promise::of(order, owner, self.holdings.block.number) {
            self.pending.promise(promise);
            memory.write(&self.pending)?;
        }
        Ok(())
    }

    /// Signs and submits a call that spends these coins, remembers that, and watches it.
    pub async fn spend(&mut self, app: &App, key: &impl Signs, call: &Call, coins: &[HeldCoin]) -> Result<Receipt> {
        self.spend_until(app, key, call, coins, app.wait()).await
    }

    /// The same, watched until it is so far, whatever the command was told.
    pub async fn spend_until(
        &mut self,
        app: &App,
        key: &impl Signs,
        call: &Call,
        coins: &[HeldCoin],
        wait: Wait,
    ) -> Result<Receipt> {
        let client = app.client().await?;
        let memory = self.memory.as_ref().context("there is no key store to remember the payment in")?;
        let lock = match self.lock.take() {
            Some(lock) => lock,
            // An earlier part of this command let go of the lock.
            None => memory.lock(app.patience()).await?,
        };
        let mut pending = memory.read()?;
        if let Some(coin) = coins.iter().find(|coin| pending.of(coin).is_some()) {
            let text = format!("another command has just spent coin {}: look at the balance and try again", coin.coin);
            return Err(Failure::new(failure::WALLET, text).into());
        }
        let extrinsic = client.sign(call, key).await?;
        let hash = extrinsic.hash;
        // Remembered before the node has it, should this program be stopped in between.
        pending.record(coins, hash, extrinsic.after, extrinsic.until);
        memory.write(&pending)?;
        let sent = client.send(extrinsic).await;
        drop(lock);
        let result = match sent {
            Ok(sent) => client.follow(sent, wait).await,
            Err(error) => Err(error),
        };
        if result.as_ref().is_err_and(came_to_nothing) {
            // If that fails, the coins are free again when the transaction is too old.
            let _ = memory.release(hash, app.patience()).await;
        }
        result
    }
}

/// Whether the transaction spent nothing and its coins can be spent again. Should a refused transaction come after all,
/// at most one of it and the next try succeeds, because both name the same coins.
fn came_to_nothing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| matches!(failure.kind, failure::REFUSED | failure::DISPATCH))
}

/// Remembers the coins that an owner gives by an order, if it names any. Says if another one names them, too.
pub async fn remember(app: &App, owner: OwnerId, order: &Order) -> Result<()> {
    let coins = given(order, owner);
    if coins.is_empty() {
        return Ok(());
    }
    let purse = Purse::open(app, owner).await?;
    let others = purse.pending.orders().iter().filter(|other| other.order != order.id());
    for other in others.filter(|other| other.coins.iter().any(|coin| coins.contains(coin))) {
        eprintln!("note: order {} names some of the same coins: of these two, one at most is executed", other.order);
    }
    purse.promise(order, owner)
}

/// Orders of which a final block says that they are over.
async fn over(app: &App, pending: &Pending, at: &str) -> Result<BTreeSet<OrderId>> {
    let mut over = BTreeSet::new();
    for promise in pending.orders() {
        let info: OrderInfo = app.client().await?.request("specie_order", rpc_params![promise.order, at]).await?;
        if promise.is_over(&info) {
            over.insert(promise.order);
        }
    }
    Ok(over)
}

fn in_orders(money: &Money, ordered: &[HeldCoin], pending: &Pending) -> String {
    let is_named = |promise: &&Promise| ordered.iter().any(|coin| promise.names(coin));
    let orders: Vec<_> = pending.orders().iter().filter(is_named).collect();
    let lines = orders.iter().map(|promise| format!("\n    {} until block {}", promise.order, promise.valid_until));
    format!(
        "left out: coins worth {} in orders that may still be executed. 'specie order cancel' makes them free again, --reuse of \
         'pay' and 'order make' takes them nevertheless:{}",
        money.show(vaults::value(ordered)),
        lines.collect::<String>(),
    )
}

fn on_its_way(money: &Money, away: &[HeldCoin], block: BlockNumber, until: BlockNumber) -> String {
    let seconds = u64::from(until.saturating_sub(block)).saturating_mul(MILLISECS_PER_BLOCK).div_ceil(1_000);
    format!(
        "left out: coins worth {} on their way in payments that are not final yet, which takes seconds; should such a \
         payment fail, its coins are free again after block {until}, in about {seconds} s",
        money.show(vaults::value(away)),
    )
}

/// Where the coins of one owner that are on their way are remembered.
struct Memory {
    path: PathBuf,
}

impl Memory {
    fn new(keystore: &Path, genesis: Hash, owner: OwnerId) -> Self {
        Self { path: keystore.join("pending").join(format!("{}-{owner}.json", hex::encode(genesis.as_bytes()))) }
    }

    fn read(&self) -> Result<Pending> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Pending::default()),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", self.path.display())),
        };
        serde_json::from_slice(&text).with_context(|| {
            let path = self.path.display();
            format!("{path} is damaged; it only remembers payments of the last minutes and coins of orders: delete it")
        })
    }

    fn write(&self, pending: &Pending) -> Result<()> {
        let text = serde_json::to_vec_pretty(pending)?;
        write_whole(&self.path, &text, true)
            .with_context(|| format!("the payment cannot be remembered in {}", self.path.display()))
    }

    async fn release(&self, extrinsic: Hash, patience: Duration) -> Result<()> {
        let _lock = self.lock(patience).await?;
        let mut pending = self.read()?;
        pending.release(extrinsic);
        self.write(&pending)
    }

    /// Makes other commands wait until the file that this gives is closed. The lock has a file of its own, since the
    /// one with the coins is replaced.
    async fn lock(&self, patience: Duration) -> Result<File> {
        let path = self.path.with_extension("lock");
        let cannot = || format!("cannot lock {}", path.display());
        let file = lock_file(&path).with_context(cannot)?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(Duration::from_millis(50)).await,
                Err(TryLockError::WouldBlock) => {
                    let text = "another command is spending coins of this owner: try again when it is done";
                    return Err(Failure::new(failure::WALLET, text).into());
                },
                Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::{orders::Action, Denomination};

    /// A folder of its own for a test, which goes with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let path = std::env::temp_dir().join(format!("specie-purse-{test}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        fn memory(&self, genesis: u8, owner: u8) -> Memory {
            Memory::new(&self.0, Hash::repeat_byte(genesis), OwnerId([owner; 24]))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn coin(index: u32) -> HeldCoin {
        HeldCoin { coin: CoinId { batch: 3, index }, revision: 1, denomination: Denomination(10_000) }
    }

    fn holdings(block: BlockNumber, coins: Vec<HeldCoin>) -> Holdings {
        let block = crate::client::BlockRef { number: block, hash: String::new() };
        Holdings { block, total: vaults::value(&coins), count: coins.len() as u64, coins, cursor: None }
    }

    fn money() -> Money {
        Money { decimals: 2, symbol: "SPC".into() }
    }

    #[test]
    fn each_network_and_owner_has_a_memory_of_its_own() {
        let folder = Folder::new("own");
        let memory = folder.memory(1, 1);
        assert_eq!(memory.read().unwrap(), Pending::default());
        let mut pending = Pending::default();
        pending.record(&[coin(0)], Hash::repeat_byte(9), 10, 73);
        memory.write(&pending).unwrap();
        assert_eq!(memory.read().unwrap(), pending);
        assert_eq!(folder.memory(2, 1).read().unwrap(), Pending::default());
        assert_eq!(folder.memory(1, 2).read().unwrap(), Pending::default());
        memory.write(&Pending::default()).unwrap();
        assert_eq!(memory.read().unwrap(), Pending::default());
    }

    #[test]
    fn a_damaged_memory_says_what_to_do() {
        let folder = Folder::new("damaged");
        let memory = folder.memory(1, 1);
        write_whole(&memory.path, b"{", true).unwrap();
        let error = format!("{:#}", memory.read().unwrap_err());
        assert!(error.contains("delete it"), "{error}");
    }

    #[tokio::test]
    async fn one_command_at_a_time_spends() {
        let folder = Folder::new("lock");
        let (memory, soon) = (folder.memory(1, 1), Duration::from_millis(60));
        let lock = memory.lock(soon).await.unwrap();
        let error = memory.lock(soon).await.unwrap_err();
        assert!(error.to_string().contains("another command"), "{error}");
        assert!(folder.memory(1, 2).lock(soon).await.is_ok());
        drop(lock);
        assert!(memory.lock(soon).await.is_ok());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let lock = fs::metadata(memory.path.with_extension("lock")).unwrap();
            assert_eq!(lock.permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn a_payment_that_came_to_nothing_is_forgotten() {
        let folder = Folder::new("release");
        let memory = folder.memory(1, 1);
        let mut pending = Pending::default();
        pending.record(&[coin(0)], Hash::repeat_byte(8), 10, 73);
        pending.record(&[coin(1)], Hash::repeat_byte(9), 10, 73);
        memory.write(&pending).unwrap();
        memory.release(Hash::repeat_byte(8), Duration::ZERO).await.unwrap();
        pending.release(Hash::repeat_byte(8));
        assert_eq!(memory.read().unwrap(), pending);
        assert_eq!(pending.coins().len(), 1);

        let fails = |kind| came_to_nothing(&Failure::new(kind, "").into());
        assert!(fails(failure::REFUSED) && fails(failure::DISPATCH));
        assert!(!fails(failure::NODE) && !came_to_nothing(&anyhow::anyhow!("the connection broke")));
    }

    #[test]
    fn coins_on_their_way_are_shown_but_not_spent() {
        let mut pending = Pending::default();
        pending.record(&[coin(0), coin(1)], Hash::repeat_byte(9), 100, 163);
        let purse = Purse::new(None, None, holdings(103, vec![coin(0), coin(1), coin(2)]), pending.clone());
        assert_eq!((purse.free(), purse.away.as_slice()), (&[coin(2)][..], &[coin(0), coin(1)][..]));
        assert_eq!((purse.holdings().coins.len(), purse.holdings().total), (3, 30_000));
        let error = purse.refuse(&money(), "not enough".into()).to_string();
        assert!(error.starts_with("not enough\n"), "{error}");
        assert!(error.contains("200.00 SPC") && error.contains("block 163") && error.contains("60 s"), "{error}");

        let purse = Purse::new(None, None, holdings(163, vec![coin(0), coin(1), coin(2)]), pending);
        assert_eq!((purse.free().len(), purse.away.len()), (3, 0));
        assert_eq!(purse.refuse(&money(), "not enough".into()).to_string(), "not enough");
    }

    #[test]
    fn coins_that_the_supervisor_holds_are_shown_but_not_spent() {
        let mut purse = Purse::new(None, None, holdings(103, vec![coin(0), coin(1), coin(2)]), Pending::default());
        purse.leave_out(&BTreeSet::from([coin(1).coin, coin(9).coin]));
        assert_eq!((purse.free(), purse.holdings().coins.len()), (&[coin(0), coin(2)][..], 3));
        let error = purse.refuse(&money(), "not enough".into()).to_string();
        assert_eq!(error, "not enough\n  left out: coins worth 100.00 SPC that the supervisor holds");
    }

    #[test]
    fn coins_of_orders_are_shown_but_not_spent_unless_that_is_wanted() {
        // Given: two coins in an order, of which the supervisor holds one.
        let named = |index: u32| coin(index).reference();
        let pays = Action::Coins { to: OwnerId([2; 24]), coins: vec![named(0), named(1)].try_into().unwrap() };
        let order = Order::new(Hash::zero(), [7; 16], (90, 500), OwnerId([1; 24]), pays);
        let mut pending = Pending::default();
        pending.promise(Promise::of(&order, OwnerId([1; 24]), 100).unwrap());
        let mut purse = Purse::new(None, None, holdings(103, (0..3).map(coin).collect()), pending.clone());
        assert_eq!((purse.free(), purse.ordered.as_slice()), (&[coin(2)][..], &[coin(0), coin(1)][..]));
        purse.leave_out(&BTreeSet::from([coin(1).coin]));

        // Then
        let parts = Parts { settled: 10_000, pending: 0, ordered: 10_000, held: 10_000 };
        assert_eq!(purse.parts(OwnerStatus::Active), parts);
        let held = Parts { settled: 0, pending: 0, ordered: 0, held: 30_000 };
        assert_eq!(purse.parts(OwnerStatus::Suspended(SuspendedBy::Supervisor)), held);
        let error = purse.refuse(&money(), "not enough".into()).to_string();
        assert!(error.contains("100.00 SPC in orders") && error.contains("until block 500"), "{error}");
        assert!(error.contains(&order.id().to_string()), "{error}");
        purse.reuse();
        assert_eq!((purse.free(), purse.ordered.len()), (&[coin(0), coin(2)][..], 0));

        // When a coin of it has moved. Then the other ones are free.
        let purse = Purse::new(None, None, holdings(103, vec![coin(0), coin(2)]), pending);
        assert_eq!((purse.free().len(), purse.ordered.len(), purse.pending().orders().len()), (2, 0, 0));
    }

    #[tokio::test]
    async fn an_order_is_remembered_after_this_command() {
        let folder = Folder::new("orders");
        let (memory, owner) = (folder.memory(1, 1), OwnerId([1; 24]));
        let lock = memory.lock(Duration::ZERO).await.unwrap();
        let purse = Purse::new(Some(memory), Some(lock), holdings(103, vec![coin(0)]), Pending::default());
        let coins = vec![coin(0).reference()].try_into().unwrap();
        let order = Order::new(Hash::zero(), [7; 16], (90, 500), owner, Action::Coins { to: OwnerId([2; 24]), coins });
        purse.promise(&order, owner).unwrap();
        let memory = folder.memory(1, 1);
        assert_eq!(memory.read().unwrap().orders()[0].order, order.id());
        // And the next command may go on.
        assert!(memory.lock(Duration::ZERO).await.is_ok());
    }

    #[test]
    fn settled_pending_and_held_coins_are_told_apart() {
        let mut pending = Pending::default();
        pending.record(&[coin(0)], Hash::repeat_byte(9), 100, 163);
        let mut purse = Purse::new(None, None, holdings(103, (0..4).map(coin).collect()), pending);
        let parts = |settled, pending, held| Parts { settled, pending, ordered: 0, held };
        assert_eq!(purse.parts(OwnerStatus::Active), parts(30_000, 10_000, 0));
        purse.leave_out(&BTreeSet::from([coin(1).coin]));
        for status in [OwnerStatus::Active, OwnerStatus::Suspended(SuspendedBy::Bank)] {
            assert_eq!(purse.parts(status), parts(20_000, 10_000, 10_000));
        }
        // Of an owner that is held everything is, but what is on its way already.
        assert_eq!(purse.parts(OwnerStatus::Suspended(SuspendedBy::Supervisor)), parts(0, 10_000, 30_000));
    }
}
