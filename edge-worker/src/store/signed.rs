//! Requests to AWS beside DynamoDB's. The SDK that signs those signs these, too; a second client would be a third of
//! the bundle more.

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::StoreError;

/// What is called.
pub(super) struct Operation<'a> {
    /// Its name, for errors.
    pub(super) name: &'static str,
    /// What the service is called in signatures.
    pub(super) service: &'static str,
    /// The whole address.
    pub(super) url: &'a str,
    /// Headers besides those of the signature.
    pub(super) headers: &'static [(&'static str, &'static str)],
}

/// Signs and sends.
pub(super) struct Signed {
    pub(super) connector: SharedHttpConnector,
    pub(super) time: SharedTimeSource,
    pub(super) credentials: Credentials,
    pub(super) region: String,
}

impl Signed {
    fn request(&self, operation: &Operation<'_>, body: &str) -> Result<HttpRequest, StoreError> {
        let Operation { name, service, url, headers } = *operation;
        let unbuildable = || StoreError::unbuildable(name);
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(self.time.now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| unbuildable())?;
        let body_bytes = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", url, headers.iter().copied(), body_bytes);
        let signed = sign(signable.map_err(|_| unbuildable())?, &parameters.into());
        let (instructions, _) = signed.map_err(|_| unbuildable())?.into_parts();

        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").map_err(|_| unbuildable())?;
        request.set_uri(url.to_owned()).map_err(|_| unbuildable())?;
        let signature = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let named = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        for (name, value) in named.chain(signature) {
            request.headers_mut().try_insert(name, value).map_err(|_| unbuildable())?;
        }
        Ok(request)
    }

    /// Sends a body.
    pub(super) async fn post(&self, operation: &Operation<'_>, body: &str) -> Result<(), StoreError> {
        let failed = |cause: String| StoreError::Unavailable { operation: operation.name, cause };
        let request = self.request(operation, body)?;
        let answer = self.connector.call(request).await;
        let answer = answer.map_err(|_| failed("no connection".to_owned()))?;
        match answer.status().as_u16() {
            200 => Ok(()),
            status => Err(failed(format!("status {status}"))),
        }
    }
}
