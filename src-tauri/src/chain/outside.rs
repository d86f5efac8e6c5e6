//! What a hostile Electrum server answers: for the fuzz target and the tests that share it.

use std::io::{self, Cursor, Read, Write};

use bitcoin::hashes::Hash as _;
use bitcoin::{ScriptBuf, Txid};
use electrum_client::ElectrumApi;
use electrum_client::raw_client::RawClient;

use super::chunked::Chunked;
use super::stream::{ANSWER_TIME, LimitedStream};

/// Longest line here, in bytes: short, so that the limit is met.
const LINE: usize = 4_096;

/// A server that has said everything before it is asked.
#[derive(Debug)]
struct Said(Cursor<Vec<u8>>);

impl Read for Said {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Said {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Each line answers one question; what begins with `!` is sent as it is. Says whether any question was answered.
pub(crate) fn answers(bytes: &[u8]) -> bool {
    let mut said = Vec::new();
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        match line.split_first() {
            Some((b'!', raw)) => said.extend_from_slice(raw),
            _ => {
                said.extend_from_slice(format!("{{\"jsonrpc\":\"2.0\",\"id\":{number},\"result\":").as_bytes());
                said.extend_from_slice(line);
                said.push(b'}');
            }
        }
        said.push(b'\n');
    }
    let stream = LimitedStream::new(Said(Cursor::new(said)), LINE, ANSWER_TIME);
    let client = Chunked::new(RawClient::from(stream));
    let (txid, script) = (Txid::all_zeros(), ScriptBuf::new());
    let answered = [
        client.block_headers_subscribe_raw().is_ok(),
        client.block_headers(0, 3).map(|answer| assert!(answer.headers.len() <= 3)).is_ok(),
        client.script_get_history(&script).is_ok(),
        client.transaction_get_raw(&txid).is_ok(),
        client.transaction_get_merkle(&txid, 1).is_ok(),
        client.block_header_raw(1).is_ok(),
        client.batch_script_get_history([script.as_script()]).is_ok(),
    ];
    answered.contains(&true)
}
