//! A node's metrics, read as Prometheus reads them.

use crate::{
    network::Node,
    rpc::{Rpc, ANSWER, PROGRESS},
};
use anyhow::{ensure, Context, Result};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// Everything a node tells, in Prometheus' text form.
pub fn read(node: &Node) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", node.ports.prometheus))
        .with_context(|| format!("{} shows no metrics at port {}", node.name, node.ports.prometheus))?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of its head")?;
    ensure!(head.lines().next().is_some_and(|line| line.contains(" 200 ")), "{head}");
    Ok(body.to_owned())
}

/// The value of a metric, the first of its name.
pub fn value(node: &Node, name: &str) -> Result<f64> {
    let text = read(node)?;
    find(&text, name).with_context(|| format!("{} has no metric {name}", node.name))
}

/// Waits until a metric has a value; looks again at every final block, of which so many may pass.
pub async fn wait_for(node: &Node, rpc: &Rpc, name: &str, wanted: f64, blocks: u32) -> Result<()> {
    let mut seen = value(node, name)?;
    for _ in 0..blocks {
        if seen == wanted {
            return Ok(());
        }
        rpc.wait_for_more_final(1, PROGRESS).await?;
        seen = value(node, name)?;
    }
    ensure!(seen == wanted, "{}: {name} is {seen} after {blocks} blocks, not {wanted}", node.name);
    Ok(())
}

fn find(text: &str, name: &str) -> Option<f64> {
    let line = text
        .lines()
        .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{') || rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_metric_is_found_by_its_whole_name() {
        let text = "# TYPE a gauge\na_b{chain=\"x y\"} 3\na{chain=\"x\"} 1\nc 2.5\n";
        assert_eq!(find(text, "a"), Some(1.0));
        assert_eq!(find(text, "a_b"), Some(3.0));
        assert_eq!(find(text, "c"), Some(2.5));
        assert_eq!(find(text, "b"), None);
    }
}
