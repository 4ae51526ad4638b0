//! The file that says what is read where and goes where.
//!
//! ```toml
//! nodes = ["http://127.0.0.1:9944", "https://node-2.bank.example"]   # in the order in which they are tried
//! state = "notify.state"            # paths are below this file's folder unless they are absolute
//! metrics = "127.0.0.1:9961"        # may be left out
//! roots = "nodes-ca.pem"            # certificates to trust for nodes, in place of the system's
//!
//! [[endpoint]]
//! name = "core-banking"             # a-z, 0-9, '-', '_', '.'
//! url = "https://core.bank.example/specie"
//! secrets = ["core.secret"]         # two while the first replaces the second
//! bank = 1                          # movements of this bank's reserve, vault, counter and accounts, and
//! customers = true                  #   those of owners whom it looks after; true unless said otherwise
//! owners = []                       # and those of these owners
//! kinds = ["transferred"]           # of these kinds alone; of all if it is left out
//! from_block = 1                    # where to begin the first time; with what comes next if it is left out
//! batch = 100                       # notices of one request at most
//! timeout_s = 10                    # for one request
//! refusals = 12                     # tries of a notice that is refused, before it goes on the list
//! roots = "bank-ca.pem"             # certificates to trust in place of the system's
//! plain_http = false                # whether owner ids may go unencrypted beyond this machine
//! ```

use crate::{http::Peer, signature::Secret, wanted::Wanted};
use serde::Deserialize;
use specie_primitives::{flow::FlowKind, BankId, BlockNumber, OwnerId};
use std::{
    collections::BTreeSet,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Notices of one request at most, whatever the file says.
const MAX_BATCH: usize = 1_000;

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// The file, read and checked.
pub struct Config {
    /// Nodes in the order in which they are tried.
    pub nodes: Arc<Vec<Peer>>,
    /// The state file.
    pub state: PathBuf,
    /// Address for Prometheus.
    pub metrics: Option<SocketAddr>,
    /// Who gets notices.
    pub endpoints: Vec<Endpoint>,
}

/// Somebody who gets notices.
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// Where they are sent.
    pub peer: Peer,
    /// What they are signed with; never empty.
    pub secrets: Vec<Secret>,
    /// Which movements.
    pub wanted: Wanted,
    /// Where to begin the first time; with what comes next if there is none.
    pub from_block: Option<BlockNumber>,
    /// Notices of one request at most; never zero.
    pub batch: usize,
    /// How long a request may take.
    pub patience: Duration,
    /// Tries of a notice that is refused; never zero.
    pub refusals: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    nodes: Vec<String>,
    state: PathBuf,
    metrics: Option<SocketAddr>,
    /// For nodes with `https`.
    roots: Option<PathBuf>,
    #[serde(default, rename = "endpoint")]
    endpoints: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    url: String,
    secrets: Vec<PathBuf>,
    bank: Option<BankId>,
    #[serde(default = "yes")]
    customers: bool,
    #[serde(default)]
    owners: BTreeSet<OwnerId>,
    #[serde(default)]
    kinds: Vec<FlowKind>,
    from_block: Option<BlockNumber>,
    #[serde(default = "usual_batch")]
    batch: usize,
    #[serde(default = "usual_timeout")]
    timeout_s: u64,
    #[serde(default = "usual_refusals")]
    refusals: u32,
    roots: Option<PathBuf>,
    #[serde(default)]
    plain_http: bool,
}

fn yes() -> bool {
    true
}

fn usual_batch() -> usize {
    100
}

fn usual_timeout() -> u64 {
    10
}

fn usual_refusals() -> u32 {
    12
}

impl Config {
    /// Reads a file and the secrets and certificates that it names. The message names the line of a mistake.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|error| ConfigError(format!("{}: {error}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map_err(|ConfigError(why)| ConfigError(format!("{}: {why}", path.display())))
    }

    /// The same of a file's text. Files are looked for below a folder.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ConfigError> {
        let settings: Settings =
            toml::from_str(text).map_err(|error| ConfigError(error.to_string().trim_end().to_owned()))?;
        let Settings { nodes, state, metrics, roots, endpoints } = settings;
        let roots = roots.map(|roots| folder.join(roots));
        let node =
            |url: &String| Peer::new(url, roots.as_deref()).map_err(|error| ConfigError(format!("nodes: {error}")));
        let nodes = nodes.iter().map(node).collect::<Result<Vec<_>, _>>()?;
        if nodes.is_empty() || endpoints.is_empty() {
            return Err(ConfigError("at least one of `nodes` and one [[endpoint]] are needed".into()));
        }
        let mut names = BTreeSet::new();
        let mut checked = Vec::new();
        for listed in endpoints {
            let name = listed.name.clone();
            let bad = |why: String| ConfigError(format!("endpoint '{name}': {why}"));
            if !names.insert(name.clone()) {
                return Err(bad("it is there twice".into()));
            }
            checked.push(listed.check(folder).map_err(bad)?);
        }
        Ok(Self { nodes: Arc::new(nodes), state: folder.join(state), metrics, endpoints: checked })
    }
}

