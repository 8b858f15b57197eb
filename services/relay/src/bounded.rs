//! A stream that breaks when the other side talks without end.
//!
//! lettre counts the lines of an answer, but reads each of them whole: one without an end
//! would be read until the attempt's time is over.

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
}

impl<S> Bounded<S> {
    pub(crate) fn new(stream: S, peer: SocketAddr) -> Self {
        let read = 0;
        Self { stream, peer, read }
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
        self.read += buffer.filled().len() - before;
        Poll::Ready(if self.read <= BETWEEN_WRITES {
            Ok(())
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the relay's answer has no end: more than 64 KiB came",
            ))
        })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.read = 0;
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
