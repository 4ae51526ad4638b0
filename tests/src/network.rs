//! A network of real nodes on this machine: its files, its processes, its state between two calls of the tool.
//!
//! Below the base path:
//!
//! ```text
//! network.json   what runs where
//! network.toml   the network's definition       spec.json   the chain spec made from it
//! bin/           copies of the programs, so that a new build does not change a running network
//! nodes/NAME/    node-key, keystore/, data/, log of each node
//! identity/      what the identity service remembers, and its log
//! wallets/       keystores of owners
//! ```

use crate::{
    cli::{Cli, Receipt},
    dev, folder,
    identity::{self, IdentityService},
    ports::{Ports, Reserved},
    process::{self, tail, ProcessId},
    rpc::{self, Rpc},
    search::copy_folder,
    story,
};
use anyhow::{bail, ensure, Context, Result};
use serde::{Deserialize, Serialize};
use specie_chain_spec::LocalNetwork;
use specie_primitives::{Institution, OwnerId};
use std::{
    env, fs,
    path::{self, Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Time for a node to end in order.
const END: Duration = Duration::from_secs(30);

/// What a network begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genesis {
    /// An empty network of the issuer and three banks.
    Local,
    /// What `--dev` has: one validator, one bank, two owners with coins.
    Development,
}

/// What a new network is made from.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which genesis.
    pub genesis: Genesis,
    /// How many validators.
    pub validators: usize,
    /// `libp2p` or `litep2p`; the node's default if not given.
    pub network_backend: Option<String>,
    /// Length of a session in blocks; the preset's if not given.
    pub session_length: Option<u32>,
    /// Transactions that one owner may send in a window, zero for no limit; the preset's if not given.
    pub quota: Option<u32>,
    /// How many blocks' states are kept, or `archive`; the node's default if not given.
    pub state_pruning: Option<String>,
    /// Whether web pages from anywhere may use the RPC.
    pub rpc_cors_all: bool,
    /// Whether nodes go on when the caller's process group ends.
    pub detached: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            genesis: Genesis::Local,
            validators: 4,
            network_backend: None,
            session_length: None,
            quota: None,
            state_pruning: None,
            rpc_cors_all: false,
            detached: true,
        }
    }
}

/// Whether a node makes blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Makes blocks and votes, with the session keys of this number.
    Validator(usize),
    /// Follows.
    Full,
}

/// How a node gets the chain when it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Sync {
    /// Every block from the first, executed.
    Full,
    /// Proofs of finality, then the state of the last final block.
    Warp,
}

/// A node of the network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Node {
    /// Its name, also on the command line.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// How it gets the chain.
    pub sync: Sync,
    /// Its ports.
    pub ports: Ports,
    /// Its name among nodes.
    pub peer_id: String,
    /// Its process, if it was started and not stopped since.
    pub process: Option<ProcessId>,
    /// Its log.
    pub log: PathBuf,
    /// Bytes of the log from before it was last started.
    #[serde(default)]
    log_start: u64,
    /// Whether it was told to end: who waits for it elsewhere learns that it did not fail.
    #[serde(default)]
    stopping: bool,
}

impl Node {
    /// Whether its process runs.
    pub fn is_alive(&self) -> bool {
        self.process.is_some_and(|process| process.is_alive())
    }

    /// Where its RPC is.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.ports.rpc)
    }

    /// Number of its validator.
    pub fn validator(&self) -> Result<usize> {
        match self.kind {
            Kind::Validator(index) => Ok(index),
            Kind::Full => bail!("{} is no validator", self.name),
        }
    }

    /// Where its metrics are.
    pub fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.ports.prometheus)
    }

    /// Where other nodes find it.
    pub fn multiaddress(&self) -> String {
        format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", self.ports.peers, self.peer_id)
    }
}

/// A person or firm whose keystore lies below the base path.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wallet {
    /// First name.
    pub name: String,
    /// Name of the key in the keystore.
    pub key: String,
    /// The identity that the owner id comes from. Known to who made the wallet: it is never written, not even of somebody
    /// made up.
    #[serde(skip)]
    pub identity: String,
    /// Owner id.
    pub owner: OwnerId,
    /// Folder with the encrypted keys.
    pub keystore: PathBuf,
    /// What it is encrypted with: these are keys for trying things out.
    pub passphrase: String,
}

