//! A mail server that takes everything, for measurements.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::arrivals::Inbox;

/// A server, until it is dropped.
pub struct MailReceiver {
    /// The mails that came.
    pub inbox: Arc<Inbox>,
    /// Where it is.
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl MailReceiver {
    /// Starts one.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("cannot listen")?;
        let address = listener.local_addr()?;
        let inbox: Arc<Inbox> = Arc::default();
        let inside = Arc::clone(&inbox);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let inbox = Arc::clone(&inside);
                // Whoever hangs up ends only this conversation.
                connections.spawn(async move { converse(stream, &inbox).await });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            inbox,
            address,
            task,
        })
    }
}

impl Drop for MailReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// As much of RFC 5321 as a client needs to hand over mail.
async fn converse(stream: TcpStream, inbox: &Inbox) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 bench\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match line.get(..4).unwrap_or_default() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mail = read_mail(&mut stream).await?;
                inbox.take(Instant::now(), None, mail);
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// The lines up to the one that is a dot.
async fn read_mail(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut mail = Vec::with_capacity(8192);
    loop {
        let start = mail.len();
        let read = stream.read_until(b'\n', &mut mail).await?;
        if read == 0 || &mail[start..] == b".\r\n" {
            mail.truncate(start);
            return Ok(mail);
        }
    }
}
