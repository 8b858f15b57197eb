//! The mail relay: connection, TLS, login. No mail is sent.

use relay::{EmailUrl, Way};

use super::faults::{MAIL, judge};
use super::verdict::{Finding, Verdict};

pub(super) async fn check(url: Option<&EmailUrl>, extra_ca: Option<&[u8]>) -> Vec<Finding> {
    let verdict = match url {
        None => Verdict::skipped("DD_EMAIL_URL is not set"),
        Some(EmailUrl::Console) => Verdict::skipped("mail is only logged"),
        Some(EmailUrl::Relay(relay)) => match Way::new(relay, extra_ca) {
            Err(error) => Verdict::wrong(
                format!("{error:#}"),
                "check DD_EMAIL_URL and DD_EXTRA_CA_FILE",
            ),
            Ok(way) => match way.open().await {
                Ok(mut connection) => {
                    connection.abort().await;
                    Verdict::well(format!("{relay:?}"))
                }
                Err(error) => judge(
                    MAIL,
                    &format!("{:#}", anyhow::Error::new(error)),
                    "DD_EMAIL_URL",
                ),
            },
        },
    };
    vec![verdict.of("mail relay")]
}