/// What is kept between two calls of the tool.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    network_backend: Option<String>,
    state_pruning: Option<String>,
    rpc_cors_all: bool,
    detached: bool,
    nodes: Vec<Node>,
    #[serde(default)]
    identity: IdentityService,
    wallets: Vec<Wallet>,
    /// File with its endpoints, anywhere.
    #[serde(default)]
    endpoints: Option<PathBuf>,
}

/// Which others a node is started with.
#[derive(Clone, Debug, Default)]
pub enum Peers {
    /// All of the network, and whoever else comes.
    #[default]
    All,
    /// These nodes and nobody else.
    Only(Vec<String>),
    /// Nobody: the chain spec's boot nodes lead to the others.
    BootNodes,
}

impl Peers {
    /// These nodes and nobody else.
    pub fn only<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Only(names.into_iter().map(Into::into).collect())
    }
}

/// A validator whose keys were made elsewhere.
#[derive(Debug)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// Folder with its `keystore/` and `node-key`.
    pub folder: PathBuf,
    /// Its ports.
    pub ports: Reserved,
}

/// A network below its base path.
#[derive(Debug)]
pub struct Network {
    base: PathBuf,
    state: State,
    /// Ports of nodes that this process chose or starts: nobody shall choose them before the nodes listen.
    reserved: Vec<Reserved>,
}

/// Where the tool keeps a network unless told otherwise.
pub fn default_base_path() -> Result<PathBuf> {
    let state = match env::var_os("XDG_STATE_HOME").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env::var_os("HOME").context("neither XDG_STATE_HOME nor HOME is set; give --base-path")?)
            .join(".local/state"),
    };
    Ok(state.join("specie/testnet"))
}

/// Finds what the build made, a program or the next runtime: in `SPECIE_BIN_DIR`, else where this program itself was built.
pub fn find_built(name: &str) -> Result<PathBuf> {
    let folder = match env::var_os("SPECIE_BIN_DIR") {
        Some(path) => PathBuf::from(path),
        None => {
            let me = env::current_exe()?;
            let mut folder = me.parent().context("this program has no folder")?.to_owned();
            // Tests lie one folder deeper.
            if folder.ends_with("deps") {
                folder.pop();
            }
            folder
        },
    };
    let path = folder.join(name);
    ensure!(path.is_file(), "{name} is not in {}: run scripts/build", folder.display());
    Ok(path)
}

