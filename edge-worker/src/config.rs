//! What the worker is told by its environment.
//!
//! | name | kind | meaning |
//! |---|---|---|
//! | `SITES` | variable | JSON list of sites, see [`Site`], beside those of the store; they cannot be changed in the dashboard |
//! | `DYNAMODB_ENDPOINT` | variable | address of the store; the region's own when absent |
//! | `AWS_REGION` | variable | region of the tables |
//! | `TABLE_PREFIX` | variable | put before each table's name; `liveinsight-` when absent |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | secret | the store's credentials |
//! | `SECRET_KEY` | secret | at least 32 characters; keys the hashes of addresses and short codes, and what second factors and opened share links are derived from. With another one, second factors and addresses to exclude have to be set anew |
//! | `SETUP_TOKEN` | secret | lets whoever knows it make the first owner, once; at least 16 characters; off when absent |
//! | `INGEST_KEY` | secret | lets server-side senders in, for every site; at least 16 characters; off when absent |
//! | `ENVIRONMENT` | variable | name of the installation: metrics are published under it; they are not published when absent |
//! | `CLOUDWATCH_ENDPOINT` | variable | address of CloudWatch; the region's own when absent |
//! | `METRICS_TOKEN` | secret | lets whoever shows it read `GET /metrics`; at least 16 characters; off when absent |
//! | `MAIL_FROM` | variable | sender of alerts and reports by e-mail, such as `LiveInsight <stats@shop.example>`; there are none when absent |
//! | `MAIL_API_URL` | variable | takes e-mail as JSON (see docs/alerts.md) in place of Amazon SES |
//! | `MAIL_API_TOKEN` | secret | shown there as a bearer token |
//! | `SES_ENDPOINT` | variable | address of Amazon SES; the region's own when absent |
//! | `LOCAL_WEBHOOKS` | variable | `on` lets webhooks go to `http://localhost`: for development alone |
//! | `OVERFLOW_QUEUE` | variable | `off` does without the overflow queue: a batch the store does not take is refused |
//! | `TRACE_ENDPOINT` | variable | address of a collector of OpenTelemetry that takes traces as OTLP over HTTP in JSON, such as `https://collector.example/v1/traces`; nothing is traced when absent |
//! | `TRACE_HEADERS` | secret | headers for it as `name=value,name=value` (the form of `OTEL_EXPORTER_OTLP_HEADERS`) |
//! | `TRACE_SHARE` | variable | share of the requests that are traced, 0 to 1; `0.01` when absent |
//! | `LOG_SHARE` | variable | share of the refused requests (4xx) that are logged, 0 to 1; `1` when absent. Failures always are |
//! | `LOG_LEVEL` | variable | `debug` logs each stored batch as well; `info` when absent |

use std::fmt;

use crate::site::Site;
use crate::trace::TraceConfig;

/// How the store is reached. `Debug` hides the secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Address of the DynamoDB API; the region's own when absent.
    pub endpoint: Option<String>,
    /// Address of CloudWatch's API; the region's own when absent.
    pub metrics_endpoint: Option<String>,
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

/// How messages leave.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Outbound {
    /// Whether webhooks may go to this machine.
    pub local: bool,
    /// How e-mail is sent; not at all when absent.
    pub mail: Option<MailConfig>,
}

/// How e-mail is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// The sender.
    pub from: String,
    /// Address of an API in place of Amazon SES, and what is shown there.
    pub api: Option<(String, Option<String>)>,
    /// Address of Amazon SES.
    pub ses: String,
}

/// Everything the worker is told.
#[derive(Clone)]
pub struct Config {
    /// The sites that are set here; others are in the store.
    pub sites: Vec<Site>,
    /// How the store is reached.
    pub store: StoreConfig,
    /// `SECRET_KEY`: keys the hashes of what could be guessed, and what is derived instead of kept.
    pub session_secret: String,
    /// Lets the first owner in.
    pub setup_token: Option<String>,
    /// Lets server-side senders in.
    pub ingest_key: Option<String>,
    /// Lets whoever reads the metrics in.
    pub metrics_token: Option<String>,
    /// What metrics are published under; they are not published when absent.
    pub environment: Option<String>,
    /// Where traces go.
    pub trace: TraceConfig,
    /// Share of the refused requests that are logged, 0 to 1.
    pub log_share: f64,
    /// How messages leave.
    pub outbound: Outbound,
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
            metrics_endpoint: get("CLOUDWATCH_ENDPOINT").filter(|v| !v.is_empty()),
            region: required(get, "AWS_REGION")?,
            table_prefix: get("TABLE_PREFIX").unwrap_or_else(|| "liveinsight-".into()),
            access_key_id: required(get, "AWS_ACCESS_KEY_ID")?,
            secret_access_key: required(get, "AWS_SECRET_ACCESS_KEY")?,
            session_token: get("AWS_SESSION_TOKEN").filter(|v| !v.is_empty()),
        })
    }
}

impl Outbound {
    fn read(get: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let given = |name| get(name).filter(|value| !value.is_empty());
        let mail = match given("MAIL_FROM") {
            None => None,
            Some(from) if from.contains('@') && !from.contains(char::is_control) => Some(MailConfig {
                from,
                api: given("MAIL_API_URL").map(|url| (url, given("MAIL_API_TOKEN"))),
                ses: match given("SES_ENDPOINT") {
                    Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
                    None => format!("https://email.{}.amazonaws.com", required(get, "AWS_REGION")?),
                },
            }),
            Some(_) => {
                let what = "must be an e-mail address, such as LiveInsight <stats@shop.example>";
                return Err(ConfigError::Invalid("MAIL_FROM", what.into()));
            }
        };
        Ok(Self { local: get("LOCAL_WEBHOOKS").as_deref() == Some("on"), mail })
    }
}

