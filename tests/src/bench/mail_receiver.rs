//! A mail server that takes everything, for measurements: it counts, and remembers the last mail.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What came.
#[derive(Clone, Debug, Default)]
struct Arrivals {
    count: usize,
    first: Option<Instant>,
    mail: Vec<u8>,
}

/// A server, until it is dropped.
pub struct MailReceiver {
    /// Where it is.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    arrivals: Mutex<Arrivals>,
    count: watch::Sender<usize>,
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
        let shared: Arc<Shared> = Arc::default();
        let inside = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&inside);
                // Whoever hangs up ends only this conversation.
                connections.spawn(async move { converse(stream, &shared).await });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            address,
            shared,
            task,
        })
    }

    /// Forgets what came.
    pub fn forget(&self) {
        *self.shared.arrivals() = Arrivals::default();
        self.shared.count.send_replace(0);
    }

    /// When the first mail came.
    #[must_use]
    pub fn first(&self) -> Option<Instant> {
        self.shared.arrivals().first
    }

    /// The last mail, as it came.
    #[must_use]
    pub fn mail(&self) -> Vec<u8> {
        self.shared.arrivals().mail.clone()
    }

    /// Waits until so many mails came.
    ///
    /// # Errors
    /// If they do not come in time.
    pub async fn wait_for(&self, count: usize, within: Duration) -> Result<()> {
        let mut seen = self.shared.count.subscribe();
        let all = tokio::time::timeout(within, seen.wait_for(|seen| *seen >= count)).await;
        if !matches!(all.map(|came| came.is_ok()), Ok(true)) {
            let so_far = self.shared.arrivals().count;
            anyhow::bail!("{so_far} of {count} mails came, and no more");
        }
        Ok(())
    }
}

impl Drop for MailReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn arrivals(&self) -> std::sync::MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn took(&self, mail: Vec<u8>) {
        let count = {
            let mut arrivals = self.arrivals();
            arrivals.count += 1;
            arrivals.first.get_or_insert_with(Instant::now);
            arrivals.mail = mail;
            arrivals.count
        };
        self.count.send_replace(count);
    }
}

/// As much of RFC 5321 as a client needs to hand over mail.
async fn converse(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
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
                shared.took(mail);
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
