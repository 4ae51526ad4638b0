//! What every command needs: options, keys, the node, and the ways to name an owner or an account.

use crate::{
    calls::Call,
    client::{Client, Receipt, Wait},
    explain,
    failure::{self, Failure},
    nodes, output,
};
use anyhow::{anyhow, bail, Context, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use specie_primitives::{
    api::{BankInfo, HoldInfo, InstitutionsInfo, LimitsInfo, NetworkInfo, OwnerInfo},
    AccountId, Balance, BankId, CoinId, Holder, OwnerId, Target,
};
use specie_wallet::{
    keystore::Header, parse_identity, CardPlace, HeldCoin, Keypair, Keystore, KeystoreError, Money, Seed, Signer,
    StoredKey,
};
use std::{cell::OnceCell, collections::BTreeSet, path::PathBuf, time::Duration};
use subxt::rpcs::client::rpc_params;
use tokio::time::{sleep, Instant};
use zeroize::Zeroizing;

/// Where a node is unless somebody says otherwise.
const USUAL_NODE: &str = "ws://127.0.0.1:9944";

/// Options of every command.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// A node; repeated or separated by commas, several: the first that answers and keeps up is asked, another one if it
    /// goes away [default: those in the file `nodes` of the key store's folder, else ws://127.0.0.1:9944].
    #[arg(long, global = true, env = "SPECIE_NODE", value_name = "URL")]
    pub node: Vec<String>,
    /// Say on the standard error which node is asked.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// The issuer's identity service, http://host:port [default: where the node says that it is, else
    /// http://127.0.0.1:9955].
    #[arg(long, global = true, env = "SPECIE_IDENTITY_SERVICE", value_name = "URL")]
    pub identity_service: Option<String>,
    /// Folder of the encrypted keys, and of what is remembered of owner ids and of payments on their way [default:
    /// ~/.config/specie/keystore].
    #[arg(long, global = true, env = "SPECIE_KEYSTORE", value_name = "DIR")]
    pub keystore: Option<PathBuf>,
    /// File with the key store's password on its first line; otherwise SPECIE_PASSWORD is used, or you are asked.
    #[arg(long, global = true, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Who signs: name of a stored key, or //Ann on development networks.
    #[arg(long, global = true, env = "SPECIE_KEY", value_name = "NAME|//URI")]
    pub key: Option<String>,
    /// The card that signs in place of a key: a file, or pkcs11:token=NAME;object=NAME?module-path=FILE.
    #[arg(long, global = true, env = "SPECIE_CARD", value_name = "FILE|pkcs11:URI")]
    pub card: Option<String>,
    /// File with the card's PIN on its first line; otherwise SPECIE_PIN is used, or you are asked.
    #[arg(long, global = true, value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
    /// Return as soon as a block has the transaction; it is final about a second later. What failed is told once that is
    /// final.
    #[arg(long, global = true)]
    pub no_wait: bool,
    /// Give up waiting for a transaction after so many seconds; it may still go through.
    #[arg(long, global = true, default_value_t = 120, value_name = "SECONDS")]
    pub timeout: u64,
}

/// One run of the program.
pub struct App {
    /// Options of the command line.
    pub options: Options,
    client: OnceCell<Client>,
    network: OnceCell<NetworkInfo>,
    password: OnceCell<String>,
    identity: OnceCell<String>,
    signer: OnceCell<(Signer, Option<Seed>)>,
}

/// A page of `specie_holdings`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Holdings {
    /// Block that the list is of.
    pub block: crate::client::BlockRef,
    /// The coins.
    pub coins: Vec<HeldCoin>,
    /// Value of all coins of the holder in minor units.
    pub total: Balance,
    /// Number of all coins of the holder.
    pub count: u64,
    /// Where to go on.
    pub cursor: Option<String>,
}

