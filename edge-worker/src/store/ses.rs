//! `SendEmail` of Amazon SES, version 2.

use super::signed::Operation;
use super::{Store, StoreError};

impl Store {
    /// Sends an e-mail, given as the body of the call. `endpoint` is the service's address without a slash at its end.
    ///
    /// # Errors
    /// [`StoreError`] when SES refuses or does not answer.
    pub(crate) async fn send_email(&self, endpoint: &str, body: &str) -> Result<(), StoreError> {
        let url = format!("{endpoint}/v2/email/outbound-emails");
        let headers = &[("content-type", "application/json")];
        self.signed.post(&Operation { name: "SendEmail", service: "ses", url: &url, headers }, body).await
    }
}
