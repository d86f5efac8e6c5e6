//! `conclave member`: an installation run for another program, asked by lines of JSON.

use std::net::SocketAddr;

use conclave_shared::request::{Failure, FailureKind, Reply, Request};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::installation::open;
use super::{CliError, Home};
use crate::desktop::settings;
use crate::main_loop::Running;
use crate::relay::embedded::{EmbeddedRelay, Mischief};

/// Longest line of a request, in bytes.
const LINE_LIMIT: usize = 1024 * 1024;

/// Requests as lines of JSON on standard input, replies on standard output, in order, until the input ends.
///
/// With `relay` the process is a relay too, for the members of the installation's vaults; its address is said first.
pub(super) async fn member(home: &Home, chain_pause_ms: u64, relay: Option<SocketAddr>) -> Result<(), CliError> {
    let running = Running::start(open(home)?, settings::door(&home.home), chain_pause_ms);
    let relay = match relay {
        Some(address) => Some(EmbeddedRelay::serve(address, running.served(), Mischief::default()).await?),
        None => None,
    };
    if let Some(relay) = &relay {
        super::serve::say_as_json(relay.url())?;
    }
    let mut input = BufReader::new(tokio::io::stdin());
    let mut output = tokio::io::stdout();
    while let Some(line) = next_line(&mut input).await? {
        let reply = match line {
            Ok(line) => match serde_json::from_str::<Request>(&line) {
                Ok(request) => running.ask(request).await,
                Err(error) => not_a_request(error.to_string()),
            },
            Err(bytes) => {
                not_a_request(format!("the line has more than {bytes} bytes, at most {LINE_LIMIT} are accepted"))
            }
        };
        let mut reply = serde_json::to_string(&reply).map_err(std::io::Error::from)?;
        reply.push('\n');
        output.write_all(reply.as_bytes()).await?;
        output.flush().await?;
    }
    running.stop().await;
    if let Some(relay) = relay {
        relay.shutdown().await;
    }
    Ok(())
}

fn not_a_request(reason: String) -> Reply {
    let message = format!("not a request: {reason}");
    Reply::Failed(Failure {
        kind: FailureKind::Input,
        code: "request-malformed".to_owned(),
        message,
        unmet: Vec::new(),
    })
}

/// The next line, none at the end; one that is too long is read to its end and dropped.
async fn next_line(input: &mut BufReader<tokio::io::Stdin>) -> Result<Option<Result<String, usize>>, std::io::Error> {
    let mut line = Vec::new();
    let mut dropped = 0;
    loop {
        let bytes = input.fill_buf().await?;
        if bytes.is_empty() && line.is_empty() && dropped == 0 {
            return Ok(None);
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(bytes.len());
        if line.len() + taken <= LINE_LIMIT && dropped == 0 {
            line.extend_from_slice(&bytes[..taken]);
        } else {
            dropped += line.len() + taken;
            line.clear();
        }
        let over = end.is_some() || bytes.is_empty();
        input.consume(taken + usize::from(end.is_some()));
        if over {
            return Ok(Some(if dropped > 0 { Err(dropped) } else { Ok(String::from_utf8_lossy(&line).into_owned()) }));
        }
    }
}
