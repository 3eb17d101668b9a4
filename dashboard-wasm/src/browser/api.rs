//! Requests to the worker.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, JSON, Promise};
use leptos::prelude::window;
use protocol::account::SignIn;
use protocol::api::SessionInfo;
use protocol::limits::MAX_QUERIES;
use protocol::problem::Problem;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortController, AbortSignal, Headers, RequestCache, RequestInit, Response};

use crate::model::failure::Failure;
use crate::model::query;
use crate::model::question::{Question, Reply, ReplyRow, Together, What};
use crate::model::reply::ReplyMeta;

/// Longer than any answer worth waiting for.
const LIMIT_MS: u32 = 15_000;

/// Ends a request: when dropped, or after 15 seconds.
#[must_use = "a request whose handle is dropped is cancelled"]
pub struct Abort {
    controller: Option<AbortController>,
    _limit: Option<Timeout>,
}

impl Abort {
    /// A handle for one request.
    pub fn new() -> Self {
        let controller = AbortController::new().ok();
        let limit = controller.clone().map(|controller| Timeout::new(LIMIT_MS, move || controller.abort()));
        Self { controller, _limit: limit }
    }

    /// What the request listens to.
    pub fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }
}

impl Default for Abort {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

thread_local! {
    static ACCESS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Shows this from now on instead of a cookie, which pages within pages of another site do not have.
pub fn authorise(access: String) {
    ACCESS.set(Some(access));
}

/// `GET address`.
pub async fn get<T: DeserializeOwned>(address: &str, signal: Option<AbortSignal>) -> Result<T, Failure> {
    read(send("GET", address, None, signal).await?).await
}

/// Answers to several questions for rows.
#[derive(Deserialize)]
struct Answers {
    results: Vec<OneAnswer>,
}

#[derive(Deserialize)]
struct OneAnswer {
    #[serde(default)]
    results: Vec<ReplyRow>,
    #[serde(default)]
    meta: ReplyMeta,
    problem: Option<Problem>,
}

/// Asks questions about one site: those for rows in one request, others each by itself, all at once. An answer, or why
/// there is none, for each; a failure of all if nobody can be asked.
pub async fn ask(questions: &[Question]) -> Result<Vec<Result<Reply, Failure>>, Failure> {
    let (rows, others): (Vec<usize>, Vec<usize>) =
        (0..questions.len()).partition(|place| questions[*place].what == What::Rows);
    let mut requests: Vec<(Vec<usize>, String, JsValue)> = Vec::new();
    for places in rows.chunks(MAX_QUERIES) {
        let together: Vec<&Question> = places.iter().map(|place| &questions[*place]).collect();
        requests.push((places.into(), query::ask("queries"), body(&Together::of(&together))?));
    }
    for place in others {
        let question = &questions[place];
        requests.push((vec![place], query::ask(question.what.name()), body(question)?));
    }
    let abort = Abort::new();
    let places: Vec<Vec<usize>> = requests.iter().map(|(places, ..)| places.clone()).collect();
    let answers = requests.into_iter().map(|(places, address, body)| {
        let (signal, are_rows) = (abort.signal(), questions[places[0]].what == What::Rows);
        async move {
            let response = send("POST", &address, Some(body), signal).await?;
            if !are_rows {
                return read::<Reply>(response).await.map(|reply| vec![Ok(reply)]);
            }
            let one = |OneAnswer { results, meta, problem }| match problem {
                Some(problem) => Err(Failure::Refused(problem)),
                None => Ok(Reply { results, meta, ..Reply::default() }),
            };
            Ok(read::<Answers>(response).await?.results.into_iter().map(one).collect())
        }
    });
    let answers: Vec<Result<Vec<Result<Reply, Failure>>, Failure>> = all(answers).await;
    let mut replies = vec![Err(Failure::Unreadable); questions.len()];
    for (places, answer) in places.into_iter().zip(answers) {
        match answer {
            Ok(answers) => {
                for (place, answer) in places.into_iter().zip(answers) {
                    replies[place] = answer;
                }
            }
            // Whoever is not let in, or finds no connection, is not answered at all.
            Err(Failure::Refused(problem)) if problem.status < 500 && problem.status != 401 => {
                for place in places {
                    replies[place] = Err(Failure::Refused(problem.clone()));
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(replies)
}

/// Asks one question of the worker.
pub async fn ask_one<T: DeserializeOwned>(question: &Question) -> Result<T, Failure> {
    change("POST", &query::ask(question.what.name()), question).await
}

/// A value as the body of a request.
pub fn body(value: &impl Serialize) -> Result<JsValue, Failure> {
    // JSON knows no maps, which flattened fields would become.
    let serializer = Serializer::new().serialize_maps_as_objects(true);
    let value = value.serialize(&serializer).map_err(|_| Failure::Unreadable)?;
    JSON::stringify(&value).map(Into::into).map_err(|_| Failure::Unreadable)
}

/// Waits for all of them, which run side by side.
async fn all<T: 'static>(futures: impl Iterator<Item = impl Future<Output = T> + 'static>) -> Vec<T> {
    let results: Rc<RefCell<Vec<Option<T>>>> = Rc::default();
    let promises = Array::new();
    for (place, future) in futures.enumerate() {
        results.borrow_mut().push(None);
        let results = Rc::clone(&results);
        promises.push(&future_to_promise(async move {
            let result = future.await;
            results.borrow_mut()[place] = Some(result);
            Ok(JsValue::UNDEFINED)
        }));
    }
    // None of them fails: what they return is kept beside.
    let _ = JsFuture::from(Promise::all(&promises)).await;
    results.take().into_iter().flatten().collect()
}

/// `GET address`, with a limit of its own.
pub async fn fetch<T: DeserializeOwned>(address: &str) -> Result<T, Failure> {
    let abort = Abort::new();
    get(address, abort.signal()).await
}

/// Changes something and reads what it has become.
pub async fn change<T: DeserializeOwned>(
    method: &str,
    address: &str,
    value: &impl Serialize,
) -> Result<T, Failure> {
    let abort = Abort::new();
    read(send(method, address, Some(body(value)?), abort.signal()).await?).await
}

/// Does something that is answered with nothing.
pub async fn act(method: &str, address: &str, value: &impl Serialize) -> Result<(), Failure> {
    let abort = Abort::new();
    send(method, address, Some(body(value)?), abort.signal()).await.map(drop)
}

/// Removes something.
pub async fn remove(address: &str) -> Result<(), Failure> {
    let abort = Abort::new();
    send("DELETE", address, None, abort.signal()).await.map(drop)
}

/// Who is signed in.
pub async fn session() -> Result<SessionInfo, Failure> {
    fetch(query::SESSION).await
}

/// Signs in.
pub async fn sign_in(credentials: &SignIn) -> Result<SessionInfo, Failure> {
    change("POST", query::SESSION, credentials).await
}

/// Signs out.
pub async fn sign_out() -> Result<(), Failure> {
    remove(query::SESSION).await
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    let json = response.json().map_err(|_| Failure::Unreadable)?;
    let value = JsFuture::from(json).await.map_err(|_| Failure::Unreadable)?;
    serde_wasm_bindgen::from_value(value).map_err(|_| Failure::Unreadable)
}

async fn send(
    method: &str,
    address: &str,
    body: Option<JsValue>,
    signal: Option<AbortSignal>,
) -> Result<Response, Failure> {
    let options = RequestInit::new();
    options.set_method(method);
    options.set_cache(RequestCache::NoStore);
    options.set_signal(signal.as_ref());
    let headers = Headers::new().map_err(|_| Failure::Unreachable)?;
    if method != "GET" {
        headers.set("Content-Type", "application/json").map_err(|_| Failure::Unreachable)?;
    }
    if let Some(access) = ACCESS.with_borrow(Clone::clone) {
        headers.set("Authorization", &format!("Bearer {access}")).map_err(|_| Failure::Unreachable)?;
    }
    options.set_headers_headers(&headers);
    if let Some(body) = body {
        options.set_body(&body);
    }
    let answer = JsFuture::from(window().fetch_with_str_and_init(address, &options)).await;
    let Some(response) = answer.ok().and_then(|answer| answer.dyn_into::<Response>().ok()) else {
        // A request that was cancelled for any other reason has nobody who reads this.
        let is_late = signal.is_some_and(|signal| signal.aborted());
        return Err(if is_late { Failure::TimedOut } else { Failure::Unreachable });
    };
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    match read::<Problem>(response).await {
        Ok(problem) => Err(Failure::Refused(problem)),
        Err(_) => Err(Failure::Status(status)),
    }
}
