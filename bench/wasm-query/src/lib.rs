//! What a dashboard would do with the engine: take segments, load the columns of an overview, answer.

#[path = "../../src/query/scenario.rs"]
mod scenario;

use analytics::query::Index;
use analytics::{Dataset, merge, segment};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// Takes segments.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Loader(Vec<Dataset>);

/// Data that questions can be asked of.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Loaded {
    data: Dataset,
    index: Index,
}

#[wasm_bindgen]
impl Loader {
    /// Without segments.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a segment.
    ///
    /// # Errors
    /// The bytes are no segment.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), JsError> {
        self.0.push(segment::read(bytes, scenario::wanted())?);
        Ok(())
    }

    /// Merges what was taken.
    pub fn finish(mut self) -> Loaded {
        let data = match self.0.len() {
            1 => self.0.pop().unwrap_or_default(),
            _ => merge(&self.0.iter().collect::<Vec<_>>()),
        };
        drop(self);
        let (data, index) = Index::condense(data);
        Loaded { data, index }
    }
}

#[wasm_bindgen]
impl Loaded {
    /// How many events there are.
    pub fn events(&self) -> usize {
        self.index.event_count()
    }

    /// The overview of days from a time on, as JSON.
    ///
    /// # Errors
    /// The engine refuses it.
    pub fn overview(&self, start: u64, days: u64, is_filtered: bool) -> Result<String, JsError> {
        let answer = scenario::ask(&self.data, &self.index, start, days, is_filtered)?;
        Ok(serde_json::to_string(&answer)?)
    }
}
