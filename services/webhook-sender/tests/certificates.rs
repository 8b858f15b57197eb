//! Endpoints whose certificate is not the one that it should be: nothing is sent to them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use proto_events::{Outcome, Reason};
use support::{attempt, channel, endpoint};
use tempfile::TempDir;

/// A TLS server whose certificate is for `elsewhere.example`, signed by itself.
struct Imposter {
    url: String,
    process: Child,
    /// Read no more, but open: the server ends when nobody listens to it.
    _words: Lines<BufReader<ChildStdout>>,
    folder: TempDir,
}

impl Imposter {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                     -subj /CN=elsewhere.example -addext subjectAltName=DNS:elsewhere.example -addext basicConstraints=critical,CA:FALSE \
                     -keyout key.pem -out certificate.pem";
        assert!(openssl(folder.path(), words).status().unwrap().success());
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
        Self {
            url: format!("https://{address}/hook"),
            process,
            _words: words,
            folder,
        }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }
}

impl Drop for Imposter {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
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

#[tokio::test]
async fn a_certificate_of_an_unknown_issuer_or_of_another_name_is_a_tls_fault() {
    let imposter = Imposter::start();
    for trusted in [None, Some(imposter.certificate())] {
        let outcome = attempt(&channel(trusted), endpoint(&imposter.url)).await;
        assert!(
            matches!(
                outcome,
                Outcome::Retry {
                    reason: Reason::Tls,
                    ..
                }
            ),
            "{outcome:?}"
        );
    }
}
