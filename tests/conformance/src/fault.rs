//! What a receiver can do to a sender over HTTP, and the receiver that does it.

use std::path::PathBuf;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::receiver::{Imposter, Receiver, answer, flooding, request};

/// What a receiver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Takes the message and says so.
    None,
    /// Answers with this status (HTTP) or code (SMTP).
    Status(u16),
    /// Answers 429 with this `Retry-After`.
    RetryAfter(&'static str),
    /// Reads the request and says nothing.
    Silent,
    /// Says no with a body that never ends.
    SlowBody,
    /// Hangs up instead of answering.
    HangsUp,
    /// Answers what is no answer.
    Garbage,
    /// Says no with a body of 10 GB.
    Flood,
    /// Nobody listens.
    Refuses,
    /// Its certificate is vouched for by nobody.
    UnknownIssuer,
    /// Its certificate is trusted and for another name.
    OtherName,
}

/// A receiver at work.
pub struct Staged {
    /// Where it is.
    pub url: String,
    /// Certificates to be trusted (`DD_EXTRA_CA_FILE`).
    pub trusted: Option<PathBuf>,
    receiver: Option<Receiver>,
    taken: Option<JoinHandle<usize>>,
    _imposter: Option<Imposter>,
}

impl Staged {
    /// Starts the receiver of a fault. `success` is its whole answer when it takes the message.
    pub async fn new(fault: Fault, success: &str) -> Self {
        let mut staged = Self {
            url: String::new(),
            trusted: None,
            receiver: None,
            taken: None,
            _imposter: None,
        };
        let answers = match fault {
            Fault::None => success.to_owned(),
            Fault::Status(status) => answer(&format!("{status} Status"), ""),
            Fault::RetryAfter(value) => {
                let line = format!("429 Too Many Requests\r\nRetry-After: {value}");
                answer(&line, "")
            }
            Fault::HangsUp => String::new(),
            Fault::Garbage => "\u{1}\u{2}garbage\r\n\r\n".to_owned(),
            Fault::Silent => {
                staged.url = keeping("").await;
                return staged;
            }
            Fault::SlowBody => {
                let begun = "HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\na";
                staged.url = keeping(begun).await;
                return staged;
            }
            Fault::Flood => {
                let (url, taken) = flooding("503 Busy").await;
                (staged.url, staged.taken) = (url, Some(taken));
                return staged;
            }
            Fault::Refuses => {
                // Nobody listens at port 1.
                "http://127.0.0.1:1".clone_into(&mut staged.url);
                return staged;
            }
            Fault::UnknownIssuer | Fault::OtherName => {
                let imposter = Imposter::start();
                staged.url.clone_from(&imposter.url);
                staged.trusted = (fault == Fault::OtherName).then(|| imposter.certificate());
                staged._imposter = Some(imposter);
                return staged;
            }
        };
        let receiver = Receiver::answering([answers]).await;
        staged.url.clone_from(&receiver.url);
        staged.receiver = Some(receiver);
        staged
    }

    /// The requests that came, where that is known.
    #[must_use]
    pub fn requests(&self) -> Option<Vec<String>> {
        self.receiver.as_ref().map(Receiver::requests)
    }

    /// How many bytes of a flood were taken.
    pub async fn taken(self) -> Option<usize> {
        Some(self.taken?.await.unwrap())
    }
}

/// Reads a request, writes this, and keeps the connection open.
async fn keeping(begun: &'static str) -> String {
    use tokio::io::AsyncWriteExt as _;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _): (TcpStream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    });
    url
}
