//! What an error means, and what to do. Libraries give causes as text, so texts are what is judged.

use super::verdict::Verdict;

/// Words that an error holds, what they mean, and what to do.
pub(super) struct Fault {
    signs: &'static [&'static str],
    what: &'static str,
    remedy: &'static str,
}

/// What may be wrong with any connection, the likeliest signs first.
const ANY: &[Fault] = &[
    Fault {
        signs: &[
            "certificate expired",
            "invalid peer certificate: expired",
            "certificateexpired",
        ],
        what: "the server's certificate has expired",
        remedy: "renew it on the server; if it is new, check this machine's clock",
    },
    Fault {
        signs: &["not valid yet", "notvalidyet"],
        what: "the server's certificate is not valid yet",
        remedy: "check this machine's clock and the server's",
    },
    Fault {
        signs: &["not valid for name", "notvalidforname"],
        what: "the server's certificate is for another name",
        remedy: "use the name that stands in the certificate, or have one made for this name",
    },
    Fault {
        signs: &[
            "unknownissuer",
            "unknown issuer",
            "self-signed",
            "causedasendentity",
            "invalid peer certificate",
        ],
        what: "the server's certificate is not trusted",
        remedy: "name the authority that signed it in DD_EXTRA_CA_FILE",
    },
    Fault {
        signs: &[
            "failed to lookup address",
            "name or service not known",
            "dns error",
            "nodename nor servname",
            "temporary failure in name resolution",
        ],
        what: "the host's name is not known",
        remedy: "check the name, and the DNS server of this machine or pod",
    },
    Fault {
        signs: &["connection refused"],
        what: "nobody listens there",
        remedy: "check host and port, and that the server runs",
    },
    Fault {
        signs: &[
            "timed out",
            "timeout",
            "no answer within",
            "deadline has elapsed",
        ],
        what: "it does not answer",
        remedy: "check host and port, firewalls and network policies between here and there",
    },
];

/// What RabbitMQ means.
pub(super) const BROKER: &[Fault] = &[
    Fault {
        signs: &["login was refused"],
        what: "the broker refuses the user or its password",
        remedy: "check user and password in DD_BROKER_URL; rabbitmqctl authenticate_user tries them",
    },
    Fault {
        signs: &["not_allowed"],
        what: "there is no such virtual host, or the user may not enter it",
        remedy: "check the virtual host at the end of DD_BROKER_URL; rabbitmqctl list_permissions -p VHOST shows who may",
    },
    Fault {
        signs: &["access_refused"],
        what: "the user lacks a right",
        remedy: "give each user what notifyctl topology definitions prints",
    },
    Fault {
        signs: &["precondition_failed"],
        what: "a queue or exchange is there with other arguments",
        remedy: "notifyctl topology diff shows which; empty and delete it, then notifyctl topology apply",
    },
    Fault {
        signs: &["not_found"],
        what: "a queue or exchange is missing",
        remedy: "run notifyctl topology apply, or check DD_BROKER_PREFIX and DD_RETRY_LADDER",
    },
];

/// What a mail relay means.
pub(super) const MAIL: &[Fault] = &[
    Fault {
        signs: &["(535)", "535 ", "5.7.8", "authentication"],
        what: "the relay refuses the user or its password",
        remedy: "check user and password in DD_EMAIL_URL",
    },
    Fault {
        signs: &["starttls"],
        what: "the relay does not offer STARTTLS",
        remedy: "use smtp+ssl:// for implicit TLS, or another port",
    },
];

/// Judges an error: first by what this server means, then by what any connection may meet. What
/// nothing is known of is told as it is.
pub(super) fn judge(of: &[Fault], error: &str, variable: &str) -> Verdict {
    let text = error
        .to_lowercase()
        .replace("access-refused", "access_refused");
    let fault = of
        .iter()
        .chain(ANY)
        .find(|fault| fault.signs.iter().any(|sign| text.contains(sign)));
    match fault {
        Some(fault) => Verdict::wrong(format!("{} ({error})", fault.what), fault.remedy),
        None => Verdict::wrong(error, format!("check {variable}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(of: &[Fault], error: &str) -> String {
        match judge(of, error, "DD_X") {
            Verdict::Wrong { what, .. } => what,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn an_error_is_told_in_words_and_with_its_own() {
        let refused = "broker b: cannot connect: ACCESS-REFUSED: ACCESS_REFUSED - Login was refused using PLAIN";
        assert!(
            what(BROKER, refused)
                .starts_with("the broker refuses the user or its password (broker b:")
        );
        assert!(
            what(BROKER, "NOT_ALLOWED - vhost x not found")
                .starts_with("there is no such virtual host")
        );
        assert!(
            what(BROKER, "NOT_FOUND - no queue 'q'").starts_with("a queue or exchange is missing")
        );
        assert!(
            what(
                &[],
                "invalid peer certificate: certificate expired: verified at"
            )
            .contains("has expired")
        );
        assert!(what(&[], "invalid peer certificate: UnknownIssuer").contains("is not trusted"));
    }

    #[test]
    fn what_nothing_is_known_of_is_told_as_it_is() {
        assert_eq!(
            judge(BROKER, "odd", "DD_X"),
            Verdict::wrong("odd", "check DD_X")
        );
    }
}
