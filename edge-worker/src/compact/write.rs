//! Segments out of what a bucket is built of, shard by shard: what is held at once does not grow with the bucket.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use analytics::segment::{self, ContentHash};
use analytics::{Bucket, Columns, Dataset, Shard};

use super::Built;
use crate::site::Site;
use crate::store::segments::{Building, Sealed, Sealing, Written};
use crate::store::{Store, StoreError};

/// What a bucket is built of.
#[derive(Debug, Default)]
pub(super) struct Sources<'a> {
    /// Buckets of which it consists.
    pub(super) sealed: Vec<Sealed>,
    /// Rows of hours that have no segment.
    pub(super) rows: Vec<Dataset>,
    /// What is left out.
    pub(super) without: Option<&'a Erased>,
}

/// Visits that are taken out of segments.
#[derive(Debug, Clone, Default)]
pub struct Erased {
    /// Visitors, all of whose visits go ([`analytics::user_hash`]).
    pub users: HashSet<u64>,
    /// Single visits, by visitor and start.
    pub visits: BTreeSet<(u64, u64)>,
}

impl Erased {
    /// Whether there may be something of them in a shard.
    pub(super) fn is_in(&self, shard: Shard) -> bool {
        let mut all = self.users.iter().chain(self.visits.iter().map(|(user, _)| user));
        all.any(|user| shard.holds(*user))
    }

    fn taken_out_of(&self, part: &Rc<Dataset>) -> Rc<Dataset> {
        let is_gone = |user, start| self.users.contains(&user) || self.visits.contains(&(user, start));
        part.without(is_gone).map_or_else(|| Rc::clone(part), Rc::new)
    }
}

impl Sources<'_> {
    /// How many events there are, if no two of them have one in common.
    pub(super) fn events(&self) -> u64 {
        let sealed = self.sealed.iter().map(|sealed| sealed.manifest.events);
        sealed.chain(self.rows.iter().map(|rows| rows.event_count() as u64)).sum()
    }

    /// Names the state of what it is built of; `None` if that includes rows, which may be others the next time, or if
    /// something is left out of it.
    fn state(&self) -> Option<ContentHash> {
        let mut names = String::new();
        for it in &self.sealed {
            names.extend([it.bucket.to_string(), it.hash().to_string(), it.version.to_string()]);
            names.push('\n');
        }
        (self.rows.is_empty() && self.without.is_none()).then(|| ContentHash::of(names.as_bytes()))
    }

    /// All there is of a shard; `None` if a segment was replaced meanwhile.
    async fn of_shard(
        &self,
        store: &Store,
        site: &Site,
        shard: Shard,
    ) -> Result<Option<Vec<Rc<Dataset>>>, StoreError> {
        let parts = store.parts_of_shard(&site.id, &self.sealed, shard, Columns::ALL).await?;
        let mut parts = match parts {
            Ok(parts) => parts,
            Err(bucket) => return is_replaced(store, site, &self.sealed, bucket).await.map(|()| None),
        };
        parts.extend(self.rows.iter().map(|rows| Rc::new(rows.of_shard(shard))));
        if let Some(erased) = self.without.filter(|erased| erased.is_in(shard)) {
            parts = parts.iter().map(|part| erased.taken_out_of(part)).collect();
        }
        Ok(Some(parts))
    }
}

/// An error if a segment whose pieces are missing is the current one: it is damaged.
async fn is_replaced(
    store: &Store,
    site: &Site,
    sealed: &[Sealed],
    bucket: Bucket,
) -> Result<(), StoreError> {
    let now = store.sealed_of(&site.id, bucket).await?;
    if now.is_some() && now.as_ref() == sealed.iter().find(|it| it.bucket == bucket) {
        return Err(StoreError::Damaged { bucket: bucket.to_string(), cause: segment::SegmentError::Length });
    }
    Ok(())
}

