//! What `start` and `serve` read from the environment.

use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::paths;

const DEFAULT_PORT: u16 = 8787;

/// Everything that can be configured.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) data: PathBuf,
    pub(super) ports: Ports,
    pub(super) database: Database,
    pub(super) table_prefix: String,
    pub(super) sites: String,
    pub(super) site_id: String,
    /// Whether an owner and the sites are made.
    pub(super) seed: bool,
}

/// Where each program listens on 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) worker: u16,
    pub(super) shop: u16,
    pub(super) dynamodb: u16,
}

/// How to reach DynamoDB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Database {
    pub(super) endpoint: String,
    /// Whether it is the one started here.
    pub(super) embedded: bool,
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: Option<String>,
    pub(super) region: String,
}

/// A variable that is set and not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

impl Config {
    pub(super) fn from_env() -> Result<Self> {
        let config = Self::of_running()?;
        config.ports.check(&config.database)?;
        Ok(config)
    }

    /// The same for a system that runs already and has its ports.
    pub(super) fn of_running() -> Result<Self> {
        let ports = Ports::choose(variable("LIVEINSIGHT_PORT").as_deref())?;
        let database = Database::from(variable, ports.dynamodb)?;
        let sites = match variable("LIVEINSIGHT_SITES") {
            Some(sites) => sites,
            None => demo_sites(ports.shop, &time_zone()),
        };
        Ok(Self {
            data: paths::default_data_dir()?,
            ports,
            database,
            table_prefix: variable("LIVEINSIGHT_TABLE_PREFIX").unwrap_or_else(|| "liveinsight-".to_owned()),
            site_id: first_site(&sites)?,
            sites,
            seed: variable("LIVEINSIGHT_SEED").as_deref() != Some("off"),
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.worker)
    }

    pub(super) fn shop_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.shop)
    }
}

impl Ports {
    fn choose(setting: Option<&str>) -> Result<Self> {
        let first = match setting {
            None => DEFAULT_PORT,
            Some(text) => parse_port(text)?,
        };
        if first == 0 {
            return free_ports();
        }
        Ok(Self { worker: first, shop: first + 1, dynamodb: first + 2 })
    }

    fn check(self, database: &Database) -> Result<()> {
        let mut wanted = vec![self.worker, self.shop];
        if database.embedded {
            wanted.push(self.dynamodb);
        }
        for port in wanted {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| {
                format!(
                    "port {port} is in use: stop the program that uses it, or set LIVEINSIGHT_PORT to the first of \
                     three free ports (0 picks them)"
                )
            })?;
        }
        Ok(())
    }
}

fn parse_port(text: &str) -> Result<u16> {
    match text.trim().parse::<u16>() {
        // Two more ports follow.
        Ok(port) if port <= u16::MAX - 2 => Ok(port),
        _ => bail!(
            "LIVEINSIGHT_PORT is `{text}`: use a number up to {}, or 0 for any free ports",
            u16::MAX - 2
        ),
    }
}

fn free_ports() -> Result<Ports> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port on 127.0.0.1");
    // All three are held until all are known, so that they differ.
    let held = [bind()?, bind()?, bind()?];
    let [worker, shop, dynamodb] =
        [held[0].local_addr()?.port(), held[1].local_addr()?.port(), held[2].local_addr()?.port()];
    Ok(Ports { worker, shop, dynamodb })
}

impl Database {
    fn from(variable: impl Fn(&str) -> Option<String>, port: u16) -> Result<Self> {
        let Some(endpoint) = variable("LIVEINSIGHT_DYNAMODB_ENDPOINT") else {
            // Real credentials in the environment are none of the local store's business.
            return Ok(Self {
                endpoint: format!("http://127.0.0.1:{port}"),
                embedded: true,
                access_key_id: "local".to_owned(),
                secret_access_key: "local".to_owned(),
                session_token: None,
                region: "us-east-1".to_owned(),
            });
        };
        let real = endpoint.contains(".amazonaws.com");
        let need = |name: &str, default: &str| match variable(name) {
            Some(value) => Ok(value),
            None if real => bail!("LIVEINSIGHT_DYNAMODB_ENDPOINT is an endpoint of AWS: set {name} too"),
            None => Ok(default.to_owned()),
        };
        Ok(Self {
            embedded: false,
            access_key_id: need("AWS_ACCESS_KEY_ID", "local")?,
            secret_access_key: need("AWS_SECRET_ACCESS_KEY", "local")?,
            session_token: variable("AWS_SESSION_TOKEN"),
            region: need("AWS_REGION", "us-east-1")?,
            endpoint,
        })
    }
}

