//! What the worker is told by its environment.
//!
//! | name | kind | meaning |
//! |---|---|---|
//! | `SITES` | variable | JSON list of sites, see [`Site`]; they cannot be changed in the dashboard |
//! | `DYNAMODB_ENDPOINT` | variable | address of the store; the region's own when absent |
//! | `AWS_REGION` | variable | region of the tables |
//! | `TABLE_PREFIX` | variable | put before each table's name; `liveinsight-` when absent |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | secret | the store's credentials |
//! | `ADMIN_PASSWORD_HASH` | secret | argon2id hash of the admin password, as a PHC string |
//! | `SESSION_SECRET` | secret | at least 32 characters; signs session cookies |
//! | `INGEST_KEY` | secret | lets server-side senders in; at least 16 characters; off when absent |
//! | `OVERFLOW_QUEUE` | variable | `off` does without the overflow queue: a batch the store does not take is refused |
//! | `LOG_LEVEL` | variable | `debug` logs each stored batch as well; `info` when absent |

use std::fmt;

use crate::site::Site;

/// How the store is reached. `Debug` hides the secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Address of the DynamoDB API; the region's own when absent.
    pub endpoint: Option<String>,
    /// Region of the tables.
    pub region: String,
    /// Put before each table's name.
    pub table_prefix: String,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
    /// Token of temporary credentials.
    pub session_token: Option<String>,
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("table_prefix", &self.table_prefix)
            .finish_non_exhaustive()
    }
}

/// Everything the worker is told.
#[derive(Clone)]
pub struct Config {
    /// The sites.
    pub sites: Vec<Site>,
    /// How the store is reached.
    pub store: StoreConfig,
    /// argon2id hash of the admin password.
    pub admin_password_hash: String,
    /// Signs session cookies.
    pub session_secret: String,
    /// Lets server-side senders in.
    pub ingest_key: Option<String>,
    /// Whether to log each stored batch.
    pub debug: bool,
}

/// What is wrong with the environment. Names variables, never their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable is missing.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A variable does not hold what it should.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
}

impl StoreConfig {
    /// Reads the store's part of the environment through `get`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first variable that is missing.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Ok(Self {
            endpoint: get("DYNAMODB_ENDPOINT").filter(|v| !v.is_empty()),
            region: required(get, "AWS_REGION")?,
            table_prefix: get("TABLE_PREFIX").unwrap_or_else(|| "liveinsight-".into()),
            access_key_id: required(get, "AWS_ACCESS_KEY_ID")?,
            secret_access_key: required(get, "AWS_SECRET_ACCESS_KEY")?,
            session_token: get("AWS_SESSION_TOKEN").filter(|v| !v.is_empty()),
        })
    }
}

impl Config {
    /// Reads the environment through `get`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first variable that is missing or wrong.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut sites: Vec<Site> = serde_json::from_str(&required(get, "SITES")?)
            .map_err(|error| ConfigError::Invalid("SITES", error.to_string()))?;
        for site in &mut sites {
            if site.name.is_empty() {
                site.name = site.id.to_string();
            }
            if site.shards == 0 {
                return Err(ConfigError::Invalid(
                    "SITES",
                    format!("site {}: shards must be at least 1", site.id),
                ));
            }
        }
        let long = |name, least: usize, value: String| {
            if value.len() >= least {
                return Ok(value);
            }
            Err(ConfigError::Invalid(name, format!("must have at least {least} characters")))
        };
        Ok(Self {
            sites,
            store: StoreConfig::read(get)?,
            admin_password_hash: required(get, "ADMIN_PASSWORD_HASH")?,
            session_secret: long("SESSION_SECRET", 32, required(get, "SESSION_SECRET")?)?,
            ingest_key: get("INGEST_KEY")
                .filter(|v| !v.is_empty())
                .map(|v| long("INGEST_KEY", 16, v))
                .transpose()?,
            debug: get("LOG_LEVEL").as_deref() == Some("debug"),
        })
    }
}

fn required(get: &impl Fn(&str) -> Option<String>, name: &'static str) -> Result<String, ConfigError> {
    get(name).filter(|value| !value.is_empty()).ok_or(ConfigError::Missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: (&str, Option<&str>)) -> Result<Config, ConfigError> {
        Config::read(&|name| {
            if name == change.0 {
                return change.1.map(Into::into);
            }
            let value = match name {
                "SITES" => r#"[{"id":"shop","domains":["shop.example","localhost:8788"]}]"#,
                "SESSION_SECRET" => "0123456789abcdef0123456789abcdef",
                "INGEST_KEY" => return None,
                _ => "x",
            };
            Some(value.into())
        })
    }

    #[test]
    fn site_has_defaults() {
        let config = read(("", None)).unwrap();
        let site = &config.sites[0];
        assert_eq!((site.name.as_str(), site.time_zone.as_str(), site.shards), ("shop", "UTC", 1));
    }

    #[test]
    fn what_is_missing_is_named_and_values_are_not() {
        for name in ["SITES", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "ADMIN_PASSWORD_HASH", "SESSION_SECRET"]
        {
            assert_eq!(read((name, None)).err().unwrap().to_string(), format!("{name} is not set"));
        }
        let error = read(("SESSION_SECRET", Some("hunter2"))).err().unwrap().to_string();
        assert_eq!(error, "SESSION_SECRET: must have at least 32 characters");
        assert!(!format!("{:?}", read(("", None)).unwrap().store).contains("secret"));
    }
}
