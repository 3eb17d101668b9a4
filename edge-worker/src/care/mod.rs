//! Data care: erasing a person or a visit, deleting a site, deleting what a shorter retention no longer keeps.
//!
//! Each is a task in Accounts that goes on step by step: as jobs of the queue, once an hour by the cron, or at once by
//! the command line. A step may be repeated and interrupted anywhere. What a step has found is written down before
//! anything of it is deleted, so that whoever goes on after a crash knows it, too.
//!
//! An erasure first leaves a mark of the id's hash (`store::erased`), which the queue's consumer looks for, and the
//! doors while the site has such marks. Then it finds the visitors of a person, deletes rows day by day, and takes the
//! visits out of the segments, hours before days before months: what is built of them meanwhile notices. After a quarter
//! of an hour it does all of that once more, for what was being written or built when it began.

mod run;
mod task;

pub use run::{Progress, advance};
pub(crate) use run::{resume, revoke, run_job, start};
pub use task::{Subject, Work, deletion, erasure, retention};

use crate::app::App;
use crate::ingest::Parcel;
use crate::store::StoreError;
use crate::store::erased::take_out;

/// Takes out of a parcel what happened before its visitor was erased. Whether anything is left to be stored.
///
/// # Errors
/// [`StoreError`] when the store does not answer.
pub(crate) async fn may_be_stored(app: &App, parcel: &mut Parcel) -> Result<bool, StoreError> {
    match app.store.erased_at(parcel).await? {
        Some(erased_at) => Ok(take_out(parcel, erased_at)),
        None => Ok(true),
    }
}
