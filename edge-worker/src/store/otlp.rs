//! One request to whoever collects traces, over the connection that the store's own requests take.

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::{Store, StoreError};

const OPERATION: &str = "export of traces";

impl Store {
    /// Posts JSON to an address outside of AWS, unsigned; gives back the status.
    ///
    /// # Errors
    /// [`StoreError`] when the address or a header is none, or nobody answers.
    pub(crate) async fn post_json(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> Result<u16, StoreError> {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").map_err(|_| StoreError::unbuildable(OPERATION))?;
        request.set_uri(url).map_err(|_| StoreError::unbuildable(OPERATION))?;
        let media = ("content-type".to_owned(), "application/json".to_owned());
        for (name, value) in std::iter::once(media).chain(headers.iter().cloned()) {
            let inserted = request.headers_mut().try_insert(name, value);
            inserted.map_err(|_| StoreError::unbuildable(OPERATION))?;
        }
        let answer = self.signed.connector.call(request).await;
        let cause = "no connection".to_owned();
        let answer = answer.map_err(|_| StoreError::Unavailable { operation: OPERATION, cause })?;
        Ok(answer.status().as_u16())
    }
}
