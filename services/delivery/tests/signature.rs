//! Signatures, against the values that Standard Webhooks publishes.
#![allow(clippy::unwrap_used)]

use delivery::endpoint::signature::SigningKey;
use secrecy::{ExposeSecret, SecretString};

fn key(secret: &str) -> Option<SigningKey> {
    SigningKey::read(&SecretString::from(secret)).ok()
}

#[test]
fn the_published_example_comes_out() {
    let signature = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap().sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        br#"{"test": 2432232314}"#,
    );
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_secret_has_24_to_64_bytes_behind_its_prefix() {
    use base64::Engine as _;
    let of = |length| {
        let bytes = vec![7; length];
        format!(
            "whsec_{}",
            base64::engine::general_purpose::STANDARD.encode(bytes)
        )
    };
    for length in [24, 32, 64] {
        assert!(key(&of(length)).is_some(), "{length} bytes");
    }
    for length in [0, 23, 65] {
        assert!(key(&of(length)).is_none(), "{length} bytes");
    }
    let without_prefix = of(32).replace("whsec_", "");
    assert!(key(&without_prefix).is_none());
    assert!(key("whsec_not base64!").is_none());
}

#[test]
fn new_secrets_are_secrets_and_differ() {
    let (one, two) = (
        SigningKey::new_secret().unwrap(),
        SigningKey::new_secret().unwrap(),
    );
    assert!(SigningKey::read(&one).is_ok() && SigningKey::read(&two).is_ok());
    assert_ne!(one.expose_secret(), two.expose_secret());
}
