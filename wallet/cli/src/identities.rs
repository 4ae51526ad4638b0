//! From an identity to its owner id: remembered, or asked of the issuer's identity service with the signing key.

use crate::{
    app::App,
    failure::{self, Failure},
};
use anyhow::{Context, Result};
use rand::rngs::OsRng;
use serde::Deserialize;
use specie_identity_client::{evaluate, ClientError, Signer};
use specie_prf::{Blinded, Hardened, PrfError, PrfOutput, PublicKey};
use specie_primitives::{identity, OwnerId};
use specie_wallet::{parse_identity, Keypair, OwnerIds};
use subxt::rpcs::client::rpc_params;

/// Where the service listens unless somebody says otherwise.
const USUAL_SERVICE: &str = "http://127.0.0.1:9955";

impl App {
    /// The owner id of an identity. The service is asked once by each key; then the answer is remembered.
    pub async fn owner_of_identity(&self, text: &str) -> Result<OwnerId> {
        let identity = parse_identity(&self.identity(text)?)?;
        if self.options.key.is_none() {
            let text = "owner ids come from the identity service, which answers banks and owners only: say who asks with --key, \
                        or name the owner by its id";
            return Err(Failure::new(failure::WALLET, text).into());
        }
        let network = self.network().await?;
        let key = PublicKey::from_bytes(network.owner_id_key.0).map_err(|_| {
            let text = format!("the node names no key of owner ids, but {}", network.owner_id_key);
            Failure::new(failure::NODE, text)
        })?;
        let (asker, genesis) = (self.signer()?, self.client().await?.genesis());
        let hardened = Hardened::new(identity.as_bytes(), network.network_id)?;
        let mut known = OwnerIds::open(self.keystore()?.directory(), genesis, &asker, network.owner_id_key)?;
        let output = match known.get(&hardened) {
            Some(output) => output.clone(),
            None => {
                let output = self.ask(&asker, &key, network.network_id, &hardened).await?;
                if let Err(error) = known.remember(hardened, output.clone()) {
                    eprintln!("warning: the owner id will have to be asked for again: {error}");
                }
                output
            },
        };
        Ok(identity::owner_id(network.network_id, output.as_bytes()))
    }

    async fn ask(&self, asker: &Keypair, key: &PublicKey, network: u32, hardened: &Hardened) -> Result<PrfOutput> {
        let url = self.identity_service().await?;
        let blinded = [Blinded::from_hardened(hardened.clone(), network, &mut OsRng)?];
        let signer = Signer::new(asker.account().into(), |message| asker.sign(message));
        let outputs = evaluate(&url, key, &signer, &blinded).await.map_err(|error| explain(&url, &error))?;
        outputs.into_iter().next().context("the identity service gave no answer")
    }

    /// Where the service is: where the command line says, else the node, else where it usually is.
    async fn identity_service(&self) -> Result<String> {
        #[derive(Deserialize)]
        struct Told {
            identity_service: Option<String>,
        }
        if let Some(url) = &self.options.identity_service {
            return Ok(url.clone());
        }
        let told: Told = self.client().await?.request("specie_network", rpc_params![]).await?;
        Ok(told.identity_service.unwrap_or_else(|| USUAL_SERVICE.into()))
    }
}

/// Why there is no owner id, and what to do. The name is the service's own code, or `unreachable`, `no_service`, `proof`
/// and `answer`.
fn explain(url: &str, error: &ClientError) -> Failure {
    let (name, message) = match error {
        ClientError::Http(error) => (
            "unreachable",
            format!(
                "the identity service at {url}: {error}; give another address with --identity-service, or name the owner by \
                 its id (identities that this key asked about before need no service)"
            ),
        ),
        ClientError::Answer(status) => (
            "no_service",
            format!("what answers at {url} (HTTP {status}) is no identity service: give its address with --identity-service"),
        ),
        ClientError::Prf(PrfError::Proof) => (
            "proof",
            format!(
                "the answer of {url} was not made with the network's key of owner ids, so it was thrown away: this is not the \
                 network's identity service, or somebody wants this identity to have another owner id"
            ),
        ),
        ClientError::Prf(error) => ("answer", format!("the answer of {url} cannot be used: {error}")),
        ClientError::Refused { reason, .. } => {
            let hint = match reason.code.as_str() {
                "asker" => {
                    ": banks' accounts and owners' keys may, the latter some seconds after they were registered; for \
                     somebody who is no owner yet the bank asks"
                },
                "network" | "key" => ": the service at this address is another network's",
                "time" => ": correct the clock",
                _ => "",
            };
            (reason.code.as_str(), format!("the identity service refused: {}{hint}", reason.message))
        },
    };
    Failure { name: Some(name.into()), ..Failure::new(failure::IDENTITY, message) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cli;
    use clap::Parser;
    use specie_identity_client::{http::HttpError, wire::Refusal};

    const URL: &str = "http://127.0.0.1:9955";

    #[test]
    fn failures_of_the_service_are_named_and_say_what_to_do() {
        let refused =
            |refusal: Refusal| ClientError::Refused { status: refusal.status(), reason: refusal.body().error };
        for (error, name, part) in [
            (ClientError::Http(HttpError::Connection("refused".into())), "unreachable", "--identity-service"),
            (ClientError::Answer(404), "no_service", "HTTP 404"),
            (ClientError::Prf(PrfError::Proof), "proof", "thrown away"),
            (ClientError::Prf(PrfError::Version(2)), "answer", "cannot be used"),
            (refused(Refusal::Limit(Some(5))), "limit", "try again in 5 s"),
            (refused(Refusal::Asker), "asker", "the bank asks"),
            (refused(Refusal::Network(7)), "network", "another network's"),
            (refused(Refusal::Time(7)), "time", "clock"),
            (refused(Refusal::Unavailable), "unavailable", "try again"),
        ] {
            let failure = explain(URL, &error);
            assert_eq!((failure.kind, failure.name.as_deref()), (failure::IDENTITY, Some(name)));
            assert!(failure.message.contains(part), "{failure}");
        }
    }

    #[tokio::test]
    async fn nobody_asks_without_a_key_or_about_nonsense() {
        let app = |arguments: &[&str]| {
            App::new(
                Cli::parse_from([&["specie", "--node", "ws://127.0.0.1:1"], arguments, &["network"]].concat()).options,
            )
        };
        let error = app(&[]).owner_of_identity("+49 171 5550101").await.unwrap_err();
        assert!(error.to_string().contains("--key"), "{error}");
        // Told before a node is asked.
        let error = app(&["--key", "//Ann"]).owner_of_identity("0171 5550101").await.unwrap_err();
        assert!(error.to_string().contains("without its country"), "{error}");
    }

    #[tokio::test]
    async fn the_command_line_says_where_the_service_is() {
        let cli = Cli::parse_from(["specie", "--node", "ws://127.0.0.1:1", "--identity-service", URL, "network"]);
        assert_eq!(App::new(cli.options).identity_service().await.unwrap(), URL);
    }
}
