//! A node's metrics, read as Prometheus reads them.

use crate::{network::Node, rpc::ANSWER};
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
