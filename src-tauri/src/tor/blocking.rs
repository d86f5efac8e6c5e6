//! A connection for clients that block, with limits on each wait.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Handle;

use super::{Address, DialError, Door, Isolation, Loopback, NEAR, Stream, unreachable};

/// A connection whose reads and writes block, each for a limited time.
pub struct BlockingStream(Line);

enum Line {
    /// The system keeps the limits.
    Near(TcpStream),
    Far {
        stream: Stream,
        runtime: Handle,
        limit: Duration,
    },
}

impl Door {
    /// As [`Door::dial`], for a thread that may block. Each read and write takes `limit` at most. What is reached through
    /// Tor needs a tokio runtime that the thread has entered.
    pub fn dial_blocking(
        &self,
        address: &Address,
        isolation: &Isolation,
        limit: Duration,
    ) -> Result<BlockingStream, DialError> {
        if let Address::Here(here) = address {
            return BlockingStream::near(*here, limit).map_err(|error| unreachable(address, &error));
        }
        let runtime = Handle::try_current().map_err(|error| unreachable(address, &error))?;
        let stream = runtime.block_on(self.dial(address, isolation))?;
        Ok(BlockingStream(Line::Far { stream, runtime, limit }))
    }
}

impl BlockingStream {
    /// A connection on this machine.
    pub fn near(address: Loopback, limit: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address.address(), NEAR)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        stream.set_nodelay(true)?;
        Ok(Self(Line::Near(stream)))
    }
}

/// Waits for what a stream does, but not longer than its limit.
fn within<T>(runtime: &Handle, limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    runtime
        .block_on(async { tokio::time::timeout(limit, work).await })
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

impl Read for BlockingStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Line::Near(stream) => stream.read(buffer),
            Line::Far { stream, runtime, limit } => within(runtime, *limit, stream.read(buffer)),
        }
    }
}

impl Write for BlockingStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Line::Near(stream) => stream.write(bytes),
            Line::Far { stream, runtime, limit } => within(runtime, *limit, stream.write(bytes)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Line::Near(stream) => stream.flush(),
            Line::Far { stream, runtime, limit } => within(runtime, *limit, stream.flush()),
        }
    }
}

impl std::fmt::Debug for BlockingStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Line::Near(_) => "BlockingStream(near)",
            Line::Far { .. } => "BlockingStream(far)",
        })
    }
}