fn demo_sites(shop: u16, time_zone: &str) -> String {
    json!([{
        "id": "demo-shop",
        "name": "Demo shop",
        "domains": [format!("127.0.0.1:{shop}"), format!("localhost:{shop}")],
        "time_zone": time_zone,
    }])
    .to_string()
}

fn first_site(sites: &str) -> Result<String> {
    let parsed: Value = serde_json::from_str(sites)
        .context("LIVEINSIGHT_SITES is not JSON: give a list like [{\"id\":\"shop\",…}]")?;
    let id = parsed[0]["id"].as_str();
    Ok(id
        .context("LIVEINSIGHT_SITES has no site with an id: give a list like [{\"id\":\"shop\",…}]")?
        .to_owned())
}

/// The machine's time zone as the IANA database names it.
fn time_zone() -> String {
    let named = |text: &str| {
        let text = text.trim().trim_start_matches(':');
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
        (text.contains('/') && !text.starts_with('/') && plain).then(|| text.to_owned())
    };
    let link = || {
        let target = std::fs::read_link(Path::new("/etc/localtime")).ok()?;
        target.to_str()?.split_once("zoneinfo/").map(|(_, zone)| zone.to_owned())
    };
    variable("TZ")
        .map_or_else(link, Some)
        .and_then(|zone| named(&zone))
        .filter(|zone| zone != "Etc/UTC")
        .unwrap_or_else(|| "UTC".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_follow_the_first_one() {
        assert_eq!(Ports::choose(None).unwrap(), Ports { worker: 8787, shop: 8788, dynamodb: 8789 });
        assert_eq!(Ports::choose(Some(" 9000 ")).unwrap().dynamodb, 9002);
    }

    #[test]
    fn zero_gives_three_free_ports() {
        let ports = Ports::choose(Some("0")).unwrap();
        assert!(ports.worker != ports.shop && ports.shop != ports.dynamodb && ports.worker != ports.dynamodb);
    }

    #[test]
    fn impossible_ports_are_refused() {
        for text in ["65534", "70000", "-1", "http", ""] {
            let error = parse_port(text).unwrap_err().to_string();
            assert!(error.contains("LIVEINSIGHT_PORT"), "{error}");
        }
    }

    #[test]
    fn a_used_port_is_named() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let ports = Ports { worker: port, shop: port, dynamodb: port };
        let database = Database::from(|_| None, port).unwrap();
        let error = ports.check(&database).unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("LIVEINSIGHT_PORT"));
    }

    #[test]
    fn the_embedded_store_never_sees_real_credentials() {
        let database =
            Database::from(|name| (name == "AWS_ACCESS_KEY_ID").then(|| "real".to_owned()), 1).unwrap();
        assert_eq!(database.access_key_id, "local");
        assert_eq!(database.endpoint, "http://127.0.0.1:1");
    }

    #[test]
    fn aws_needs_credentials() {
        let endpoint = "https://dynamodb.eu-west-1.amazonaws.com";
        let error =
            Database::from(|name| (name == "LIVEINSIGHT_DYNAMODB_ENDPOINT").then(|| endpoint.to_owned()), 1);
        assert!(error.unwrap_err().to_string().contains("AWS_ACCESS_KEY_ID"));
    }

    #[test]
    fn another_endpoint_has_defaults() {
        let endpoint = "http://127.0.0.1:8000";
        let database =
            Database::from(|name| (name == "LIVEINSIGHT_DYNAMODB_ENDPOINT").then(|| endpoint.to_owned()), 1)
                .unwrap();
        assert!(!database.embedded);
        assert_eq!(database.region, "us-east-1");
    }

    #[test]
    fn the_first_site_counts() {
        assert_eq!(first_site(&demo_sites(8788, "UTC")).unwrap(), "demo-shop");
        assert!(first_site("[]").is_err());
        assert!(first_site("shop").is_err());
    }
}
