//! The command and its help.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use chassis::config::seconds;
use clap::{Args, Subcommand};
use delivery::endpoint::EndpointConfig;
use secrecy::SecretString;
use store::StoreConfig;
use url::Url;

/// Where an import reads from.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Read users, products, memberships, engagements and findings of a DefectDojo
    #[command(
        after_help = "Safe to run again, and while services run. A run that is cut off goes on where it was.\n\n\
        Examples:\n  \
        DD_IMPORT_TOKEN_FILE=/run/secrets/token notifyctl import defectdojo --url https://dojo.example --dry-run\n  \
        notifyctl import defectdojo --url https://dojo.example --token-file token.txt --rules\n  \
        notifyctl import defectdojo --url https://dojo.example --token-file token.txt --reconcile"
    )]
    Defectdojo(ImportOptions),
}

/// What an import is to do.
#[derive(Clone, Debug, Args)]
pub struct ImportOptions {
    /// Address of DefectDojo, http or https
    #[arg(long, value_parser = address)]
    pub url: Url,
    /// API v2 key of a superuser. Other processes can see it on the command line: better
    /// set the variable, or DD_IMPORT_TOKEN_FILE
    #[arg(
        long,
        env = "DD_IMPORT_TOKEN",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub token: Option<SecretString>,
    /// File that holds the API v2 key
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    pub token_file: Option<PathBuf>,
    /// Say what is new, changed and gone, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Delete here what is gone there
    #[arg(long)]
    pub reconcile: bool,
    /// Take over rules, System Settings and webhook endpoints too, as far as none are here
    #[arg(long)]
    pub rules: bool,
    /// Begin anew, whatever a run before has done
    #[arg(long)]
    pub restart: bool,
    /// How many objects are asked for at once
    #[arg(long, default_value = "250", value_name = "OBJECTS")]
    pub page_size: NonZeroU32,
    /// How often a request is tried before the run ends
    #[arg(long, default_value = "6", value_name = "TIMES")]
    pub attempts: NonZeroU32,
    /// Wait before a request is tried again (seconds); doubles each time, and gives way to
    /// what DefectDojo asks for
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = seconds)]
    pub backoff: Duration,
    /// How long one request may take (seconds)
    #[arg(long, default_value = "120", value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Duration,
    /// PEM file of further certificate authorities to trust
    #[arg(long, env = "DD_EXTRA_CA_FILE")]
    pub extra_ca_file: Option<PathBuf>,
    /// Where webhooks may go, to warn of endpoints elsewhere
    #[command(flatten)]
    pub endpoint: EndpointConfig,
    /// Database
    #[command(flatten)]
    pub store: StoreConfig,
}

/// An address without what would not belong to every request.
fn address(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("it must begin with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must hold no user or password; the token is enough".to_owned());
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_and_ends_where_paths_go_on() {
        let read = |text| address(text).map(String::from);
        assert_eq!(
            read("https://dojo.example"),
            Ok("https://dojo.example/".to_owned())
        );
        assert_eq!(
            read("http://dojo/sub?x#y"),
            Ok("http://dojo/sub/".to_owned())
        );
        assert!(read("ftp://dojo").is_err_and(|why| why.contains("http://")));
        assert!(read("https://me:secret@dojo").is_err_and(|why| !why.contains("secret")));
    }
}
