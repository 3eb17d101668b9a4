//! `GET /api/segments`: the events of a range as segments, for a dashboard that works them out itself.

use analytics::segment::{self, ContentHash};
use analytics::{Bucket, Span};
use protocol::api::{SegmentInfo, SegmentList};
use protocol::problem::Code;

use super::{Answer, Call, invalid, refused};
use crate::http::Response;
use crate::store::StoreError;
use crate::store::segments::{Sealed, Segment};

const MEDIA_TYPE: &str = "application/vnd.liveinsight.segment";

/// A state of a segment never changes: it may be kept for a year.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

pub(super) fn range(call: &Call<'_>) -> Result<std::ops::Range<u64>, Response> {
    let time = |name: &str| {
        let text = call.request.parameter(name);
        let ms = text.and_then(|text| text.parse::<u64>().ok()).filter(|ms| *ms < 1 << 48);
        ms.ok_or_else(|| invalid(format!("`{name}` must be a time in Unix milliseconds")))
    };
    let (from, to) = (time("from")?, time("to")?);
    if from < to { Ok(from..to) } else { Err(invalid("`from` must lie before `to`")) }
}

/// What a range consists of. The answer's `ETag` changes whenever one of the segments does.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let (site, range) = (call.site().await?, range(call)?);
    let cover = call.app.store.cover(&site, &range, call.now()).await?;
    let info = |segment: Segment<'_>| SegmentInfo {
        bucket: segment.bucket.to_string(),
        hash: segment.hash().to_string(),
        from: segment.bucket.start(),
        to: segment.bucket.end(),
        events: segment.pieces.events,
        bytes: segment.bytes(),
    };
    let segments = cover.sealed.iter().flat_map(Sealed::segments);
    let list = SegmentList {
        generated_at: call.now(),
        segments: segments.filter(|segment| segment.pieces.events > 0).map(info).collect(),
        origin: site.origin(call.now()),
        tail_hours: cover.rows.iter().map(ToString::to_string).collect(),
    };
    Ok(Response::json(200, &list))
}

/// The bytes of one state of a segment.
pub(super) async fn get(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let bucket = Bucket::from_name(call.part("bucket")).ok_or_else(|| refused(Code::NotFound))?;
    let sealed = call.app.store.sealed_of(&site.id, bucket).await?;
    let named = |segment: &Segment<'_>| segment.hash().to_string() == call.part("hash");
    let segment = sealed.as_ref().and_then(|sealed| sealed.segments().find(named));
    // Another state has taken its place: the list says which.
    let segment = segment.ok_or_else(|| refused(Code::NotFound))?;
    if let Some(response) = unchanged(call, segment.hash(), FOR_EVER) {
        return Ok(response);
    }
    match call.app.store.segment_bytes(&site.id, &[segment]).await? {
        Ok(bytes) => Ok(answer(bytes.into_iter().next().unwrap_or_default(), segment.hash(), FOR_EVER)),
        Err(_) => Err(refused(Code::NotFound)),
    }
}

/// The hours that have no segment yet, or have changed since, as one segment.
pub(super) async fn tail(call: &Call<'_>) -> Answer {
    let (site, range) = (call.site().await?, range(call)?);
    let data = call.app.store.tail(&site, &range, call.now()).await?;
    let bucket = Bucket::of(Span::Day, range.start);
    let bytes = segment::write(&data, bucket)
        .map_err(|cause| StoreError::Damaged { bucket: bucket.to_string(), cause })?;
    let hash = ContentHash::of(&bytes);
    Ok(unchanged(call, hash, "private, no-cache").unwrap_or_else(|| answer(bytes, hash, "private, no-cache")))
}

fn answer(bytes: Vec<u8>, hash: ContentHash, cache: &str) -> Response {
    Response { status: 200, headers: Vec::new(), body: bytes, stream: None, problem: None }
        .with("content-type", MEDIA_TYPE)
        .with("etag", format!("\"{hash}\""))
        .with("cache-control", cache)
}

/// `304` for who has these bytes already.
fn unchanged(call: &Call<'_>, hash: ContentHash, cache: &str) -> Option<Response> {
    let known = call.request.header("if-none-match")?;
    let tag = format!("\"{hash}\"");
    known.split(',').any(|other| other.trim().trim_start_matches("W/") == tag).then(|| {
        Response { status: 304, headers: Vec::new(), body: Vec::new(), stream: None, problem: None }
            .with("etag", tag)
            .with("cache-control", cache)
    })
}
