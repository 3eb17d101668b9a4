//! What the Web Worker's JavaScript calls.

use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::ask;
use crate::held::Held;

/// The engine of one Web Worker.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Engine(Held);

#[wasm_bindgen]
impl Engine {
    /// Without data.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a state of a segment is held.
    pub fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }

    /// Takes a segment under a name.
    ///
    /// # Errors
    /// The bytes are no segment.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) -> Result<(), JsError> {
        Ok(self.0.add(name, bytes)?)
    }

    /// Lets go of every segment whose name is not in the list, which is separated by line feeds.
    pub fn keep(&mut self, names: &str) {
        self.0.keep(&names.lines().collect::<Vec<_>>());
    }

    /// Takes the events that no segment holds yet, in place of those taken before.
    ///
    /// # Errors
    /// The bytes are no segment.
    pub fn set_tail(&mut self, bytes: Vec<u8>) -> Result<(), JsError> {
        Ok(self.0.set_tail(bytes)?)
    }

    /// Takes further events, which neither segments nor tail need have.
    ///
    /// # Errors
    /// The bytes are no segment.
    pub fn add_rows(&mut self, bytes: Vec<u8>) -> Result<(), JsError> {
        Ok(self.0.add_rows(bytes)?)
    }

    /// Takes the answers of `GET /api/sites/{site_id}/goals` and `…/segments`, as one object: questions mean these.
    ///
    /// # Errors
    /// It is none.
    pub fn set_saved(&mut self, saved: &str) -> Result<(), JsError> {
        self.0.set_saved(&ask::read(saved)?);
        Ok(())
    }

    /// Takes the `origin` of the answer of `GET /api/segments`: answers say what of it concerns them.
    ///
    /// # Errors
    /// It is none.
    pub fn set_origin(&mut self, origin: &str) -> Result<(), JsError> {
        self.0.set_origin(ask::read(origin)?);
        Ok(())
    }

    /// How many events are held, heartbeats included.
    pub fn events(&self) -> u32 {
        u32::try_from(self.0.events()).unwrap_or(u32::MAX)
    }

    /// Works out what all questions need, so that the first is answered as fast as the others.
    ///
    /// # Errors
    /// A segment is damaged.
    pub fn prepare(&mut self) -> Result<(), JsError> {
        Ok(self.0.prepare()?)
    }

    /// Answers questions: JSON in, JSON out. See [`ask`].
    ///
    /// # Errors
    /// The JSON is none of these questions, or a segment is damaged. A single question that cannot be answered is
    /// answered with its problem.
    pub fn ask(&mut self, questions: &str) -> Result<String, JsError> {
        Ok(ask::answer(&mut self.0, questions)?)
    }
}
