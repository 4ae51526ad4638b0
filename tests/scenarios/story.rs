//! The story of the demo, on a network of its own, with both network back ends.

use anyhow::Result;
use specie_testnet::{story::Story, Options, TestNetwork};

async fn play(backend: &str) -> Result<()> {
    let options = Options { network_backend: Some(backend.into()), ..TestNetwork::options() };
    let mut network = TestNetwork::start(&options).await?;
    Story::new(&mut network)?.play(&mut std::io::stdout()).await?;
    network.passed();
    Ok(())
}

#[tokio::test]
async fn the_story_plays_on_litep2p() -> Result<()> {
    play("litep2p").await
}

#[tokio::test]
async fn the_story_plays_on_libp2p() -> Result<()> {
    play("libp2p").await
}
