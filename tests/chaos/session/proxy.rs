//! A TCP proxy whose connections can go dead without a word.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, tcp};
use tokio::task::JoinHandle;

/// Stands between clients and a server.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    fuse: Arc<Mutex<Fuse>>,
    accepting: JoinHandle<()>,
}

/// What makes connections go dead.
#[derive(Default)]
struct Fuse {
    /// How many bytes may pass before it blows; none as long as it holds.
    left: Option<usize>,
    /// How often it blew; a connection that is older than that passes nothing.
    blown: u64,
}

impl Fuse {
    /// How many of so many bytes may pass.
    fn pass(&mut self, length: usize) -> usize {
        match &mut self.left {
            Some(left) if *left > length => *left -= length,
            Some(left) => {
                let rest = *left;
                self.left = None;
                self.blown += 1;
                return rest;
            }
            None => {}
        }
        length
    }
}

impl Proxy {
    pub(super) async fn to(server: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let fuse = Arc::new(Mutex::new(Fuse::default()));
        let accepting = tokio::spawn(accept(listener, server, Arc::clone(&fuse)));
        Self {
            address,
            fuse,
            accepting,
        }
    }

    /// Lets so many more bytes pass; after them nothing passes on the connections there
    /// are, and nobody is told. New connections are forwarded.
    pub(super) fn freeze_after(&self, bytes: usize) {
        self.fuse.lock().unwrap().left = Some(bytes);
    }

    /// As [`Proxy::freeze_after`], at once.
    pub(super) fn freeze(&self) {
        self.fuse.lock().unwrap().blown += 1;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: String, fuse: Arc<Mutex<Fuse>>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let Ok(server) = TcpStream::connect(&server).await else {
            continue;
        };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let born = fuse.lock().unwrap().blown;
        tokio::spawn(forward(from_client, to_server, Arc::clone(&fuse), born));
        tokio::spawn(forward(from_server, to_client, Arc::clone(&fuse), born));
    }
}

/// Forwards until one side closes, or the fuse has blown since the connection was `born`.
async fn forward(
    mut from: tcp::OwnedReadHalf,
    mut to: tcp::OwnedWriteHalf,
    fuse: Arc<Mutex<Fuse>>,
    born: u64,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let (passing, dead) = {
            let mut fuse = fuse.lock().unwrap();
            match fuse.blown == born {
                true => (fuse.pass(length), fuse.blown != born),
                false => (0, true),
            }
        };
        if to.write_all(&buffer[..passing]).await.is_err() {
            return;
        }
        if dead {
            // Both sockets stay open and silent until the test is over.
            std::future::pending::<()>().await;
        }
    }
}