impl App {
    /// A run with these options.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            client: OnceCell::new(),
            network: OnceCell::new(),
            password: OnceCell::new(),
            identity: OnceCell::new(),
            signer: OnceCell::new(),
        }
    }

    /// What an error that stands in an event means to the runtime of the best block. A node is asked about pallets' own only.
    pub async fn explain_error(&self, error: &serde_json::Value) -> Result<Failure> {
        match explain::module_error_of(error) {
            Some((pallet, error)) => self.client().await?.explain_module_error(pallet, error).await,
            None => Ok(Failure::new(failure::DISPATCH, error.to_string())),
        }
    }

    /// The connected node.
    pub async fn client(&self) -> Result<&Client> {
        if self.client.get().is_none() {
            let client = Client::connect(&self.nodes()?, self.patience()).await?;
            if self.options.verbose {
                eprintln!("note: asking the node {}", client.address());
            }
            let _ = self.client.set(client);
        }
        self.client.get().context("no node")
    }

    /// The nodes that may be asked: those of the command line, else of the file in the key store's folder, which has an
    /// address a line, else one on this machine.
    pub fn nodes(&self) -> Result<Vec<String>> {
        let given = nodes::addresses(self.options.node.iter().map(String::as_str));
        let Some(store) = self.keystore().ok().filter(|_| given.is_empty()) else {
            return Ok(if given.is_empty() { vec![USUAL_NODE.into()] } else { given });
        };
        let path = store.directory().join("nodes");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let listed = nodes::addresses(text.lines().filter(|line| !line.trim_start().starts_with('#')));
        Ok(if listed.is_empty() { vec![USUAL_NODE.into()] } else { listed })
    }

    /// Facts about the network.
    pub async fn network(&self) -> Result<&NetworkInfo> {
        if self.network.get().is_none() {
            let network = self.client().await?.request("specie_network", rpc_params![]).await?;
            let _ = self.network.set(network);
        }
        self.network.get().context("no network")
    }

    /// How the network writes amounts.
    pub async fn money(&self) -> Result<Money> {
        let network = self.network().await?;
        Ok(Money { decimals: network.decimals, symbol: network.symbol.clone() })
    }

    /// Reads an amount that is not zero.
    pub async fn amount(&self, text: &str) -> Result<Balance> {
        Ok(self.money().await?.parse_positive(text)?)
    }

    /// The folder of stored keys.
    pub fn keystore(&self) -> Result<Keystore> {
        let folder = match &self.options.keystore {
            Some(folder) => folder.clone(),
            None => {
                let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
                let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home);
                config.context("no home folder: give --keystore DIR")?.join("specie").join("keystore")
            },
        };
        Ok(Keystore::new(folder))
    }

    /// The key store's password; asked for twice when it is `new`.
    pub fn password(&self, new: bool) -> Result<&str> {
        if self.password.get().is_none() {
            let _ = self.password.set(self.ask_password(new)?);
        }
        self.password.get().map(String::as_str).context("no password")
    }

    fn ask_password(&self, new: bool) -> Result<String> {
        if let Some(path) = &self.options.password_file {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(text.lines().next().unwrap_or_default().to_string());
        }
        if let Ok(password) = std::env::var("SPECIE_PASSWORD") {
            return Ok(password);
        }
        let hint = "no terminal to ask for the password: give --password-file or SPECIE_PASSWORD";
        let password = rpassword::prompt_password("Password of the key store: ").context(hint)?;
        if new && rpassword::prompt_password("Once more: ").context(hint)? != password {
            bail!("the passwords differ");
        }
        Ok(password)
    }

    /// The readable part of a stored key's file. A name that is not there is answered with those that are; this never
    /// asks for a password.
    pub fn header(&self, name: &str) -> Result<Header> {
        let store = self.keystore()?;
        store.header(key_name(name)).map_err(|error| {
            let why = match &error {
                KeystoreError::Unknown { .. } => error.to_string(),
                // Not repeated: it may be a recovery phrase in the wrong place.
                KeystoreError::BadName(_) => "this is no name of a stored key, nor a URI such as //Ann".into(),
                _ => return error.into(),
            };
            match store.names().unwrap_or_default().as_slice() {
                [] => anyhow!("{why}; no key is stored yet: `specie key new NAME` makes one"),
                names => anyhow!("{why}; there are: {}", names.join(", ")),
            }
        })
    }

    /// The key named on the command line, with its secret.
    pub fn keypair(&self, name: &str) -> Result<Keypair> {
        if is_uri(name) {
            return Ok(Keypair::from_uri(name)?);
        }
        Ok(self.stored(name)?.keypair()?)
    }

    /// A key of the key store, opened with the password.
    pub fn stored(&self, name: &str) -> Result<StoredKey> {
        self.header(name)?;
        Ok(self.keystore()?.open(key_name(name), self.password(false)?)?)
    }

    /// Several such keys. All names are looked up before a password is asked for.
    pub fn keypairs<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<Vec<Keypair>> {
        let names: Vec<&str> = names.into_iter().collect();
        for name in names.iter().filter(|name| !is_uri(name)) {
            self.header(name)?;
        }
        names.into_iter().map(|name| self.keypair(name)).collect()
    }

    /// The key or the card that signs; opened once.
    pub fn signer(&self) -> Result<Signer> {
        Ok(self.signing()?.0.clone())
    }

    /// The seed that the key comes from which signs; a card has none.
    pub fn seed(&self) -> Result<Option<&Seed>> {
        Ok(self.signing()?.1.as_ref())
    }

    fn signing(&self) -> Result<&(Signer, Option<Seed>)> {
        if self.signer.get().is_none() {
            let signing = match self.card()? {
                Some(card) => (Signer::Card(card.open(&self.pin(false)?)?), None),
                None => {
                    let name = self.signer_name()?;
                    let secret = if is_uri(name) { name.to_string() } else { self.stored(name)?.secret.clone() };
                    let secret = Zeroizing::new(secret);
                    (Signer::Key(Keypair::from_uri(&secret)?), Some(Seed::of(&secret).0))
                },
            };
            let _ = self.signer.set(signing);
        }
        self.signer.get().context("no key")
    }

    /// The key that asks the identity service, which answers no cards.
    pub fn asker(&self) -> Result<Keypair> {
        if self.options.card.is_none() {
            if let Signer::Key(key) = self.signer()? {
                return Ok(key);
            }
        }
        self.keypair(self.signer_name()?)
    }

    /// The account that signs; neither keys nor cards are opened for it.
    pub fn signing_account(&self) -> Result<AccountId> {
        match self.card()? {
            Some(card) => Ok(card.account()?),
            None => self.account(self.signer_name()?),
        }
    }

    /// The card that signs.
    fn card(&self) -> Result<Option<CardPlace>> {
        Ok(self.options.card.as_deref().map(str::parse::<CardPlace>).transpose()?)
    }

    /// A card's PIN; asked for twice when it is `new`.
    pub fn pin(&self, new: bool) -> Result<Zeroizing<String>> {
        if let Some(path) = &self.options.pin_file {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(Zeroizing::new(text.lines().next().unwrap_or_default().into()));
        }
        if let Ok(pin) = std::env::var("SPECIE_PIN") {
            return Ok(Zeroizing::new(pin));
        }
        let hint = "no terminal to ask for the PIN: give --pin-file or SPECIE_PIN";
        let pin = Zeroizing::new(rpassword::prompt_password("PIN of the card: ").context(hint)?);
        if new && rpassword::prompt_password("Once more: ").map(Zeroizing::new).context(hint)? != pin {
            bail!("the PINs differ");
        }
        Ok(pin)
    }

    /// Name of the key that signs.
    pub fn signer_name(&self) -> Result<&str> {
        self.options
            .key
            .as_deref()
            .context("say who signs: --key NAME of a stored key, or --key //URI on development networks")
    }

    /// An account by address, key name or development URI; stored keys are not opened for it.
    pub fn account(&self, text: &str) -> Result<AccountId> {
        if is_uri(text) {
            return Ok(Keypair::from_uri(text)?.account());
        }
        if let Ok(account) = text.parse() {
            return Ok(account);
        }
        Ok(self.header(text).context("neither an account, a stored key nor a //URI")?.account)
    }

    /// An owner by owner id, key or identity.
    pub async fn owner(&self, text: &str) -> Result<OwnerId> {
        if let Ok(owner) = text.parse() {
            return Ok(owner);
        }
        if is_key(text) {
            return self.owner_of(&self.account(text)?).await;
        }
        self.owner_of_identity(text).await
    }

    /// The owner to look at: the one named, else that of the key.
    pub async fn owner_to_show(&self, text: Option<&str>) -> Result<OwnerId> {
        if text.is_none() && self.options.key.is_none() && self.options.card.is_none() {
            bail!("name an owner or give --key");
        }
        self.owner_or_own(text).await
    }

    /// A registered owner, as of a block. `text` is how it was named.
    pub async fn registered(&self, owner: OwnerId, text: Option<&str>, at: Option<&str>) -> Result<OwnerInfo> {
        let info = self.owner_info(owner, at).await?;
        info.ok_or_else(|| Failure::new(failure::WALLET, self.not_registered(owner, text)).into())
    }

    /// An owner as of a block, if it is registered.
    pub async fn owner_info(&self, owner: OwnerId, at: Option<&str>) -> Result<Option<OwnerInfo>> {
        self.client().await?.request("specie_owner", rpc_params![owner, at]).await
    }

    fn not_registered(&self, owner: OwnerId, text: Option<&str>) -> String {
        let by_id = |text: &str| text.parse::<OwnerId>().is_ok();
        let identity = text.filter(|text| !is_key(text) && !by_id(text)).and_then(|text| self.identity(text).ok());
        let read = identity.and_then(|identity| {
            let normalised = parse_identity(&identity).ok()?;
            let kind = std::str::from_utf8(normalised.as_bytes()).ok()?.split(':').next()?.to_string();
            Some((identity, kind))
        });
        // What came from the standard input stays out of logs, and so does an identity that a program passes on.
        let hidden = self.options.json || text.is_some_and(|text| text.trim() == "-");
        match read {
            Some((_, kind)) if hidden => {
                format!("no owner with the identity that was read (as {kind}), owner id {owner}")
            },
            Some((identity, kind)) => format!("no owner '{}' (read as {kind})", output::printable(identity.trim())),
            None => format!("owner {owner} is not registered"),
        }
    }

    /// An identity as it was given; `-` reads it from the standard input, so that it is in no list of processes.
    pub fn identity(&self, text: &str) -> Result<String> {
        if text.trim() != "-" {
            return Ok(text.into());
        }
        if self.identity.get().is_none() {
            let lines = std::io::read_to_string(std::io::stdin()).context("the identity cannot be read")?;
            let line = lines.lines().find(|line| !line.trim().is_empty());
            let _ = self.identity.set(line.context("the standard input has no identity")?.trim().to_string());
        }
        Ok(self.identity.get().cloned().unwrap_or_default())
    }

    /// The owner that is meant: the one named, else the signing key's.
    pub async fn owner_or_own(&self, text: Option<&str>) -> Result<OwnerId> {
        match text {
            Some(text) => self.owner(text).await,
            None => self.owner_of(&self.signing_account()?).await,
        }
    }

    async fn owner_of(&self, account: &AccountId) -> Result<OwnerId> {
        let owner: Option<OwnerId> =
            self.client().await?.request("specie_ownerOf", rpc_params![account.to_string()]).await?;
        owner.ok_or_else(|| {
            Failure::new(failure::WALLET, format!("no owner is registered with the key {account}")).into()
        })
    }

    /// Every bank.
    pub async fn banks(&self) -> Result<Vec<BankInfo>> {
        self.client().await?.request("specie_banks", rpc_params![]).await
    }

    /// The bank with this number.
    pub async fn bank(&self, number: u32) -> Result<BankInfo> {
        numbered(self.banks().await?, number)
    }

    /// The bank whose account is the signing key.
    pub async fn own_bank(&self) -> Result<BankInfo> {
        let account = self.signing_account()?;
        of_account(self.banks().await?, &account)
    }

    /// Keys of the issuer's roles, members of the committee, validators.
    pub async fn institutions(&self) -> Result<InstitutionsInfo> {
        self.client().await?.request("specie_institutions", rpc_params![]).await
    }

    /// Limits of a registered owner.
    pub async fn limits(&self, owner: OwnerId) -> Result<LimitsInfo> {
        let info: Option<LimitsInfo> = self.client().await?.request("specie_limits", rpc_params![owner]).await?;
        info.ok_or_else(|| Failure::new(failure::WALLET, self.not_registered(owner, None)).into())
    }

    /// What came of a payment. If a limit stood in its way, the failure says what is left of that.
    pub async fn with_limits<T>(&self, result: Result<T>, payer: OwnerId, payee: OwnerId) -> Result<T> {
        let error = match result {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let failure = Failure::from_error(&error);
        let Some(of_payee) = explain::is_of_payee(&failure) else { return Err(error) };
        let asked = async {
            let info = self.limits(if of_payee { payee } else { payer }).await?;
            anyhow::Ok(explain::left_of_limit(&failure, &info, &self.money().await?))
        };
        match asked.await {
            Ok(Some(left)) => Err(explain::with_left(failure, &left).into()),
            _ => Err(error),
        }
    }

    /// All coins of a holder, as of a block that is final now.
    pub async fn holdings(&self, holder: Holder) -> Result<Holdings> {
        let client = self.client().await?;
        // The index follows finality closely; a payment that was final before this command must be seen by it.
        let (needed, deadline) = (client.finalized().await?.number, Instant::now() + Duration::from_secs(10));
        let mut all = loop {
            let first: Holdings =
                client.request("specie_holdings", rpc_params![holder, Option::<String>::None, 10_000]).await?;
            if first.block.number >= needed || Instant::now() > deadline {
                break first;
            }
            sleep(Duration::from_millis(50)).await;
        };
        while let Some(cursor) = all.cursor.take() {
            let page: Holdings = client.request("specie_holdings", rpc_params![holder, Some(cursor), 10_000]).await?;
            all.coins.extend(page.coins);
            all.cursor = page.cursor;
        }
        all.coins.sort();
        all.coins.dedup_by_key(|coin| coin.coin);
        Ok(all)
    }

    /// Everything that the supervisor holds, as of a block.
    pub async fn holds(&self, at: &str) -> Result<Vec<HoldInfo>> {
        /// Holds asked for at once.
        const PAGE: usize = 10_000;
        let (client, mut all) = (self.client().await?, Vec::<HoldInfo>::new());
        loop {
            let after = all.last().map(|hold| hold.target);
            let page: Vec<HoldInfo> = client.request("specie_holds", rpc_params![after, PAGE, at]).await?;
            let last = page.len() < PAGE;
            all.extend(page);
            if last {
                return Ok(all);
            }
        }
    }

    /// Coins that the supervisor holds, so that nobody moves them.
    pub async fn stuck_coins(&self, at: &str) -> Result<BTreeSet<CoinId>> {
        let coin = |hold: HoldInfo| match hold.target {
            Target::Coin(coin) => Some(coin),
            Target::Owner(_) | Target::Bank(_) => None,
        };
        Ok(self.holds(at).await?.into_iter().filter_map(coin).collect())
    }

    /// How long to wait for anything but a connection.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.options.timeout)
    }

    /// How long to wait for the last transaction of a command.
    pub fn wait(&self) -> Wait {
        if self.options.no_wait {
            Wait::InBlock
        } else {
            Wait::Final
        }
    }

    /// Signs with `--key`, submits, and prints what came of it.
    pub async fn send(&self, call: &Call, what: impl Into<String>) -> Result<()> {
        self.send_with(call, what, serde_json::Value::Null).await
    }

    /// Like [`App::send`], with figures for the JSON form.
    pub async fn send_with(&self, call: &Call, what: impl Into<String>, data: serde_json::Value) -> Result<()> {
        let mut receipt = self.client().await?.submit(call, &self.signer()?, self.wait()).await?;
        receipt.what = what.into();
        receipt.data = data;
        self.report(&receipt)
    }

    /// Prints what came of a transaction.
    pub fn report(&self, receipt: &Receipt) -> Result<()> {
        output::result(self.options.json, receipt, || words(receipt))
    }

    /// Tells a person about one transaction of several as soon as it is done; should a later one fail, it is known how
    /// far things went.
    pub fn step(&self, receipt: Receipt) -> Result<Receipt> {
        if !self.options.json {
            self.report(&receipt)?;
        }
        Ok(receipt)
    }

    /// Prints what came of several transactions to a program: the last one's object, with all of them as `steps`.
    pub fn report_steps(&self, receipts: &[Receipt]) -> Result<()> {
        #[derive(Serialize)]
        struct Steps<'a> {
            #[serde(flatten)]
            last: &'a Receipt,
            steps: &'a [Receipt],
        }
        match receipts {
            _ if !self.options.json => Ok(()),
            [only] => self.report(only),
            [.., last] => output::result(true, &Steps { last, steps: receipts }, String::new),
            [] => bail!("nothing was sent"),
        }
    }

    /// Ends a command of several transactions: prints them, or tells a program with the failure which of them were done.
    pub fn finish_steps(&self, receipts: &[Receipt], result: Result<()>) -> Result<()> {
        match result {
            Ok(()) => self.report_steps(receipts),
            Err(error) if receipts.is_empty() => Err(error),
            Err(error) => Err(Failure::from_error(&error).after(receipts).into()),
        }
    }

    /// Prints a result.
    pub fn print(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        output::result(self.options.json, value, text)
    }
}

