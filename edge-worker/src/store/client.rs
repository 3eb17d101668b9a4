//! The SDK's client. The platform gives it a way to send, to sleep and to tell the time; on wasm32 the
//! SDK's own defaults would trap.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig};
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector, http_client_fn};

use super::meter::Meter;
use super::signed::Signed;
use crate::config::StoreConfig;
use crate::metrics::Metrics;

/// One attempt may take this long: DynamoDB answers within 10 ms, and its slowest answers within a second.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// With the time limit of each and at most 150 ms of waiting between them an operation is over within 6.2 s: a limit
/// of its own would set another timer for every call. A tracker that is told 503 tries again; one that waits ten
/// seconds has lost its page.
const ATTEMPTS: u32 = 3;

/// What the SDK needs of the platform.
pub(super) struct Platform {
    pub(super) http: SharedHttpConnector,
    pub(super) sleep: SharedAsyncSleep,
    pub(super) time: SharedTimeSource,
}

/// What the store is made of.
pub(super) struct Parts {
    pub(super) client: Client,
    pub(super) signed: Signed,
    pub(super) sleep: SharedAsyncSleep,
    pub(super) time: SharedTimeSource,
}

/// Builds the clients; what they do is measured.
pub(super) fn build(config: &StoreConfig, metrics: &Metrics) -> Parts {
    let Platform { http, sleep, time } = platform();
    let credentials = Credentials::from_keys(
        config.access_key_id.clone(),
        config.secret_access_key.clone(),
        config.session_token.clone(),
    );
    let mut builder = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(config.region.clone()))
        .credentials_provider(credentials.clone())
        .identity_cache(IdentityCache::no_cache())
        .interceptor(Meter { metrics: metrics.clone(), time: time.clone() })
        .http_client(http_client_fn({
            let http = http.clone();
            move |_: &HttpConnectorSettings, _| http.clone()
        }))
        .sleep_impl(sleep.clone())
        .time_source(time.clone())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_initial_backoff(Duration::from_millis(50)),
        )
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
        // Answers are small and bounded by the attempt's timeout.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(endpoint) = &config.endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    let signed = Signed { connector: http, time: time.clone(), credentials, region: config.region.clone() };
    Parts { client: Client::from_conf(builder.build()), signed, sleep, time }
}

#[cfg(target_arch = "wasm32")]
fn platform() -> Platform {
    super::fetch::platform()
}

#[cfg(all(not(target_arch = "wasm32"), feature = "native"))]
fn platform() -> Platform {
    use aws_smithy_async::rt::sleep::TokioSleep;
    use aws_smithy_async::time::SystemTimeSource;
    use aws_smithy_http_client::Connector;
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

    Platform {
        http: SharedHttpConnector::new(
            Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build(),
        ),
        sleep: SharedAsyncSleep::new(TokioSleep::new()),
        time: SharedTimeSource::new(SystemTimeSource::new()),
    }
}

/// Without the `native` feature there is no way to send natively: unit tests never get this far, and an
/// operation would be told that there is no connection.
#[cfg(all(not(target_arch = "wasm32"), not(feature = "native")))]
fn platform() -> Platform {
    use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
    use aws_smithy_async::time::SystemTimeSource;
    use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_runtime_api::client::result::ConnectorError;

    #[derive(Debug)]
    struct Nowhere;
    impl HttpConnector for Nowhere {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            HttpConnectorFuture::ready(Err(ConnectorError::user("built without the `native` feature".into())))
        }
    }
    impl AsyncSleep for Nowhere {
        fn sleep(&self, _: Duration) -> Sleep {
            Sleep::new(std::future::ready(()))
        }
    }
    Platform {
        http: SharedHttpConnector::new(Nowhere),
        sleep: SharedAsyncSleep::new(Nowhere),
        time: SharedTimeSource::new(SystemTimeSource::new()),
    }
}
