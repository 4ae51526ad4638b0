//! Which tasks may end while the node runs.

use futures::FutureExt;
use sc_service::TaskManager;
use sp_core::traits::SpawnEssentialNamed;
use specie_node_service::spawner::Spawner;
use std::time::Duration;
use tokio::{runtime::Handle, time::timeout};

/// Whether the node stops within a moment.
async fn stops(tasks: &mut TaskManager) -> bool {
    timeout(Duration::from_millis(100), tasks.future()).await.is_ok_and(|end| end.is_err())
}

#[tokio::test]
async fn only_the_task_that_ends_with_the_pool_may_end() {
    let mut tasks = TaskManager::new(Handle::current(), None).unwrap();
    let spawner = Spawner::of_node(&tasks);
    spawner.spawn_essential_blocking("txpool-background", None, async {}.boxed());
    assert!(!stops(&mut tasks).await);
    spawner.spawn_essential_blocking("txpool-task", None, async {}.boxed());
    assert!(tasks.future().await.is_err());

    let mut tasks = TaskManager::new(Handle::current(), None).unwrap();
    Spawner::of_node(&tasks).spawn_essential("txpool-background", None, async {}.boxed());
    assert!(tasks.future().await.is_err());
}

#[tokio::test]
async fn every_task_of_a_command_may_end() {
    let mut tasks = TaskManager::new(Handle::current(), None).unwrap();
    let spawner = Spawner::of_command(&tasks);
    spawner.spawn_essential_blocking("basic-block-import-worker", None, async {}.boxed());
    spawner.spawn_essential("txpool-background", None, async {}.boxed());
    assert!(!stops(&mut tasks).await);
}
