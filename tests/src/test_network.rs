//! A network of real nodes for one test.

use crate::network::{Given, Network, Options};
use anyhow::Result;
use std::path::Path;

/// A network for one test: on free ports, in a folder of its own. Its processes end when it is dropped; its files stay
/// unless the test [passed](TestNetwork::passed).
#[derive(Debug)]
pub struct TestNetwork {
    network: Network,
    folder: Option<tempfile::TempDir>,
    passed: bool,
}

/// Session length of tests in blocks.
pub const TEST_SESSION: u32 = 30;

impl TestNetwork {
    /// Options of most tests.
    pub fn options() -> Options {
        Options { session_length: Some(TEST_SESSION), detached: false, ..Options::default() }
    }

    /// Makes and starts a network, and waits for its first final block.
    pub async fn start(options: &Options) -> Result<Self> {
        let mut network = Self::create_altered(options, |_| Ok(()))?;
        network.start_all()?;
        network.wait_for_finalized(1).await?;
        Ok(network)
    }

    /// Makes a network with a changed chain spec; nothing runs yet.
    pub fn create_altered(options: &Options, alter: impl FnOnce(&mut serde_json::Value) -> Result<()>) -> Result<Self> {
        Self::create(|base| Network::create_altered(base, options, alter))
    }

    /// Makes a network of nodes whose keys and chain spec were made elsewhere; nothing runs yet.
    pub fn create_given(options: &Options, spec: &Path, nodes: Vec<Given>) -> Result<Self> {
        Self::create(|base| Network::create_given(base, options, spec, nodes))
    }

    fn create(make: impl FnOnce(&Path) -> Result<Network>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("specie-test-").tempdir()?;
        Ok(Self { network: make(folder.path())?, folder: Some(folder), passed: false })
    }

    /// Ends the network of a test that has nothing more to show.
    pub fn passed(mut self) {
        self.passed = true;
    }
}

impl std::ops::Deref for TestNetwork {
    type Target = Network;
    fn deref(&self) -> &Network {
        &self.network
    }
}

impl std::ops::DerefMut for TestNetwork {
    fn deref_mut(&mut self) -> &mut Network {
        &mut self.network
    }
}

impl Drop for TestNetwork {
    fn drop(&mut self) {
        for process in self.network.processes() {
            if let Err(error) = process.kill() {
                eprintln!("{error}");
            }
        }
        if !self.passed {
            if let Some(folder) = self.folder.take() {
                eprintln!("the network's files stay below {}", folder.keep().display());
            }
        }
    }
}
