//! A stream that breaks when the other side talks without end, or out of turn.
//!
//! lettre limits an answer, but only once it has read a whole line: one without an end would be
//! read until the attempt's time is over. And it keeps what it has read beyond the answer to
//! STARTTLS, so that somebody on the way could have that taken for an answer inside TLS
//! (CVE-2011-0411 in other clients).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes may come before we say something again. The longest that come are
/// certificates, after STARTTLS; an answer's line has at most 512 (RFC 5321, 4.5.3.1.5).
const BETWEEN_WRITES: usize = 64 * 1024;

/// A connection to the relay.
#[derive(Debug)]
pub(crate) struct Bounded<S> {
    stream: S,
    peer: SocketAddr,
    /// How many bytes came since we last wrote.
    read: usize,
    /// What came in answer to STARTTLS, until TLS begins.
    before_tls: Option<Vec<u8>>,
}

impl<S> Bounded<S> {
    pub(crate) fn new(stream: S, peer: SocketAddr) -> Self {
        Self {
            stream,
            peer,
            read: 0,
            before_tls: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let came = &buffer.filled()[before..];
        self.read += came.len();
        if self.read > BETWEEN_WRITES {
            return refused("the relay's answer has no end: more than 64 KiB came");
        }
        if let Some(answer) = &mut self.before_tls {
            answer.extend_from_slice(came);
            if goes_on(answer) {
                return refused(
                    "more than an answer to STARTTLS came, in the clear; somebody else may have written it",
                );
            }
        }
        Poll::Ready(Ok(()))
    }
}

fn refused(why: &'static str) -> Poll<io::Result<()>> {
    Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)))
}

/// Whether something follows a reply, whose last line has no hyphen after its code (RFC 5321, 4.2.1).
fn goes_on(answer: &[u8]) -> bool {
    let mut lines = answer.split_inclusive(|byte| *byte == b'\n');
    lines.any(|line| line.ends_with(b"\n") && line.get(3) != Some(&b'-')) && lines.next().is_some()
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.read = 0;
        self.before_tls = (bytes == b"STARTTLS\r\n").then(Vec::new);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S> AsyncTokioStream for Bounded<S>
where
    S: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug,
{
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_ends_with_the_line_that_has_no_hyphen_after_its_code() {
        for whole in [
            "",
            "2",
            "220 go",
            "220 go\r\n",
            "220-on\r\n",
            "220-on\r\n220\r\n",
        ] {
            assert!(!goes_on(whole.as_bytes()), "{whole:?}");
        }
        for more in ["220 go\r\n2", "220\r\n250 ok\r\n", "220-on\r\n220 go\r\n\n"] {
            assert!(goes_on(more.as_bytes()), "{more:?}");
        }
    }
}
