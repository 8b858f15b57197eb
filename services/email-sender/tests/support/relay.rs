//! A relay that answers as it is told, over TLS or not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// A TCP connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What the relay says: to a command by its first word, to a connection (`open`), to the end
/// of a mail (`.`). What it says with no line end is cut off: it hangs up. `hangs` is no answer,
/// and `floods` one line without an end.
#[derive(Clone, Default)]
pub(crate) struct Script {
    says: HashMap<&'static str, &'static [u8]>,
    implicit: bool,
    tls: Option<TlsAcceptor>,
}

impl Script {
    pub(crate) fn saying(mut self, to: &'static str, answer: &'static [u8]) -> Self {
        self.says.insert(to, answer);
        self
    }

    /// Offers STARTTLS, or speaks TLS from the first byte.
    pub(crate) fn tls(mut self, acceptor: TlsAcceptor, implicit: bool) -> Self {
        (self.tls, self.implicit) = (Some(acceptor), implicit);
        self
    }

    fn answer(&self, to: &str) -> &'static [u8] {
        let usual: &[u8] = match to {
            "open" => b"220 relay\r\n",
            "EHLO" if self.tls.is_some() && !self.implicit => {
                b"250-relay\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"
            }
            "EHLO" => b"250-relay\r\n250 AUTH PLAIN\r\n",
            "AUTH" => b"235 welcome\r\n",
            "DATA" => b"354 go on\r\n",
            "." => b"250 taken\r\n",
            _ => b"250 yes\r\n",
        };
        self.says.get(to).copied().unwrap_or(usual)
    }
}

/// The relay. It ends with the test.
pub(crate) struct Relay {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    flooded: watch::Receiver<Option<usize>>,
}

impl Relay {
    /// A relay whose first connections have a script of their own; all others have the last one.
    pub(crate) async fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let hears = Arc::clone(&heard);
        let (floods, flooded) = watch::channel(None);
        tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let script = scripts[number.min(scripts.len() - 1)].clone();
                // A client that hangs up, or refuses the certificate, ends only its session.
                let (hears, floods) = (Arc::clone(&hears), floods.clone());
                tokio::spawn(session(Box::new(stream), script, hears, floods));
            }
        });
        Self {
            port,
            heard,
            flooded,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Every line that came, mails included, and `(open)` for each connection.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How many bytes of a flood were taken, once the client has hung up.
    pub(crate) async fn flooded(&self) -> usize {
        let mut flooded = self.flooded.clone();
        let taken = *flooded.wait_for(Option::is_some).await.unwrap();
        taken.unwrap()
    }

    /// How many lines began so.
    pub(crate) fn count(&self, word: &str) -> usize {
        let heard = self.heard();
        heard.iter().filter(|line| line.starts_with(word)).count()
    }
}

async fn session(
    mut stream: Box<dyn Stream>,
    script: Script,
    heard: Arc<Mutex<Vec<String>>>,
    floods: watch::Sender<Option<usize>>,
) -> std::io::Result<()> {
    heard.lock().unwrap().push("(open)".to_owned());
    if let (Some(tls), true) = (&script.tls, script.implicit) {
        stream = Box::new(tls.accept(stream).await?);
    }
    let mut stream = BufReader::new(stream);
    let mut to = "open".to_owned();
    loop {
        let answer = script.answer(&to);
        if answer == b"hangs" {
            std::future::pending::<()>().await;
        }
        if answer == b"floods" {
            let taken = flood(&mut stream).await;
            floods.send_replace(Some(taken));
            return Ok(());
        }
        stream.write_all(answer).await?;
        stream.flush().await?;
        if !answer.ends_with(b"\n") {
            return Ok(());
        }
        let mail = to == "DATA" && answer.starts_with(b"354");
        if let (Some(tls), "STARTTLS", b'2') = (&script.tls, to.as_str(), answer[0]) {
            let encrypted = tls.accept(stream.into_inner()).await?;
            stream = BufReader::new(Box::new(encrypted));
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            heard.lock().unwrap().push(line.to_owned());
            if !mail || line == "." {
                to = line.split([' ', ':']).next().unwrap().to_owned();
                break;
            }
        }
    }
}

/// One line without an end, until the client hangs up.
async fn flood(stream: &mut BufReader<Box<dyn Stream>>) -> usize {
    let mut taken = 0;
    while let Ok(bytes) = stream.write(&[b'2'; 65536]).await {
        taken += bytes;
    }
    taken
}
