//! Receivers that answer with any bytes, never end, or show a wrong certificate.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// An HTTP answer whose body is whole.
#[must_use]
pub fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// Takes one request a connection, gives the next of its answers and hangs up.
pub struct Receiver {
    /// Where it is.
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    /// A receiver that gives these answers, one a connection.
    pub async fn answering<A: Into<String>>(answers: impl IntoIterator<Item = A>) -> Self {
        let answers: Vec<String> = answers.into_iter().map(Into::into).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::default();
        let got: Arc<Mutex<Vec<String>>> = Arc::clone(&requests);
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = request(&mut stream).await;
                got.lock().unwrap().push(request);
                // Whoever hangs up first does not read it.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, requests }
    }

    /// The requests that came, head and body.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Reads one request with `Content-Length`.
pub async fn request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut chunk = vec![0; 65536];
        let read = stream.read(&mut chunk).await.unwrap();
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        if body.len() >= length {
            return text.into_owned();
        }
    }
}

/// Begins an answer of 10 GB, and sends of it what is taken. Gives the URL and, in the end,
/// how many bytes that were.
pub async fn flooding(status: &str) -> (String, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: 10000000000\r\n\r\n");
    let sent = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut sent = 0;
        // Ends when the client has hung up.
        while let Ok(taken) = stream.write(&[b'a'; 65536]).await {
            sent += taken;
        }
        sent
    });
    (url, sent)
}

/// A TLS server whose certificate is for `elsewhere.example`, signed by itself.
pub struct Imposter {
    /// Where it is.
    pub url: String,
    process: Child,
    /// Read no more, but open: the server ends when nobody listens to it.
    _words: Lines<BufReader<ChildStdout>>,
    folder: TempDir,
}

impl Imposter {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                     -subj /CN=elsewhere.example -addext subjectAltName=DNS:elsewhere.example -addext basicConstraints=critical,CA:FALSE \
                     -keyout key.pem -out certificate.pem";
        let made = openssl(folder.path(), words).status().unwrap();
        assert!(made.success());
        let words = "s_server -accept 127.0.0.1:0 -cert certificate.pem -key key.pem -www";
        let mut process = openssl(folder.path(), words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut words = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = words
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("ACCEPT ")?.to_owned()))
            .unwrap();
        let url = format!("https://{address}");
        Self {
            url,
            process,
            _words: words,
            folder,
        }
    }

    /// Its certificate, for those who trust it.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }
}

fn openssl(folder: &Path, words: &str) -> Command {
    let mut command = Command::new("openssl");
    command
        .args(words.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

impl Drop for Imposter {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
