//! `PutMetricData` of CloudWatch: one signed request. The SDK that signs DynamoDB's requests signs this one, too; a
//! second client would be a third of the bundle more.

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::{Store, StoreError};
use crate::config::StoreConfig;

const OPERATION: &str = "PutMetricData";

/// The protocol and the operation, as the service's model names them.
const HEADERS: [(&str, &str); 2] = [
    ("content-type", "application/x-amz-json-1.0"),
    ("x-amz-target", "GraniteServiceVersion20100801.PutMetricData"),
];

/// A connection to CloudWatch.
pub(super) struct CloudWatch {
    pub(super) connector: SharedHttpConnector,
    pub(super) time: SharedTimeSource,
    pub(super) credentials: Credentials,
    pub(super) region: String,
    pub(super) endpoint: String,
}

/// The service's address: the configured one, or the region's own.
pub(super) fn endpoint(config: &StoreConfig) -> String {
    match &config.metrics_endpoint {
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        None => {
            let suffix = if config.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            format!("https://monitoring.{}.{suffix}", config.region)
        }
    }
}

impl CloudWatch {
    fn request(&self, body: &str) -> Result<HttpRequest, StoreError> {
        let unbuildable = || StoreError::unbuildable(OPERATION);
        let url = format!("{}/", self.endpoint);
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("monitoring")
            .time(self.time.now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| unbuildable())?;
        let signable =
            SignableRequest::new("POST", &url, HEADERS.into_iter(), SignableBody::Bytes(body.as_bytes()));
        let signed = sign(signable.map_err(|_| unbuildable())?, &parameters.into());
        let (instructions, _) = signed.map_err(|_| unbuildable())?.into_parts();

        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").map_err(|_| unbuildable())?;
        request.set_uri(url).map_err(|_| unbuildable())?;
        let signature = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let named = HEADERS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        for (name, value) in named.into_iter().chain(signature) {
            request.headers_mut().try_insert(name, value).map_err(|_| unbuildable())?;
        }
        Ok(request)
    }
}

impl Store {
    /// Publishes metrics. What fails is tried again with the next numbers.
    ///
    /// # Errors
    /// [`StoreError`] when CloudWatch refuses or does not answer.
    pub(crate) async fn put_metric_data(&self, body: &str) -> Result<(), StoreError> {
        let failed = |cause: String| StoreError::Unavailable { operation: OPERATION, cause };
        let request = self.cloudwatch.request(body)?;
        let answer = self.cloudwatch.connector.call(request).await;
        let answer = answer.map_err(|_| failed("no connection".to_owned()))?;
        match answer.status().as_u16() {
            200 => Ok(()),
            status => Err(failed(format!("status {status}"))),
        }
    }
}
