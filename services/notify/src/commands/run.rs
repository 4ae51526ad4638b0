//! `specie-notify run`

use crate::{failure::Failure, Options};
use clap::Args;
use specie_notify::{
    config::Config,
    metrics::Metrics,
    node::Nodes,
    server::serve,
    state::State,
    worker::{Stop, Worker},
};
use specie_service::{
    journal::{Journal, Level},
    stop,
};
use std::{pin::pin, sync::Arc};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// Send notices.
#[derive(Args)]
#[command(after_help = "\
Notices that an endpoint does not take are sent again, as long as it takes; nothing is sent before it. After a restart, \
also after a crash, sending goes on behind the last notice that was taken: what was being sent then comes again, with the \
same id.")]
pub struct Run {}

impl Run {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), Failure> {
        let journal = Journal { json: options.json };
        let config = Config::read(&options.config)?;
        let state = Arc::new(State::open(&config.state)?);
        let metrics = Arc::new(Metrics::default());
        let mut address = String::from("none");
        if let Some(wanted) = config.metrics {
            let taken = |error: std::io::Error| Failure::new("address", format!("{wanted}: {error}"));
            let listener = TcpListener::bind(wanted).await.map_err(taken)?;
            address = listener.local_addr().map_or(address, |address| address.to_string());
            tokio::spawn(serve(metrics.clone(), listener));
        }
        let count = config.endpoints.len().to_string();
        journal.write(Level::Info, "started", &[("endpoints", &count), ("metrics", &address)]);

        let (stopping, stopped) = watch::channel(false);
        let mut workers = JoinSet::new();
        for endpoint in config.endpoints {
            let nodes = Nodes::new(config.nodes.clone(), state.genesis());
            let stop = Stop(stopped.clone());
            let worker = Worker::new(endpoint, nodes, state.clone(), metrics.clone(), journal, stop);
            workers.spawn(worker.run());
        }
        let mut signal = pin!(stop::told());
        let (mut told, mut failure) = (false, None);
        loop {
            tokio::select! {
                name = &mut signal, if !told => {
                    journal.write(Level::Info, "stopping", &[("signal", name)]);
                    told = true;
                },
                done = workers.join_next() => match done {
                    // Each ends what it has begun, which is bounded by the endpoint's `timeout_s`.
                    None => break,
                    Some(Ok(Ok(()))) => {},
                    Some(Ok(Err(error))) => failure = Some(Failure::from(error)),
                    Some(Err(error)) => failure = Some(Failure::new("io", error)),
                },
            }
            if told || failure.is_some() {
                let _ = stopping.send(true);
            }
        }
        journal.write(Level::Info, "stopped", &[]);
        failure.map_or(Ok(()), Err)
    }
}