impl Listed {
    fn check(self, folder: &Path) -> Result<Endpoint, String> {
        let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "-_.".contains(sign);
        if !(1..=64).contains(&self.name.len()) || !self.name.chars().all(plain) {
            return Err("a name has 1 to 64 of a-z, 0-9, '-', '_' and '.'".into());
        }
        if self.bank.is_none() && self.owners.is_empty() {
            return Err("say whose movements: `bank`, `owners` or both".into());
        }
        if !(1..=2).contains(&self.secrets.len()) {
            return Err("one or two `secrets` are needed".into());
        }
        if !(1..=MAX_BATCH).contains(&self.batch) {
            return Err(format!("`batch` is 1 to {MAX_BATCH}"));
        }
        if !(1..=60).contains(&self.timeout_s) || self.refusals == 0 {
            return Err("`timeout_s` is 1 to 60, `refusals` at least 1".into());
        }
        let roots = self.roots.map(|roots| folder.join(roots));
        let peer = Peer::new(&self.url, roots.as_deref()).map_err(|error| error.to_string())?;
        if !peer.is_private() && !self.plain_http {
            return Err(
                "who deals with whom would go over the network unencrypted: use https, or `plain_http = true`".into()
            );
        }
        let secrets = self.secrets.iter().map(|secret| Secret::read(&folder.join(secret)));
        Ok(Endpoint {
            name: self.name,
            peer,
            secrets: secrets.collect::<Result<_, _>>().map_err(|error| error.to_string())?,
            wanted: Wanted {
                bank: self.bank,
                customers: self.bank.filter(|_| self.customers),
                owners: self.owners,
                kinds: self.kinds,
            },
            from_block: self.from_block,
            batch: self.batch,
            patience: Duration::from_secs(self.timeout_s),
            refusals: self.refusals,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "nodes = ['http://127.0.0.1:9944']\nstate = 'state'\n";

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        Secret::create(&folder.path().join("one")).unwrap();
        folder
    }

    /// An endpoint with lines of its own.
    fn endpoint(lines: &str) -> String {
        format!("{HEAD}[[endpoint]]\nname = 'core'\nurl = 'http://127.0.0.1:1/in'\nsecrets = ['one']\n{lines}\n")
    }

    #[test]
    fn what_is_left_out_is_as_usual() {
        let folder = folder();
        let config = Config::parse(&endpoint("bank = 1"), folder.path()).unwrap();
        assert_eq!((config.state, config.metrics, config.nodes.len()), (folder.path().join("state"), None, 1));
        let core = &config.endpoints[0];
        assert_eq!((core.batch, core.patience, core.refusals), (100, Duration::from_secs(10), 12));
        let bank = Some(BankId(1));
        assert_eq!(core.wanted, Wanted { bank, customers: bank, ..Wanted::default() });
        assert_eq!((core.from_block, core.secrets.len()), (None, 1));
    }

    #[test]
    fn everything_can_be_said() {
        let folder = folder();
        let owner = OwnerId([7; 24]);
        let lines = format!(
            "bank = 2\ncustomers = false\nowners = ['{owner}']\nkinds = ['transferred', 'left']\nfrom_block = 1\n\
             batch = 7\ntimeout_s = 3\nrefusals = 2"
        );
        let text = endpoint(&lines).replace("['one']", "['one', 'one']");
        let config = Config::parse(&format!("metrics = '127.0.0.1:9961'\n{text}"), folder.path()).unwrap();
        assert_eq!(config.metrics.map(|address| address.port()), Some(9961));
        let core = &config.endpoints[0];
        let kinds = vec![FlowKind::Transferred, FlowKind::Left];
        assert_eq!(core.wanted, Wanted { bank: Some(BankId(2)), customers: None, owners: [owner].into(), kinds });
        assert_eq!((core.from_block, core.batch, core.refusals, core.secrets.len()), (Some(1), 7, 2, 2));
    }

    #[test]
    fn fails_files_with_mistakes() {
        let folder = folder();
        let error = |text: &str| Config::parse(text, folder.path()).err().unwrap().to_string();
        assert!(error("nodes = []\nstate = 's'").contains("at least one"));
        assert!(error(HEAD).contains("[[endpoint]]"));
        assert!(error(&endpoint("")).contains("whose movements"));
        for (lines, expected) in [
            ("bank = 1\nbanks = 2", "banks"),
            ("bank = 1\nbatch = 0", "`batch`"),
            ("bank = 1\nbatch = 1001", "`batch`"),
            ("bank = 1\ntimeout_s = 61", "`timeout_s`"),
            ("bank = 1\nrefusals = 0", "`refusals`"),
            ("bank = 1\nkinds = ['paid']", "paid"),
            ("owners = ['12']", "48 hexadecimal"),
        ] {
            let error = error(&endpoint(lines));
            assert!(error.contains(expected), "{lines}: {error}");
        }
        let good = endpoint("bank = 1");
        for (what, by, expected) in [
            ("name = 'core'", "name = 'A b'", "a name has"),
            ("['one']", "[]", "one or two"),
            ("['one']", "['none']", "none"),
            ("http://127.0.0.1:1/in", "http://bank.example/in", "unencrypted"),
            ("http://127.0.0.1:1/in", "bank.example/in", "no address"),
            ("http://127.0.0.1:9944", "ws://127.0.0.1:9944", "nodes: "),
        ] {
            let error = error(&good.replace(what, by));
            assert!(error.contains(expected), "{by}: {error}");
        }
        let twice = format!("{good}{}", good.strip_prefix(HEAD).unwrap());
        assert!(error(&twice).contains("twice"));
        let allowed = good.replace("http://127.0.0.1:1/in", "http://bank.example/in") + "plain_http = true\n";
        Config::parse(&allowed, folder.path()).unwrap();
    }
}