/// Runs a program to its end and gives what it printed; an error holds what it complained about.
fn run(program: &Path, args: &[&str]) -> Result<(String, String)> {
    let output =
        Command::new(program).args(args).output().with_context(|| format!("could not start {}", program.display()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    ensure!(output.status.success(), "{} {} failed: {err}", program.display(), args.join(" "));
    Ok((out, err))
}

impl Network {
    /// Makes the files of a new network; nothing runs yet.
    pub fn create(base: &Path, options: &Options) -> Result<Self> {
        Self::create_altered(base, options, |_| Ok(()))
    }

    /// As [`Network::create`], with a change to the raw chain spec before anything starts from it.
    pub fn create_altered(
        base: &Path,
        options: &Options,
        alter: impl FnOnce(&mut serde_json::Value) -> Result<()>,
    ) -> Result<Self> {
        ensure!(options.validators > 0, "a network needs validators");
        let (mut network, programs) = Self::begin(base, options)?;
        if let Err(error) = network.make(options, &programs, alter) {
            let nodes: Vec<_> = (0..options.validators).map(dev::validator_name).collect();
            if let Err(left) = folder::remove(&network.base, &nodes, &[]) {
                return Err(error.context(format!("{left:#}; the network could not be made either")));
            }
            return Err(error);
        }
        Ok(network)
    }

    /// As [`Network::create`], of nodes whose keys and chain spec were made elsewhere.
    pub fn create_given(base: &Path, options: &Options, spec: &Path, nodes: Vec<Given>) -> Result<Self> {
        let (mut network, programs) = Self::begin(base, options)?;
        network.copy_programs(&programs)?;
        fs::copy(spec, network.spec()).with_context(|| format!("could not copy {}", spec.display()))?;
        for (index, given) in nodes.into_iter().enumerate() {
            let folder = network.folder(&given.name);
            copy_folder(&given.folder.join("keystore"), &folder.join("keystore"))?;
            fs::copy(given.folder.join("node-key"), folder.join("node-key"))?;
            network.add_keyed_node(given.name, Kind::Validator(index), Sync::Full, given.ports.ports())?;
            network.reserved.push(given.ports);
        }
        network.save()?;
        Ok(network)
    }

    /// A network without nodes and files, and the programs that it is to run.
    fn begin(base: &Path, options: &Options) -> Result<(Self, Vec<PathBuf>)> {
        ensure!(!base.join(folder::STATE).exists(), "there is already a network below {}", base.display());
        // What is there would be overwritten now, or be taken for the network's later.
        folder::ensure_unused(base)?;
        let programs = folder::PROGRAMS.map(find_built).into_iter().collect::<Result<Vec<_>>>()?;
        fs::create_dir_all(base.join("bin")).with_context(|| format!("could not create {}", base.display()))?;
        // Nodes are started with this path from wherever the caller is.
        let base = base.canonicalize()?;
        let state = State {
            network_backend: options.network_backend.clone(),
            state_pruning: options.state_pruning.clone(),
            rpc_cors_all: options.rpc_cors_all,
            detached: options.detached,
            nodes: Vec::new(),
            identity: IdentityService::default(),
            wallets: Vec::new(),
            endpoints: None,
        };
        Ok((Self { base, state, reserved: Vec::new() }, programs))
    }

    fn copy_programs(&self, programs: &[PathBuf]) -> Result<()> {
        for (name, program) in folder::PROGRAMS.iter().zip(programs) {
            fs::copy(program, self.program(name)).with_context(|| format!("could not copy {}", program.display()))?;
        }
        Ok(())
    }

    /// Makes its files, the state last.
    fn make(
        &mut self,
        options: &Options,
        programs: &[PathBuf],
        alter: impl FnOnce(&mut serde_json::Value) -> Result<()>,
    ) -> Result<()> {
        self.copy_programs(programs)?;
        self.make_spec(options)?;
        let mut spec: serde_json::Value = serde_json::from_slice(&fs::read(self.spec())?)?;
        alter(&mut spec)?;
        fs::write(self.spec(), serde_json::to_vec_pretty(&spec)?)?;
        for (index, ports) in self.reserve(options.validators)?.into_iter().enumerate() {
            self.add_node(dev::validator_name(index), Kind::Validator(index), Sync::Full, ports)?;
        }
        self.save()
    }

    fn make_spec(&self, options: &Options) -> Result<()> {
        let node = self.program("specie-node");
        if options.genesis == Genesis::Development {
            ensure!(options.validators == 1, "the development network has one validator");
            let (spec, _) = run(&node, &["build-spec", "--chain", "dev", "--raw"])?;
            return Ok(fs::write(self.spec(), spec)?);
        }
        let mut definition = LocalNetwork::new(options.validators);
        definition.session_length = options.session_length.unwrap_or(definition.session_length);
        definition.quota = options.quota.unwrap_or(definition.quota);
        let file = self.base.join(folder::DEFINITION);
        fs::write(&file, definition.definition())?;
        let (file, spec) = (file.display().to_string(), self.spec().display().to_string());
        run(&node, &["network-spec", &file, "--raw", "--output", &spec])?;
        Ok(())
    }

    /// The network below a base path, if there is one.
    pub fn open(base: &Path) -> Result<Option<Self>> {
        let file = base.join(folder::STATE);
        if !file.exists() {
            return Ok(None);
        }
        let state = serde_json::from_slice(&fs::read(&file)?)
            .with_context(|| format!("{} is damaged; 'reset' removes the network", file.display()))?;
        Ok(Some(Self { base: base.canonicalize()?, state, reserved: Vec::new() }))
    }

    /// Writes the state; readers see the old or the new, never a part.
    fn save(&self) -> Result<()> {
        let new = self.base.join(folder::NEW_STATE);
        fs::write(&new, serde_json::to_vec_pretty(&self.state)?)?;
        fs::rename(new, self.base.join(folder::STATE))?;
        Ok(())
    }

    /// Its folder.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Its chain spec.
    pub fn spec(&self) -> PathBuf {
        self.base.join(folder::SPEC)
    }

    /// Its copy of a program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.base.join("bin").join(name)
    }

    /// Folder of a node.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.base.join("nodes").join(name)
    }

    /// Its nodes, validators first.
    pub fn nodes(&self) -> &[Node] {
        &self.state.nodes
    }

    /// Its identity service.
    pub fn identity(&self) -> &IdentityService {
        &self.state.identity
    }

    /// The log of a node or of the identity service.
    pub fn log(&self, name: &str) -> Result<PathBuf> {
        match name {
            identity::NAME => Ok(self.base.join(folder::IDENTITY).join(identity::LOG)),
            name => Ok(self.node(name)?.log.clone()),
        }
    }

    /// Owners whose keystores lie below the base path.
    pub fn wallets(&self) -> &[Wallet] {
        &self.state.wallets
    }

    /// Remembers an owner's keystore.
    pub fn add_wallet(&mut self, wallet: Wallet) -> Result<()> {
        self.state.wallets.retain(|known| known.name != wallet.name);
        self.state.wallets.push(wallet);
        self.save()
    }

    /// Remembers where its endpoints were written.
    pub fn set_endpoints(&mut self, file: &Path) -> Result<()> {
        self.state.endpoints = Some(path::absolute(file)?);
        self.save()
    }

    /// A node by name.
    pub fn node(&self, name: &str) -> Result<&Node> {
        self.state.nodes.iter().find(|node| node.name == name).with_context(|| {
            let names: Vec<_> = self.state.nodes.iter().map(|node| node.name.as_str()).collect();
            format!("there is no node {name}; there are {}", names.join(", "))
        })
    }

    fn set_process(&mut self, name: &str, process: Option<ProcessId>) -> Result<()> {
        if let Some(node) = self.state.nodes.iter_mut().find(|node| node.name == name) {
            node.process = process;
            node.stopping = false;
        }
        self.save()
    }

    /// Lets others know that these nodes are about to be ended.
    fn announce_end(&mut self, names: &[String]) {
        for node in self.state.nodes.iter_mut().filter(|node| names.contains(&node.name)) {
            node.stopping = true;
        }
        // A disk that is full keeps no node running.
        let _ = self.save();
    }

    /// Chooses ports for so many nodes.
    fn reserve(&mut self, count: usize) -> Result<Vec<Ports>> {
        let used: Vec<_> = self.state.nodes.iter().map(|node| node.ports).collect();
        let block = Ports::free_block(count, &used)?;
        let ports = block.iter().map(Reserved::ports).collect();
        self.reserved.extend(block);
        Ok(ports)
    }

    fn add_node(&mut self, name: String, kind: Kind, sync: Sync, ports: Ports) -> Result<()> {
        let folder = self.folder(&name);
        let keystore = folder.join("keystore");
        fs::create_dir_all(&keystore)?;
        if let Kind::Validator(index) = kind {
            for (file, content) in dev::session_key_files(index) {
                fs::write(keystore.join(file), content)?;
            }
        }
        let key = folder.join("node-key").display().to_string();
        run(&self.program("specie-node"), &["key", "generate-node-key", "--file", &key])?;
        self.add_keyed_node(name, kind, sync, ports)
    }

    /// Adds a node that has its keys.
    fn add_keyed_node(&mut self, name: String, kind: Kind, sync: Sync, ports: Ports) -> Result<()> {
        let folder = self.folder(&name);
        fs::create_dir_all(folder.join("data"))?;
        let key = folder.join("node-key").display().to_string();
        let (peer_id, _) = run(&self.program("specie-node"), &["key", "inspect-node-key", "--file", &key])?;
        let log = folder.join("log");
        let (log_start, stopping) = (0, false);
        self.state.nodes.push(Node { name, kind, sync, ports, peer_id, process: None, log, log_start, stopping });
        Ok(())
    }

    /// Adds a node that follows the chain; it is not started.
    pub fn add_full(&mut self, sync: Sync) -> Result<String> {
        let number = self.state.nodes.iter().filter(|node| node.kind == Kind::Full).count();
        self.add(format!("full-{}", number + 1), Kind::Full, sync)
    }

    fn add(&mut self, name: String, kind: Kind, sync: Sync) -> Result<String> {
        let ports = self.reserve(1)?;
        self.add_node(name.clone(), kind, sync, ports[0])?;
        self.save()?;
        Ok(name)
    }

    /// Adds and starts the node of a further validator, and waits until it has the chain. Nobody has nominated it yet.
    pub async fn add_candidate(&mut self) -> Result<String> {
        let index = self.state.nodes.iter().filter(|node| node.kind != Kind::Full).count();
        let height = self.rpc(&dev::validator_name(0)).await?.finalized().await?.number;
        let name = self.add(dev::validator_name(index), Kind::Validator(index), Sync::Full)?;
        self.start(&name)?;
        self.rpc(&name).await?.wait_for_finalized(height, rpc::PROGRESS).await?;
        Ok(name)
    }

    /// Adds and starts the node of a further validator, and has it admitted: its bank nominates it, it sets its session
    /// keys, the issuer admits it. It makes blocks from the next session but one.
    pub async fn add_validator(&mut self) -> Result<String> {
        let name = self.add_candidate().await?;
        let index = self.node(&name)?.validator()?;
        let Institution::Bank(bank) = dev::institution(index) else { bail!("the issuer has its validator already") };
        let (cli, key) = (Cli::new(self), dev::validator_key(index));
        let (issuer, own) = (self.rpc(&dev::validator_name(0)).await?, self.rpc(&name).await?);
        let nominate = ["bank", "nominate-validator", &key];
        let nominated: Receipt = cli.run(issuer.url(), Some(dev::bank_key(bank)), &nominate).await?;
        // The node that will use the keys makes them. One node may learn a little later than another what is final.
        own.wait_for_finalized(nominated.block, rpc::PROGRESS).await?;
        let set: Receipt = cli.run(own.url(), Some(&key), &["bank", "set-session-keys"]).await?;
        issuer.wait_for_finalized(set.block, rpc::PROGRESS).await?;
        let admit = ["issuer", "admit-validator", &key];
        cli.run::<Receipt>(issuer.url(), Some("//Admitting//1"), &admit).await?;
        Ok(name)
    }

    /// The command line of a node.
    fn args(&self, node: &Node, peers: &Peers) -> Result<Vec<String>> {
        let folder = self.folder(&node.name);
        let mut args: Vec<String> = Vec::new();
        let mut option = |name: &str, value: String| args.extend([name.to_owned(), value]);
        option("--chain", self.spec().display().to_string());
        option("--name", node.name.clone());
        option("--base-path", folder.join("data").display().to_string());
        option("--keystore-path", folder.join("keystore").display().to_string());
        option("--node-key-file", folder.join("node-key").display().to_string());
        option("--listen-addr", format!("/ip4/127.0.0.1/tcp/{}", node.ports.peers));
        option("--rpc-port", node.ports.rpc.to_string());
        option("--prometheus-port", node.ports.prometheus.to_string());
        if let Some(backend) = &self.state.network_backend {
            option("--network-backend", backend.clone());
        }
        if let Some(pruning) = &self.state.state_pruning {
            option("--state-pruning", pruning.clone());
        }
        if let Some(url) = self.state.identity.url() {
            option("--identity-service", url);
        }
        if self.state.rpc_cors_all {
            option("--rpc-cors", "all".into());
        }
        if node.sync == Sync::Warp {
            option("--sync", "warp".into());
        }
        let others: Vec<&Node> = match peers {
            Peers::Only(names) => names.iter().map(|name| self.node(name)).collect::<Result<_>>()?,
            Peers::All => self.state.nodes.iter().collect(),
            Peers::BootNodes => Vec::new(),
        };
        for other in others.into_iter().filter(|other| other.name != node.name) {
            option("--reserved-nodes", other.multiaddress());
        }
        args.extend(["--no-mdns", "--no-telemetry"].map(Into::into));
        if matches!(node.kind, Kind::Validator(_)) {
            args.push("--validator".into());
        }
        if matches!(peers, Peers::Only(_)) {
            args.push("--reserved-only".into());
        }
        Ok(args)
    }

    /// Starts a node, which is not ready yet, or the identity service, which is.
    pub fn start(&mut self, name: &str) -> Result<()> {
        match name {
            identity::NAME => self.start_identity(),
            name => self.start_with(name, &Peers::default(), &[]),
        }
    }

    fn start_identity(&mut self) -> Result<()> {
        ensure!(!self.state.identity.is_alive(), "{} is already running", identity::NAME);
        let node = self.state.nodes.first().context("a network without nodes")?.url().replace("ws://", "http://");
        let (program, folder) = (self.program(folder::IDENTITY_SERVICE), self.base.join(folder::IDENTITY));
        self.state.identity.start(&program, &folder, &node, self.state.detached)?;
        self.save()
    }

    /// Starts a node with chosen peers and further arguments.
    pub fn start_with(&mut self, name: &str, peers: &Peers, more: &[&str]) -> Result<()> {
        self.ensure_spec()?;
        let ports = self.node(name)?.ports;
        if !self.reserved.iter().any(|reserved| reserved.ports() == ports) {
            // If another network has them reserved, the one that listens first has them.
            self.reserved.extend(Reserved::take(ports));
        }
        let node = self.node(name)?;
        if node.is_alive() {
            bail!("{name} is already running");
        }
        if let Some(port) = node.ports.taken() {
            bail!("{name} cannot start: port {port} is taken by another program");
        }
        let mut args = self.args(node, peers)?;
        args.extend(more.iter().map(|arg| (*arg).to_owned()));
        let log_start = fs::metadata(&node.log).map_or(0, |log| log.len());
        let process = process::start(&self.program("specie-node"), &args, &node.log, self.state.detached)
            .with_context(|| format!("{name} cannot start"))?;
        if let Some(node) = self.state.nodes.iter_mut().find(|node| node.name == name) {
            node.log_start = log_start;
        }
        self.set_process(name, Some(process))
    }

    fn ensure_spec(&self) -> Result<()> {
        let spec = self.spec();
        ensure!(spec.is_file(), "{} is missing; 'reset' and 'up' make a new network", spec.display());
        Ok(())
    }

    /// Names of what does not run: the identity service first, whose address nodes tell wallets.
    pub fn down(&self) -> Vec<String> {
        let identity = (!self.state.identity.is_alive()).then(|| identity::NAME.to_owned());
        identity.into_iter().chain(self.names(|node| !node.is_alive())).collect()
    }

    /// Starts whatever does not run. If some of it cannot start, the rest does all the same.
    pub fn start_all(&mut self) -> Result<()> {
        let down = self.down();
        if !down.is_empty() {
            self.ensure_spec()?;
        }
        let mut failures: Vec<_> = down.iter().filter_map(|name| self.start(name).err()).collect();
        match failures.len() {
            0 => Ok(()),
            1 => Err(failures.remove(0)),
            count => {
                let failures: Vec<_> = failures.iter().map(|failure| format!("{failure:#}")).collect();
                bail!("{count} of {} processes cannot start:\n  {}", down.len(), failures.join("\n  "))
            },
        }
    }

    /// Names of the nodes that satisfy a condition.
    pub fn names(&self, condition: impl Fn(&Node) -> bool) -> Vec<String> {
        self.state.nodes.iter().filter(|node| condition(node)).map(|node| node.name.clone()).collect()
    }

    fn running(&self, name: &str) -> Result<ProcessId> {
        let node = self.node(name)?;
        if let Some(process) = node.process.filter(ProcessId::is_alive) {
            return Ok(process);
        }
        ensure!(!self.was_stopped(node), "{name} was stopped meanwhile");
        bail!("{name} is not running")
    }

    /// Whether somebody ended a node that this value knows as running.
    fn was_stopped(&self, node: &Node) -> bool {
        let ended = |now: Option<&Node>| now.is_none_or(|now| now.stopping || now.process != node.process);
        match Self::open(&self.base) {
            _ if node.process.is_none() || node.is_alive() => false,
            Ok(Some(now)) => ended(now.state.nodes.iter().find(|now| now.name == node.name)),
            Ok(None) => true,
            Err(_) => false,
        }
    }

    /// The identity service's process, which is about to be ended: it does not run any more in the state.
    fn end_identity(&mut self) -> Result<ProcessId> {
        let process = self.state.identity.process.take().filter(ProcessId::is_alive);
        process.with_context(|| format!("{} is not running", identity::NAME))
    }

    /// Ends a node or the identity service by force, as a power cut does.
    pub fn kill(&mut self, name: &str) -> Result<()> {
        if name == identity::NAME {
            self.end_identity()?.kill()?;
            return self.save();
        }
        let process = self.running(name)?;
        self.announce_end(&[name.to_owned()]);
        process.kill()?;
        self.set_process(name, None)
    }

    /// Ends a node or the identity service in order.
    pub fn stop(&mut self, name: &str) -> Result<()> {
        if name == identity::NAME {
            self.end_identity()?.stop(END)?;
            return self.save();
        }
        let process = self.running(name)?;
        self.announce_end(&[name.to_owned()]);
        process.stop(END)?;
        self.set_process(name, None)
    }

    /// Processes of nodes and of the identity service.
    pub fn processes(&self) -> Vec<ProcessId> {
        let nodes = self.state.nodes.iter().filter_map(|node| node.process);
        nodes.chain(self.state.identity.process).collect()
    }

    /// Ends everything in order.
    pub fn stop_all(&mut self) -> Result<()> {
        self.announce_end(&self.names(Node::is_alive));
        let running = self.processes();
        for process in &running {
            process.signal(process::Signal::Terminate)?;
        }
        for process in running {
            process.stop(END)?;
        }
        for node in &mut self.state.nodes {
            node.process = None;
            node.stopping = false;
        }
        self.state.identity.process = None;
        self.save()
    }

    /// Ends everything by force and removes every file that this tool made; gives the names of what else is below the
    /// base path, which stays.
    pub fn remove(mut self) -> Result<Vec<String>> {
        self.announce_end(&self.names(Node::is_alive));
        for process in self.processes() {
            process.kill()?;
        }
        if let Some(file) = &self.state.endpoints {
            folder::remove_endpoints(file, &self.base)?;
        }
        let keys: Vec<_> = self.state.wallets.iter().map(|wallet| wallet.key.clone()).collect();
        remove_files(&self.base, &self.names(|_| true), &keys)
    }

    /// As [`Network::remove`] for a network whose state is gone or cannot be read; `None` if there is none.
    pub fn remove_without_state(base: &Path) -> Result<Option<Vec<String>>> {
        if !folder::is_network(base) {
            return Ok(None);
        }
        remove_files(base, &folder::nodes(base), &story::keys()).map(Some)
    }

    /// Connects to a node, which may still be starting.
    pub async fn rpc(&self, name: &str) -> Result<Rpc> {
        let node = self.node(name)?;
        let process = self.running(name)?;
        let rpc = match Rpc::connect_within(&node.url(), rpc::READY, || process.is_alive()).await {
            Ok(rpc) => rpc,
            Err(_) if self.was_stopped(node) => bail!("{name} was stopped meanwhile"),
            Err(error) => {
                let log = tail(&node.log, node.log_start, 30);
                return Err(error.context(format!("{name} is not ready; its log ends:\n{log}")));
            },
        };
        // A node that does not get its port goes on without RPC.
        let peer_id = rpc.peer_id().await?;
        ensure!(peer_id == node.peer_id, "port {} is not {name}'s: the node {peer_id} answers there", node.ports.rpc);
        Ok(rpc)
    }

    /// Waits until every running node answers. `ready` is told how many of how many do.
    pub async fn wait_ready(&self, mut ready: impl FnMut(usize, usize)) -> Result<()> {
        let names = self.names(Node::is_alive);
        for (number, name) in (1..).zip(&names) {
            self.rpc(name).await?;
            ready(number, names.len());
        }
        Ok(())
    }

    /// Waits until block `number` is final on every running node.
    pub async fn wait_for_finalized(&self, number: u32) -> Result<()> {
        for name in self.names(Node::is_alive) {
            self.rpc(&name).await?.wait_for_finalized(number, rpc::PROGRESS).await?;
        }
        Ok(())
    }
}

/// Ends whatever runs one of the lasting programs below a base path, also what no state knows of, and removes the files.
fn remove_files(base: &Path, nodes: &[String], keys: &[String]) -> Result<Vec<String>> {
    for name in [folder::NODE, folder::IDENTITY_SERVICE] {
        for process in folder::running(&folder::program(base, name)) {
            process.kill()?;
        }
    }
    folder::remove(base, nodes, keys)
}
