//! Servers on this machine: one that nobody should reach, and one that points to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Where the canary sits; one port on all of them.
const PERCHES: [&str; 3] = ["127.0.0.1", "127.1.2.3", "::1"];

/// Counts the connections that reach it.
pub(crate) struct Canary {
    pub(crate) port: u16,
    reached: Arc<AtomicUsize>,
}

impl Canary {
    pub(crate) async fn start() -> Self {
        let listeners = loop {
            if let Some(listeners) = perch().await {
                break listeners;
            }
        };
        let canary = Self {
            port: listeners[0].local_addr().unwrap().port(),
            reached: Arc::default(),
        };
        for listener in listeners {
            let reached = Arc::clone(&canary.reached);
            tokio::spawn(async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    reached.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(answer(stream, |_| "200 OK\r\n".to_owned()));
                }
            });
        }
        canary
    }

    /// How many connections there were. Our own go last through every door, so that none is
    /// on its way still.
    pub(crate) async fn reached(&self) -> usize {
        for perch in PERCHES {
            let mut last = TcpStream::connect((perch, self.port)).await.unwrap();
            last.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            last.read_to_end(&mut Vec::new()).await.unwrap();
            self.reached.fetch_sub(1, Ordering::SeqCst);
        }
        self.reached.load(Ordering::SeqCst)
    }
}

async fn perch() -> Option<Vec<TcpListener>> {
    let mut listeners = vec![TcpListener::bind((PERCHES[0], 0)).await.unwrap()];
    let port = listeners[0].local_addr().unwrap().port();
    for perch in &PERCHES[1..] {
        listeners.push(TcpListener::bind((*perch, port)).await.ok()?);
    }
    Some(listeners)
}

/// A receiver that is allowed and points elsewhere: what follows `?` in a path is the status
/// and a header line of its answer, in hex.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Arc<AtomicUsize>,
}

impl Front {
    pub(crate) const HOST: &str = "127.0.9.1";

    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Self::HOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<AtomicUsize> = Arc::default();
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream, told));
            }
        });
        Self { address, requests }
    }

    /// A path that is answered so.
    pub(crate) fn answering(status: u16, header: &str) -> String {
        let head = format!("{status} Told\r\n{header}\r\n");
        let hex: String = head.bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("/?{hex}")
    }
}

fn told(path: &str) -> String {
    let Some((_, hex)) = path.split_once('?') else {
        return "200 OK\r\n".to_owned();
    };
    let bytes = (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16));
    String::from_utf8(bytes.map(Result::unwrap).collect()).unwrap()
}

/// Answers one request and hangs up.
async fn answer(mut stream: TcpStream, head: impl Fn(&str) -> String) {
    let mut request = vec![0; 65536];
    let read = stream.read(&mut request).await.unwrap_or(0);
    let line = String::from_utf8_lossy(&request[..read]).into_owned();
    let path = line.split(' ').nth(1).unwrap_or("/");
    let head = format!(
        "HTTP/1.1 {}Content-Length: 0\r\nConnection: close\r\n\r\n",
        head(path)
    );
    // Whoever speaks TLS has hung up by now.
    let _ = stream.write_all(head.as_bytes()).await;
}
