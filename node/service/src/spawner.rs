//! Which tasks of the pool and the import queue the node cannot do without.

use futures::future::BoxFuture;
use sc_service::{SpawnEssentialTaskHandle, SpawnTaskHandle, TaskManager};
use sp_core::traits::SpawnEssentialNamed;

/// The pool's blocking task, which ends with the pool.
const ENDS_WITH_POOL: &str = "txpool-background";

/// Runs the tasks that the pool and the import queue call essential.
///
/// The SDK takes the end of an essential task for a failure: it logs an error and stops the node. But some tasks end in
/// order, and are ordinary ones here:
///
/// * In a node the pool's blocking task waits in a receive that only the end of the pool interrupts, and that comes
///   with every orderly stop. While the node runs, nothing but a panic can end it, and a panic ends the process: the
///   hook that `sc-cli` sets (`sp-panic-handler`) exits at once, except where the executor runs a runtime, which this
///   task does not.
/// * In a command that works on the database, pool and queue are dropped when the work is done.
#[derive(Clone)]
pub struct Spawner {
    ordinary: SpawnTaskHandle,
    essential: Option<SpawnEssentialTaskHandle>,
}

impl Spawner {
    /// For a node.
    pub fn of_node(tasks: &TaskManager) -> Self {
        Self { ordinary: tasks.spawn_handle(), essential: Some(tasks.spawn_essential_handle()) }
    }

    /// For a command that works on the database.
    pub fn of_command(tasks: &TaskManager) -> Self {
        Self { ordinary: tasks.spawn_handle(), essential: None }
    }
}

impl SpawnEssentialNamed for Spawner {
    fn spawn_essential_blocking(
        &self,
        name: &'static str,
        group: Option<&'static str>,
        future: BoxFuture<'static, ()>,
    ) {
        match &self.essential {
            Some(essential) if name != ENDS_WITH_POOL => essential.spawn_blocking(name, group, future),
            _ => self.ordinary.spawn_blocking(name, group, future),
        }
    }

    fn spawn_essential(&self, name: &'static str, group: Option<&'static str>, future: BoxFuture<'static, ()>) {
        match &self.essential {
            Some(essential) => essential.spawn(name, group, future),
            None => self.ordinary.spawn(name, group, future),
        }
    }
}
