//! `specie-identity serve`

use super::{key::development, key_password, together, AskersOptions};
use crate::{failure::Failure, Options};
use clap::Args;
use specie_identity_service::{
    askers::NetworkFacts,
    files,
    journal::{Journal, Level},
    server::{serve, Port},
    service::Service,
    store::Store,
};
use specie_prf::{Key, PublicKey};
use specie_service::stop;
use std::{net::SocketAddr, path::PathBuf, sync::Arc};
use tokio::{net::TcpListener, sync::watch};

/// Run the service.
#[derive(Args)]
#[command(after_help = "\
The service speaks plain HTTP: requests are signed and answers carry a proof, so nobody on the way can alter or misuse \
them. Whoever listens learns which key asks when; put a tunnel in front where that matters.")]
pub struct Serve {
    /// The encrypted key file.
    #[arg(
        long,
        env = "SPECIE_IDENTITY_KEY",
        value_name = "FILE",
        required_unless_present = "dev",
        conflicts_with = "dev"
    )]
    key: Option<PathBuf>,
    /// Use the key of test networks, which everybody has, for network 1.
    #[arg(long)]
    dev: bool,
    #[command(flatten)]
    askers: AskersOptions,
    /// File that remembers who asked how much; made if need be.
    #[arg(long, env = "SPECIE_IDENTITY_STATE", value_name = "FILE")]
    state: PathBuf,
    /// Address for banks and wallets; port 0 takes a free one, which the first event names.
    #[arg(long, env = "SPECIE_IDENTITY_LISTEN", default_value = "127.0.0.1:9955", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Address for Prometheus; without it there are no metrics. For the operator alone.
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
}

impl Serve {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), Failure> {
        let journal = Journal { json: options.json };
        let (listed, chain) = self.askers.read()?;
        let (network, key) = self.key(options)?;
        let listener = bind(self.listen).await?;
        let metrics = match self.metrics {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let store = Store::open(&self.state)
            .map_err(|error| Failure::new("state", format!("{}: {error}", self.state.display())))?;
        if let Some(chain) = &chain {
            // A node that is not up yet may come; one of another network never fits.
            match chain.network().await {
                Ok(facts) => ensure_fits(network, key.public(), facts)?,
                Err(error) => journal.write(Level::Warn, "the node does not answer", &[("reason", &error.to_string())]),
            }
        }

        let listed_keys = listed.count().to_string();
        let service = Arc::new(Service::new(network, key, together(listed, chain), store, journal));
        let address = |listener: &TcpListener| listener.local_addr().map_or_else(|_| "?".into(), |at| at.to_string());
        journal.write(
            Level::Info,
            "serving",
            &[
                ("address", &address(&listener)),
                ("metrics", &metrics.as_ref().map_or_else(|| "none".into(), address)),
                ("network", &network.to_string()),
                ("public_key", &service.public().to_string()),
                ("listed_keys", &listed_keys),
                ("node", self.askers.node.as_deref().unwrap_or("none")),
            ],
        );

        let (stopping, stopped) = watch::channel(false);
        let stop = |mut stopped: watch::Receiver<bool>| async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let askers = serve(service.clone(), listener, Port::Askers, stop(stopped.clone()));
        let operator = async {
            if let Some(listener) = metrics {
                serve(service.clone(), listener, Port::Metrics, stop(stopped)).await;
            }
        };
        let signal = async {
            let name = stop::told().await;
            journal.write(Level::Info, "stopping", &[("signal", name)]);
            let _ = stopping.send(true);
        };
        tokio::join!(askers, operator, signal);
        journal.write(Level::Info, "stopped", &[]);
        Ok(())
    }

    fn key(&self, options: &Options) -> Result<(u32, Key), Failure> {
        match &self.key {
            Some(path) if !self.dev => {
                let (header, key) = files::open(path, &key_password(options, false)?)?;
                Ok((header.network, key))
            },
            _ => Ok((1, development(1)?)),
        }
    }
}

/// Fails unless the key is the one that the node's network was made with.
fn ensure_fits(network: u32, key: PublicKey, facts: NetworkFacts) -> Result<(), Failure> {
    let NetworkFacts { network_id, owner_id_key } = facts;
    if network_id != network {
        let message = format!("the key is for network {network}, the node belongs to network {network_id}");
        return Err(Failure::new("network", message));
    }
    if owner_id_key != key {
        let message = format!("the key's public part is {key}, the node's network was made with {owner_id_key}");
        return Err(Failure::new("network_key", message));
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| Failure::new("address", format!("{address}: {error}")))
}