/// Whether a key is given as a secret URI and not by its name in the key store.
fn is_uri(name: &str) -> bool {
    name.starts_with('/')
}

/// Whether an owner is named by a key.
fn is_key(text: &str) -> bool {
    is_uri(text) || text.starts_with("key:") || text.parse::<AccountId>().is_ok()
}

fn numbered(banks: Vec<BankInfo>, number: u32) -> Result<BankInfo> {
    let known: Vec<_> = banks.iter().map(|info| format!("{} {}", info.bank, output::printable(&info.name))).collect();
    let text = || format!("there is no bank {number}; there are: {}", known.join(", "));
    banks
        .into_iter()
        .find(|info| info.bank == BankId(number))
        .ok_or_else(|| Failure::new(failure::WALLET, text()).into())
}

fn of_account(banks: Vec<BankInfo>, account: &AccountId) -> Result<BankInfo> {
    let text = || {
        format!(
            "{account} is no bank's account now; if the account was replaced, sign with the present one ('specie bank \
             list' shows them)"
        )
    };
    banks.into_iter().find(|info| info.account == *account).ok_or_else(|| Failure::new(failure::WALLET, text()).into())
}

fn key_name(name: &str) -> &str {
    name.strip_prefix("key:").unwrap_or(name)
}

/// A receipt for people.
pub fn words(receipt: &Receipt) -> String {
    let finality = match receipt.final_ms {
        Some(ms) => format!(", final after {ms} ms"),
        None => ", not final yet".into(),
    };
    format!(
        "{}\n  extrinsic {}\n  block     {} {}\n  in a block after {} ms{finality}",
        receipt.what, receipt.extrinsic, receipt.block, receipt.block_hash, receipt.in_block_ms,
    )
}

