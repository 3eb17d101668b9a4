//! The Web Worker that holds the events of a range and answers questions about them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use super::page;
use crate::model::failure::Failure;
use crate::model::question::{Named, Question, Reply};

/// What becomes of a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Loaded {
    /// Events that are held now.
    pub events: Option<f64>,
    /// The range has more events than wanted, this many; nothing is held.
    pub too_large: Option<f64>,
    /// Something else was asked for meanwhile; nothing is held.
    pub superseded: bool,
    /// Whether a refresh brought anything.
    pub changed: bool,
}

/// What a question is answered.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// An answer.
    Answer(Reply),
    /// Why there is none.
    Problem(String),
}

/// Questions as the engine takes them.
#[derive(Debug, Serialize)]
struct Questions<'a> {
    now: u64,
    zone: Clock<'a>,
    began: u64,
    queries: Vec<Named<'a>>,
}

/// A site's clock as the engine takes it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Clock<'a> {
    /// Offset before the first change, seconds.
    pub first: i32,
    /// When the offset becomes what.
    pub changes: &'a [(u64, i32)],
}

type Progress = Box<dyn Fn(f64, f64)>;

struct Waiting {
    resolve: Function,
    progress: Option<Progress>,
}

/// The Web Worker. A copy is the same one; it ends with the last.
#[derive(Clone)]
pub struct Engine(Rc<Inner>);

struct Inner {
    worker: Worker,
    next: Cell<u32>,
    waiting: Rc<RefCell<HashMap<u32, Waiting>>>,
    _listener: Closure<dyn FnMut(MessageEvent)>,
    _failed: Closure<dyn FnMut()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Engine {
    /// Starts it; nothing if the browser will not.
    pub fn start() -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&page::meta("engine")?, &options).ok()?;
        let waiting: Rc<RefCell<HashMap<u32, Waiting>>> = Rc::default();
        let inbox = Rc::clone(&waiting);
        let listener =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| take(&inbox, &event.data()));
        worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // It could not be loaded, or an error left it: whoever waits is told, for nobody else would.
        let lost = Rc::clone(&waiting);
        let failed = Closure::<dyn FnMut()>::new(move || {
            for (_, waiting) in lost.take() {
                let _ = waiting.resolve.call1(&JsValue::UNDEFINED, &JsValue::UNDEFINED);
            }
        });
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        Some(Self(Rc::new(Inner {
            worker,
            next: Cell::new(0),
            waiting,
            _listener: listener,
            _failed: failed,
        })))
    }

    /// Loads the events of ranges of a site, unless there are more than `most`.
    pub async fn load(
        &self,
        site: &str,
        ranges: &[(u64, u64)],
        most: u64,
        progress: impl Fn(f64, f64) + 'static,
    ) -> Result<Loaded, Failure> {
        let list: Array = ranges
            .iter()
            .map(|(from, to)| Array::of2(&(*from as f64).into(), &(*to as f64).into()))
            .collect();
        let fields = [("site", site.into()), ("ranges", list.into()), ("most", (most as f64).into())];
        let answer = self.call("load", &fields, Some(Box::new(progress))).await?;
        serde_wasm_bindgen::from_value(answer).map_err(|_| Failure::Unreadable)
    }

    /// Whatever is being loaded is not wanted any more.
    pub fn cancel(&self) {
        self.post(&self.message("cancel", &[]));
    }

    /// Takes events that were pushed, a segment, to what is or will be loaded of a site.
    pub fn merge(&self, site: &str, rows: &[u8]) {
        let rows = js_sys::Uint8Array::from(rows);
        self.post(&self.message("merge", &[("site", site.into()), ("rows", rows.into())]));
    }

    /// Looks whether there is anything new.
    pub async fn refresh(&self) -> Result<Loaded, Failure> {
        let answer = self.call("refresh", &[], None).await?;
        serde_wasm_bindgen::from_value(answer).map_err(|_| Failure::Unreadable)
    }

    /// Looks what is saved at the site, which questions mean.
    pub async fn learn(&self) -> Result<(), Failure> {
        self.call("learn", &[], None).await.map(drop)
    }

    /// Asks questions about what is loaded; nothing if that is no longer there.
    pub async fn ask(
        &self,
        queries: &[Question],
        now: u64,
        zone: Clock<'_>,
    ) -> Result<Option<Vec<Answered>>, Failure> {
        let queries = queries.iter().map(Named).collect();
        let questions = Questions { now, zone, began: 0, queries };
        let questions = serde_wasm_bindgen::to_value(&questions).map_err(|_| Failure::Unreadable)?;
        let questions = JSON::stringify(&questions).map_err(|_| Failure::Unreadable)?;
        let answer = self.call("ask", &[("questions", questions.into())], None).await?;
        let Some(text) = Reflect::get(&answer, &"answers".into()).ok().and_then(|text| text.as_string())
        else {
            return Ok(None);
        };
        let parsed = JSON::parse(&text).map_err(|_| Failure::Unreadable)?;
        serde_wasm_bindgen::from_value(parsed).map(Some).map_err(|_| Failure::Unreadable)
    }

    fn message(&self, kind: &str, fields: &[(&str, JsValue)]) -> Object {
        let message = Object::new();
        let id = self.0.next.get();
        self.0.next.set(id + 1);
        for (name, value) in [("id", JsValue::from(id)), ("kind", kind.into())].iter().chain(fields) {
            // Setting a property of a plain object does not fail.
            let _ = Reflect::set(&message, &(*name).into(), value);
        }
        message
    }

    fn post(&self, message: &Object) {
        // Fails only for what cannot be copied.
        let _ = self.0.worker.post_message(message);
    }

    async fn call(
        &self,
        kind: &str,
        fields: &[(&str, JsValue)],
        progress: Option<Progress>,
    ) -> Result<JsValue, Failure> {
        let message = self.message(kind, fields);
        let id = self.0.next.get() - 1;
        let mut progress = progress;
        let answer = Promise::new(&mut |resolve, _| {
            self.0.waiting.borrow_mut().insert(id, Waiting { resolve, progress: progress.take() });
        });
        self.post(&message);
        let answer = JsFuture::from(answer).await.map_err(|_| Failure::Unreadable)?;
        if answer.is_undefined() {
            return Err(Failure::NoEngine);
        }
        let field = |name: &str| Reflect::get(&answer, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let error = field("error");
        if error.is_undefined() { Ok(field("ok")) } else { Err(failure(&error)) }
    }
}

fn take(waiting: &RefCell<HashMap<u32, Waiting>>, data: &JsValue) {
    let field = |name: &str| Reflect::get(data, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let Some(id) = field("id").as_f64().map(|id| id as u32) else { return };
    let progress = field("progress");
    if progress.is_undefined() {
        let found = waiting.borrow_mut().remove(&id);
        if let Some(found) = found {
            let _ = found.resolve.call1(&JsValue::UNDEFINED, data);
        }
        return;
    }
    let part = |place| Array::from(&progress).get(place).as_f64().unwrap_or(0.0);
    if let Some(Waiting { progress: Some(report), .. }) = waiting.borrow().get(&id) {
        report(part(0), part(1));
    }
}

fn failure(error: &JsValue) -> Failure {
    let field = |name: &str| Reflect::get(error, &name.into()).unwrap_or(JsValue::UNDEFINED);
    if let Ok(problem) = serde_wasm_bindgen::from_value::<Problem>(field("problem")) {
        return Failure::Refused(problem);
    }
    match field("status").as_f64() {
        Some(0.0) => Failure::Unreachable,
        Some(status) if status > 0.0 => Failure::Status(status as u16),
        _ => Failure::NoEngine,
    }
}
