//! How a service is told to stop.

/// Waits for SIGTERM or Ctrl-C, and gives its name.
pub async fn told() -> &'static str {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        return tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = tokio::signal::ctrl_c() => "SIGINT",
        };
    }
    let _ = tokio::signal::ctrl_c().await;
    "SIGINT"
}
