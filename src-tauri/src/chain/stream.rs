//! The byte stream under an Electrum client, with the limits that the client itself does not have: a longest line and a
//! longest wait for an answer. It knows nothing of the protocol but its newlines.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

/// Longest line a server may send, in bytes. A transaction as large as a block is 8 MB of hex.
pub(super) const MAX_LINE: usize = 32_000_000;
/// Longest time from the last request to the end of its answer, however slowly the server drips.
pub(super) const ANSWER_TIME: Duration = Duration::from_secs(120);

/// A stream whose lines and answers end.
#[derive(Debug)]
pub struct LimitedStream<S> {
    stream: S,
    line: usize,
    max_line: usize,
    asked: Instant,
    answer_time: Duration,
}

impl<S> LimitedStream<S> {
    pub(super) fn new(stream: S, max_line: usize, answer_time: Duration) -> Self {
        Self { stream, line: 0, max_line, asked: Instant::now(), answer_time }
    }
}

impl<S: Read> Read for LimitedStream<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.asked.elapsed() > self.answer_time {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the answer took too long"));
        }
        let count = self.stream.read(buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        // What stands behind the last newline begins the next line.
        self.line = match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(newline) => count - newline - 1,
            None => self.line + count,
        };
        if self.line > self.max_line {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line of the answer is too long"));
        }
        Ok(count)
    }
}

impl<S: Write> Write for LimitedStream<S> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.asked = Instant::now();
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(bytes: &[u8], max_line: usize) -> io::Result<usize> {
        let mut stream = LimitedStream::new(Cursor::new(bytes.to_vec()), max_line, ANSWER_TIME);
        let (mut buffer, mut total) = ([0; 4], 0);
        loop {
            match stream.read(&mut buffer)? {
                0 => return Ok(total),
                count => total += count,
            }
        }
    }

    #[test]
    fn a_line_has_an_end() {
        assert_eq!(read(b"12345678\n12345678\n1234", 8).expect("lines of eight"), 22);
        let error = read(b"12345678\n123456789", 8).expect_err("nine bytes without an end");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn an_answer_has_an_end() {
        let mut stream = LimitedStream::new(Cursor::new(vec![0; 8]), 100, Duration::ZERO);
        std::thread::sleep(Duration::from_millis(2));
        let error = stream.read(&mut [0; 4]).expect_err("too late");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
