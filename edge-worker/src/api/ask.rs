//! Answers typed questions of any kind over what is stored of a site.

use analytics::ask::{Asking, Kind};

use super::Call;
use crate::http::Response;
use crate::site::Site;
use crate::store::segments::AskError;

/// The answer to a checked question over the range it asks for, comparison included. Loads what it needs.
pub(super) async fn ask<K: Kind>(call: &Call<'_>, site: &Site, kind: K) -> Result<K::Answer, Response> {
    let mut asking = Asking::new(kind);
    call.app.store.ask(site, &mut asking, call.now()).await?;
    Ok(asking.finish()?)
}

impl From<AskError> for Response {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Question(error) => error.into(),
            AskError::Store(error) => error.into(),
        }
    }
}
