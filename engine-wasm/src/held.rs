//! What is loaded: segments as they came, and the columns of them that questions have asked for so far.

use analytics::query::Index;
use analytics::segment::{self, SegmentError};
use analytics::{Column, Columns, Dataset, EventDim, VisitDim, merge};
use protocol::query::{Context, Origin};
use protocol::saved::AllSaved;

/// A segment as it came.
#[derive(Debug)]
struct Part {
    name: String,
    bytes: Vec<u8>,
}

/// Segments, and the data set they make.
///
/// The bytes are kept beside the decoded columns (a sixth of them), so that a question about a column that nobody
/// has asked for before needs no request.
#[derive(Debug)]
pub struct Held {
    parts: Vec<Part>,
    tail: Option<Vec<u8>>,
    /// Events that came one by one since the tail was taken.
    fresh: Vec<Vec<u8>>,
    columns: Columns,
    /// The segments decoded and merged; made anew when one comes or goes.
    sealed: Option<Dataset>,
    /// With the tail, and worked out for queries.
    whole: Option<(Dataset, Index)>,
    /// The site's goals.
    context: Context,
}

/// The columns that the overview shows or filters by: loaded from the start.
fn usual() -> Columns {
    let visit = [
        VisitDim::Source,
        VisitDim::Channel,
        VisitDim::UtmCampaign,
        VisitDim::Country,
        VisitDim::Region,
        VisitDim::City,
        VisitDim::Device,
        VisitDim::Browser,
        VisitDim::Os,
        VisitDim::Screen,
    ];
    let events = [EventDim::Path, EventDim::Name].map(Column::Event);
    visit.map(Column::Visit).into_iter().chain(events).chain([Column::Engagement]).collect()
}

impl Default for Held {
    fn default() -> Self {
        Self {
            parts: Vec::new(),
            tail: None,
            fresh: Vec::new(),
            columns: usual(),
            sealed: None,
            whole: None,
            context: Context::default(),
        }
    }
}

impl Held {
    /// Takes what is saved at the site, in place of what was: questions mean its goals.
    pub fn set_saved(&mut self, saved: &AllSaved) {
        let origin = std::mem::take(&mut self.context.origin);
        self.context = Context { origin, ..saved.context() };
    }

    /// Takes where the site's numbers come from.
    pub fn set_origin(&mut self, origin: Origin) {
        self.context.origin = origin;
    }

    /// What questions mean besides what they say.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Whether a segment of that name is held.
    pub fn has(&self, name: &str) -> bool {
        self.parts.iter().any(|part| part.name == name)
    }

    /// Takes a segment; one of the same name is replaced.
    ///
    /// # Errors
    /// The bytes are no segment.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) -> Result<(), SegmentError> {
        segment::inspect(&bytes)?;
        self.parts.retain(|part| part.name != name);
        self.parts.push(Part { name, bytes });
        self.forget();
        Ok(())
    }

    /// Lets go of the segments that are not named.
    pub fn keep(&mut self, names: &[&str]) {
        let before = self.parts.len();
        self.parts.retain(|part| names.contains(&part.name.as_str()));
        if self.parts.len() != before {
            self.forget();
        }
    }

    /// Takes the events that no segment holds yet, in place of those taken before, those added to them included.
    ///
    /// # Errors
    /// The bytes are no segment.
    pub fn set_tail(&mut self, bytes: Vec<u8>) -> Result<(), SegmentError> {
        segment::inspect(&bytes)?;
        self.tail = Some(bytes);
        self.fresh.clear();
        self.whole = None;
        Ok(())
    }

    /// Takes further events, which neither segments nor tail need have. Those that they have count once.
    ///
    /// # Errors
    /// The bytes are no segment.
    pub fn add_rows(&mut self, bytes: Vec<u8>) -> Result<(), SegmentError> {
        segment::inspect(&bytes)?;
        self.fresh.push(bytes);
        self.whole = None;
        Ok(())
    }

    /// How many events the segments and the tail hold; an event that both have counts twice.
    pub fn events(&self) -> u64 {
        let bytes = self.parts.iter().map(|part| &part.bytes).chain(&self.tail).chain(&self.fresh);
        bytes.filter_map(|bytes| segment::inspect(bytes).ok()).map(|info| info.events as u64).sum()
    }

    /// The columns that are decoded: those of the overview, and what was asked for besides.
    pub fn columns(&self) -> Columns {
        self.columns
    }

    /// Bytes that questions are answered from.
    ///
    /// # Errors
    /// A segment is damaged.
    pub fn heap_bytes(&mut self) -> Result<usize, SegmentError> {
        self.data(Columns::NONE).map(|(data, index)| data.heap_bytes() + index.heap_bytes())
    }

    /// Decodes and merges what is not yet.
    ///
    /// # Errors
    /// A segment is damaged.
    pub fn prepare(&mut self) -> Result<(), SegmentError> {
        self.data(Columns::NONE).map(drop)
    }

    /// The data set, with at least these columns.
    ///
    /// # Errors
    /// A segment is damaged.
    pub fn data(&mut self, wanted: Columns) -> Result<(&Dataset, &Index), SegmentError> {
        if self.columns.or(wanted) != self.columns {
            self.columns = self.columns.or(wanted);
            self.forget();
        }
        if self.whole.is_none() {
            let sealed = self.sealed.take().map_or_else(|| self.decode(), Ok)?;
            let has_events = |bytes: &&Vec<u8>| segment::inspect(bytes).map_or(true, |info| info.events > 0);
            let open = self.tail.iter().chain(&self.fresh).filter(has_events);
            let open = open.map(|bytes| segment::read(bytes, self.columns));
            let open = open.collect::<Result<Vec<Dataset>, SegmentError>>()?;
            let whole = if open.is_empty() {
                // What is over stays as it is: it need not be kept twice.
                sealed
            } else {
                let whole = merge(&std::iter::once(&sealed).chain(&open).collect::<Vec<_>>());
                // There will soon be another.
                self.sealed = Some(sealed);
                whole
            };
            self.whole = Some(Index::condense(whole));
        }
        let (data, index) = self.whole.get_or_insert_default();
        Ok((data, index))
    }

    fn decode(&self) -> Result<Dataset, SegmentError> {
        if let [part] = &*self.parts {
            return segment::read(&part.bytes, self.columns);
        }
        let parts: Result<Vec<Dataset>, SegmentError> =
            self.parts.iter().map(|part| segment::read(&part.bytes, self.columns)).collect();
        Ok(merge(&parts?.iter().collect::<Vec<_>>()))
    }

    fn forget(&mut self) {
        self.sealed = None;
        self.whole = None;
    }
}
