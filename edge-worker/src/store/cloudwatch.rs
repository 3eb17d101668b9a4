//! `PutMetricData` of CloudWatch.

use super::signed::Operation;
use super::{Store, StoreError};
use crate::config::StoreConfig;

/// The protocol and the operation, as the service's model names them.
const HEADERS: [(&str, &str); 2] = [
    ("content-type", "application/x-amz-json-1.0"),
    ("x-amz-target", "GraniteServiceVersion20100801.PutMetricData"),
];

/// The service's address: the configured one, or the region's own.
pub(super) fn endpoint(config: &StoreConfig) -> String {
    match &config.metrics_endpoint {
        Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
        None => {
            let suffix = if config.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            format!("https://monitoring.{}.{suffix}/", config.region)
        }
    }
}

impl Store {
    /// Publishes metrics. What fails is tried again with the next numbers.
    ///
    /// # Errors
    /// [`StoreError`] when CloudWatch refuses or does not answer.
    pub(crate) async fn put_metric_data(&self, body: &str) -> Result<(), StoreError> {
        let url = &self.metrics_endpoint;
        let operation = Operation { name: "PutMetricData", service: "monitoring", url, headers: &HEADERS };
        self.signed.post(&operation, body).await
    }
}