/// Writes the segments of all shards of a bucket of so many events; of those that are as they should be, no pieces,
/// unless `anew`. `None` if something it is built of was replaced meanwhile.
pub(super) async fn all(
    store: &Store,
    site: &Site,
    sealing: &Sealing<'_>,
    sources: &Sources<'_>,
    events: u64,
    anew: bool,
    built: &mut Built,
) -> Result<Option<Vec<Written>>, StoreError> {
    let bits = store.limits.bits(sealing.bucket.span(), events);
    let groups = store.limits.bits_of_building(events).min(bits);
    // What takes several rounds may be killed in one of them; the next run goes on with it.
    let building = sources.state().filter(|_| groups > 0 && !anew).map(|of| Building { of, bits });
    let mut known = match building {
        Some(building) => store.written_before(&site.id, sealing, building).await?,
        None => BTreeMap::new(),
    };
    let mut segments = Vec::with_capacity(1 << bits);
    for group in Shard::each(groups) {
        let shards: Vec<(usize, Shard)> =
            Shard::each(bits).enumerate().filter(|(_, shard)| shard.overlaps(group)).collect();
        if shards.iter().all(|(number, _)| known.contains_key(number)) {
            segments.extend(shards.iter().filter_map(|(number, _)| known.remove(number)));
            continue;
        }
        let Some(parts) = sources.of_shard(store, site, group).await? else { return Ok(None) };
        for (number, shard) in shards {
            let slices: Vec<Rc<Dataset>> = match shard == group {
                true => parts.clone(),
                false => parts.iter().map(|part| Rc::new(part.of_shard(shard))).collect(),
            };
            let (written, _) = one(store, site, sealing, shard, &slices, anew, built).await?;
            if let Some(building) = building {
                built.write_units +=
                    store.note_written(&site.id, sealing, building, number, &written).await?;
            }
            segments.push(written);
        }
    }
    Ok(Some(segments))
}

/// Segments of a bucket with events more.
pub(super) struct Added {
    pub(super) segments: Vec<Written>,
    /// Shards that have changed.
    pub(super) changed: Vec<Shard>,
}

/// Adds rows, of visitors of some shards, to the bucket that is replaced. `None` if it was replaced meanwhile.
pub(super) async fn added(
    store: &Store,
    site: &Site,
    sealing: &Sealing<'_>,
    rows: &[Dataset],
    touched: &[Shard],
    built: &mut Built,
) -> Result<Option<Added>, StoreError> {
    let Some(old) = sealing.replaces else { return Ok(None) };
    let sources = Sources { sealed: vec![old.clone()], rows: rows.to_vec(), without: None };
    changed(store, site, sealing, old, &sources, &|shard| touched.iter().any(|it| it.overlaps(shard)), built)
        .await
}

/// Takes visits out of the bucket that is replaced. `None` if it was replaced meanwhile.
pub(super) async fn stripped(
    store: &Store,
    site: &Site,
    sealing: &Sealing<'_>,
    erased: &Erased,
    built: &mut Built,
) -> Result<Option<Added>, StoreError> {
    let Some(old) = sealing.replaces else { return Ok(None) };
    let sources = Sources { sealed: vec![old.clone()], rows: Vec::new(), without: Some(erased) };
    changed(store, site, sealing, old, &sources, &|shard| erased.is_in(shard), built).await
}

/// Writes those shards anew that may have changed.
async fn changed(
    store: &Store,
    site: &Site,
    sealing: &Sealing<'_>,
    old: &Sealed,
    sources: &Sources<'_>,
    is_touched: &dyn Fn(Shard) -> bool,
    built: &mut Built,
) -> Result<Option<Added>, StoreError> {
    let (mut segments, mut changed) = (Vec::new(), Vec::new());
    for segment in old.segments() {
        if !is_touched(segment.shard) {
            segments.push(Written::kept(&segment));
            continue;
        }
        let Some(parts) = sources.of_shard(store, site, segment.shard).await? else { return Ok(None) };
        let (written, has_changed) = one(store, site, sealing, segment.shard, &parts, false, built).await?;
        segments.push(written);
        if has_changed {
            changed.push(segment.shard);
        }
    }
    let events = segments.iter().map(Written::events).sum();
    if store.limits.bits(sealing.bucket.span(), events) == old.manifest.bits() {
        return Ok(Some(Added { segments, changed }));
    }
    // It has outgrown its shards, or they have become too many.
    let segments = all(store, site, sealing, sources, events, false, built).await?;
    Ok(segments.map(|segments| Added { segments, changed: vec![Shard::ALL] }))
}

/// Writes the segment of a shard, and says whether it is another than that of the state that is replaced.
async fn one(
    store: &Store,
    site: &Site,
    sealing: &Sealing<'_>,
    shard: Shard,
    parts: &[Rc<Dataset>],
    anew: bool,
    built: &mut Built,
) -> Result<(Written, bool), StoreError> {
    let data = analytics::merge(&parts.iter().map(Rc::as_ref).collect::<Vec<_>>());
    let bytes = segment::write(&data, sealing.bucket)
        .map_err(|cause| StoreError::Damaged { bucket: sealing.bucket.to_string(), cause })?;
    drop(data);
    let hash = segment::ContentHash::of(&bytes);
    let same = sealing
        .replaces
        .and_then(|old| old.segments().find(|segment| segment.shard == shard && segment.hash() == hash));
    match same.filter(|_| !anew) {
        Some(same) => Ok((Written::kept(&same), false)),
        None => {
            let units = &mut built.write_units;
            let written = store.put_pieces(&site.id, sealing, shard, &bytes, units).await?;
            Ok((written, true))
        }
    }
}
