//! The entry point on Workers: turns the platform's request into ours, keeps one [`App`] an isolate, and
//! sees to it that a started batch is finished even when the visitor's tab is already closed.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::StreamExt;
use protocol::limits::MAX_BODY_BYTES;
use protocol::problem::Code;
use worker::{Context, Env, Headers, Result, event};

use crate::app::App;
use crate::config::{Config, ConfigError};
use crate::http::{Geo, Request, Response};
use crate::log::{self, Level};
use crate::store::Store;

thread_local! {
    /// Holds no object of JavaScript, so it outlives the request that made it.
    static APP: RefCell<Option<Rc<App>>> = const { RefCell::new(None) };
}

/// Says what a panic was about: after one the isolate is reset and nothing else would.
#[event(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
        log::write(Level::Error, "panic", &[("place", place.into())]);
    }));
}

#[event(fetch)]
async fn fetch(mut request: worker::Request, env: Env, context: Context) -> Result<worker::Response> {
    let received_at = worker::Date::now().as_millis();
    let app = match app(&env) {
        Ok(app) => app,
        Err(error) => {
            log::write(Level::Error, "not configured", &[("error", error.to_string().into())]);
            return answer(Response::problem(Code::NotConfigured, None));
        }
    };
    let request = read(&mut request, received_at).await?;
    let (sender, receiver) = oneshot::channel();
    // A beacon's connection is gone before the store has answered; what runs in `wait_until` is not
    // cancelled with it.
    context.wait_until(async move {
        let response = app.handle(&request).await;
        // Nobody is left to be told when the visitor has gone.
        let _ = sender.send(response);
    });
    match receiver.await {
        Ok(response) => answer(response),
        Err(oneshot::Canceled) => {
            answer(Response::problem(Code::StoreUnavailable, None).with("retry-after", "5"))
        }
    }
}

fn app(env: &Env) -> std::result::Result<Rc<App>, ConfigError> {
    APP.with_borrow_mut(|kept| {
        if let Some(app) = kept {
            return Ok(Rc::clone(app));
        }
        let config = Config::read(&|name| env.var(name).ok().map(|value| value.to_string()))?;
        let store = Store::new(&config.store);
        let app = Rc::new(App::new(config, store));
        *kept = Some(Rc::clone(&app));
        Ok(app)
    })
}

async fn read(request: &mut worker::Request, received_at: u64) -> Result<Request> {
    let url = request.url()?;
    // The visitor's address stays in the platform: of `cf` only the place is taken.
    let geo = request.cf().map_or_else(Geo::default, |cf| Geo {
        country: cf.country().unwrap_or_default(),
        region: cf.region().unwrap_or_default(),
        city: cf.city().unwrap_or_default(),
    });
    Ok(Request {
        method: request.method().to_string(),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        https: url.scheme() == "https",
        headers: request.headers().entries().collect(),
        body: body(request).await?,
        geo,
        received_at,
    })
}

/// Reads the body, but never more than is allowed, whatever `content-length` says. `None`: it was longer.
async fn body(request: &mut worker::Request) -> Result<Option<Vec<u8>>> {
    let announced = request.headers().get("content-length")?.and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Ok(None);
    }
    let Ok(mut stream) = request.stream() else { return Ok(Some(Vec::new())) };
    let mut body = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = stream.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() > MAX_BODY_BYTES {
            return Ok(None);
        }
    }
    Ok(Some(body))
}

fn answer(response: Response) -> Result<worker::Response> {
    let headers = Headers::new();
    for (name, value) in response.headers {
        headers.append(name, &value)?;
    }
    let answer = if response.body.is_empty() {
        worker::Response::empty()?
    } else {
        worker::Response::from_bytes(response.body)?
    };
    // `from_bytes` sets a content type of its own.
    Ok(answer.with_status(response.status).with_headers(headers))
}