impl Config {
    /// Reads the environment through `get`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first variable that is missing or wrong.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let sites = get("SITES").filter(|text| !text.is_empty()).unwrap_or_else(|| "[]".into());
        let mut sites: Vec<Site> = serde_json::from_slice(sites.as_bytes())
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
        let optional =
            |name| get(name).filter(|value| !value.is_empty()).map(|value| long(name, 16, value)).transpose();
        Ok(Self {
            sites,
            store: StoreConfig::read(get)?,
            session_secret: long("SECRET_KEY", 32, required(get, "SECRET_KEY")?)?,
            setup_token: optional("SETUP_TOKEN")?,
            ingest_key: optional("INGEST_KEY")?,
            metrics_token: optional("METRICS_TOKEN")?,
            environment: get("ENVIRONMENT").filter(|value| !value.is_empty()),
            trace: TraceConfig {
                endpoint: get("TRACE_ENDPOINT").unwrap_or_default(),
                headers: headers(&get("TRACE_HEADERS").unwrap_or_default())?,
                share: share(get, "TRACE_SHARE", 0.01)?,
            },
            log_share: share(get, "LOG_SHARE", 1.0)?,
            outbound: Outbound::read(get)?,
            debug: get("LOG_LEVEL").as_deref() == Some("debug"),
        })
    }
}

fn required(get: &impl Fn(&str) -> Option<String>, name: &'static str) -> Result<String, ConfigError> {
    get(name).filter(|value| !value.is_empty()).ok_or(ConfigError::Missing(name))
}

/// A share, 0 to 1.
fn share(
    get: &impl Fn(&str) -> Option<String>,
    name: &'static str,
    default: f64,
) -> Result<f64, ConfigError> {
    let Some(text) = get(name).filter(|text| !text.is_empty()) else { return Ok(default) };
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(ConfigError::Invalid(name, "must be a number from 0 to 1".into())),
    }
}

/// Headers as `name=value,name=value`. What is wrong is not quoted: it is a secret.
fn headers(text: &str) -> Result<Vec<(String, String)>, ConfigError> {
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    let header = |pair: &str| {
        let (name, value) =
            pair.split_once('=').filter(|(name, _)| !name.trim().is_empty()).ok_or_else(|| {
                ConfigError::Invalid("TRACE_HEADERS", "must be `name=value`, parted by commas".into())
            })?;
        Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
    };
    pairs.map(header).collect()
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
                "SECRET_KEY" => "0123456789abcdef0123456789abcdef",
                "TRACE_ENDPOINT" | "TRACE_HEADERS" | "TRACE_SHARE" | "LOG_SHARE" => return None,
                "INGEST_KEY" | "METRICS_TOKEN" | "SETUP_TOKEN" | "MAIL_FROM" => return None,
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
    fn sites_keys_and_tokens_may_be_missing() {
        let config = read(("SITES", None)).unwrap();
        assert!(config.sites.is_empty() && config.ingest_key.is_none() && config.setup_token.is_none());
        let error = read(("SETUP_TOKEN", Some("short"))).err().unwrap().to_string();
        assert_eq!(error, "SETUP_TOKEN: must have at least 16 characters");
    }

    #[test]
    fn mail_is_off_without_a_sender_and_goes_to_the_regions_ses() {
        assert!(read(("", None)).unwrap().outbound.mail.is_none());
        let mail = read(("MAIL_FROM", Some("Stats <a@b.example>"))).unwrap().outbound.mail.unwrap();
        assert_eq!(mail.from, "Stats <a@b.example>");
        let error = read(("MAIL_FROM", Some("stats"))).err().unwrap().to_string();
        assert!(error.starts_with("MAIL_FROM: must be an e-mail address"), "{error}");
    }

    #[test]
    fn what_is_missing_is_named_and_values_are_not() {
        for name in ["AWS_REGION", "AWS_SECRET_ACCESS_KEY", "SECRET_KEY"] {
            assert_eq!(read((name, None)).err().unwrap().to_string(), format!("{name} is not set"));
        }
        let error = read(("SECRET_KEY", Some("hunter2"))).err().unwrap().to_string();
        assert_eq!(error, "SECRET_KEY: must have at least 32 characters");
        assert!(!format!("{:?}", read(("", None)).unwrap().store).contains("secret"));
    }

    #[test]
    fn shares_lie_between_none_and_all_and_headers_are_pairs() {
        let config = read(("TRACE_HEADERS", Some("Authorization=Bearer abc==, x-team=shop"))).unwrap();
        let [first, second] = config.trace.headers.as_slice() else { panic!("two headers") };
        assert_eq!((first.0.as_str(), first.1.as_str()), ("authorization", "Bearer abc=="));
        assert_eq!((second.0.as_str(), second.1.as_str()), ("x-team", "shop"));
        assert!(config.trace.endpoint.is_empty() && config.log_share >= 1.0);
        for (name, value) in
            [("TRACE_SHARE", "2"), ("LOG_SHARE", "-0.1"), ("LOG_SHARE", "NaN"), ("TRACE_HEADERS", "k3y")]
        {
            let error = read((name, Some(value))).err().unwrap().to_string();
            assert!(error.starts_with(name) && !error.contains("k3y"), "{error}");
        }
    }
}