/// Names of coins for the JSON form.
pub fn names(coins: &[HeldCoin]) -> Vec<CoinId> {
    coins.iter().map(|coin| coin.coin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cli;
    use clap::Parser;

    fn app(keystore: &std::path::Path) -> App {
        let mut cli = Cli::parse_from(["specie", "network"]);
        cli.options.keystore = Some(keystore.into());
        // A password is never needed to tell that a name is wrong: asking for this one would fail otherwise.
        cli.options.password_file = Some(keystore.join("no such file"));
        App::new(cli.options)
    }

    #[test]
    fn banks_that_are_not_there_are_told_with_those_that_are() {
        let account = |seed| AccountId::new([seed; 32]);
        let bank = |number: u32, name: &str| BankInfo {
            bank: BankId(number),
            name: name.into(),
            account: account(number as u8),
            status: specie_primitives::BankStatus::Active,
            reserve: 0,
            vault: 0,
            stock: Vec::new(),
            custody: 0,
            change: Default::default(),
        };
        let banks = || vec![bank(1, "Bank A"), bank(2, "B\u{1b}[2J")];
        assert_eq!(numbered(banks(), 2).unwrap().bank, BankId(2));
        let text = numbered(banks(), 9).unwrap_err().to_string();
        assert_eq!(text, "there is no bank 9; there are: 1 Bank A, 2 B\\u{1b}[2J");
        assert_eq!(of_account(banks(), &account(1)).unwrap().bank, BankId(1));
        let text = of_account(banks(), &account(9)).unwrap_err().to_string();
        assert!(text.contains("is no bank's account now") && text.contains("'specie bank list'"), "{text}");
        assert!(!text.contains("--bank"), "{text}");
    }

    #[test]
    fn unknown_owners_are_told_as_they_were_named() {
        let (app, owner) = (app(std::path::Path::new("/nowhere")), OwnerId([7; 24]));
        let text = |name| app.not_registered(owner, name);
        assert_eq!(text(Some("x.y")), "no owner 'x.y' (read as alias)");
        assert_eq!(text(Some("+49 171 5550101")), "no owner '+49 171 5550101' (read as phone)");
        for by_id in [None, Some("//Ann"), Some("key:ann"), Some(owner.to_string().as_str())] {
            assert_eq!(text(by_id), format!("owner {owner} is not registered"));
        }
        // Nobody is named on the command line.
        let error = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(app.owner_to_show(None));
        assert_eq!(error.unwrap_err().to_string(), "name an owner or give --key");
    }

    #[test]
    fn identities_of_the_standard_input_and_of_programs_are_not_repeated() {
        let (mut app, owner) = (app(std::path::Path::new("/nowhere")), OwnerId([7; 24]));
        app.identity.set("+49 171 5550101".into()).unwrap();
        let told = format!("no owner with the identity that was read (as phone), owner id {owner}");
        assert_eq!(app.not_registered(owner, Some("-")), told);
        app.options.json = true;
        assert_eq!(app.not_registered(owner, Some("+49 171 5550101")), told);
    }

    #[test]
    fn nodes_come_from_the_command_line_else_from_the_file() {
        let folder = std::env::temp_dir().join(format!("specie-app-nodes-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let mut app = app(&folder);
        app.options.node.clear();
        assert_eq!(app.nodes().unwrap(), [USUAL_NODE]);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("nodes"), "# ours\nws://a:1\n\n ws://b:2, ws://a:1\n").unwrap();
        assert_eq!(app.nodes().unwrap(), ["ws://a:1", "ws://b:2"]);
        app.options.node = vec!["ws://c:3,ws://d:4".into(), "ws://e:5".into()];
        assert_eq!(app.nodes().unwrap(), ["ws://c:3", "ws://d:4", "ws://e:5"]);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_failure_tells_of_the_steps_before_it() {
        let app = app(std::path::Path::new("/nowhere"));
        let receipt = Receipt {
            what: "Proposed".into(),
            call: "Issuance.propose_mint".into(),
            extrinsic: "0x01".into(),
            block: 7,
            block_hash: "0x07".into(),
            in_block_ms: 1,
            final_ms: None,
            events: Vec::new(),
            outcome: "success",
            data: serde_json::json!({ "proposal": 3 }),
        };
        let fails = || Err(Failure::new(failure::REFUSED, "m").into());
        let failure = |error: anyhow::Error| error.downcast_ref::<Failure>().unwrap().clone();
        let first = failure(app.finish_steps(&[], fails()).unwrap_err());
        assert!(first.steps.is_empty());
        let second = failure(app.finish_steps(&[receipt], fails()).unwrap_err());
        assert_eq!((second.kind, second.steps.len()), (failure::REFUSED, 1));
        assert_eq!(second.steps[0]["extrinsic"], "0x01");
        assert_eq!(second.steps[0]["data"]["proposal"], 3);
    }

    #[test]
    fn wrong_names_of_keys_are_told_with_those_that_exist() {
        let folder = std::env::temp_dir().join(format!("specie-app-names-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let app = app(&folder);
        let reason = |name: &str| format!("{:#}", app.keypair(name).unwrap_err());
        assert!(reason("ann").contains("no key 'ann'") && reason("ann").contains("`specie key new NAME`"));

        let (store, ann) = (app.keystore().unwrap(), Keypair::from_uri("//Ann").unwrap().account());
        for name in ["ben", "ann"] {
            let key = StoredKey { secret: "//Ann".into(), identity: None };
            store.add(name, &key, "password").unwrap();
        }
        assert!(reason("key:carl").contains("no key 'carl'") && reason("carl").ends_with("; there are: ann, ben"));
        let phrase = reason("letter advice cage");
        assert!(!phrase.contains("letter") && phrase.ends_with("; there are: ann, ben"), "{phrase}");
        let several = format!("{:#}", app.keypairs(["ann", "carl"]).unwrap_err());
        assert!(several.contains("no key 'carl'"), "{several}");

        assert!(reason("ann").contains("no such file"), "a name that exists gets as far as the password");
        assert_eq!(app.account("ann").unwrap(), ann);
        assert_eq!(app.keypair("//Ann").unwrap().account(), ann);
        assert!(format!("{:#}", app.account("carl").unwrap_err()).contains("neither an account"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
