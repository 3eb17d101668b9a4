//! The platform's side of a site's hub: a Durable Object that holds its readers' connections. It may sleep while they
//! stay open, and forgets everything then; whoever wakes it has it rebuilt from the tables.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use protocol::SiteId;
use protocol::live::{
    CLOSE_NOT_UNDERSTOOD, CLOSE_RENEW, CLOSE_TOO_SLOW, ClientMessage, Frame, PING, PONG, Resume,
};
use protocol::metric::Metric;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair, durable_object,
};

use super::open::Open;
use super::platform::Edge;
use crate::live::hub::{Hub, Loaded};
use crate::live::pump::{Frames, Place, Pumped};
use crate::live::told::Told;
use crate::live::view::{View, Viewer};
use crate::live::{FRAME_MS, LINGER_MS, MAX_SOCKETS, MAX_SOCKETS_EACH, QUIET_MS};
use crate::log::{self, Level};
use crate::metrics::Label;

/// Where isolates reach a hub.
pub(super) const TOLD: &str = "https://hub/told";
/// Where readers do.
pub(super) const WATCH: &str = "https://hub/watch";
/// In which the worker says who they are, in hex: this address is nobody else's.
pub(super) const READER: &str = "x-liveinsight-reader";
/// In which the worker says whose hub it is.
pub(super) const SITE: &str = "x-liveinsight-site";

/// How long after a failure the tables are asked again.
const RETRY: Duration = Duration::from_secs(2);
/// How often the tables are looked into while isolates may still be quiet.
const LOOK: Duration = Duration::from_secs(1);
/// How far a look reaches back beyond the one before it, milliseconds.
const OVERLAP_MS: u64 = 15_000;
/// How far the first look reaches back, and one for what was not told.
const FIRST_LOOK_MS: u64 = 60_000;
/// Most that is kept of what is told while the tables are read.
const MAX_WAITING: usize = 1_000;

/// Who reads over a connection: kept by the platform with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Reader {
    pub(super) site: String,
    pub(super) viewer: Viewer,
    #[serde(default)]
    pub(super) after: Option<(u64, u64)>,
    /// Names the connection within this hub.
    #[serde(default)]
    id: u64,
}

impl Reader {
    pub(super) fn new(site: &SiteId, viewer: &Viewer, after: Option<Resume>) -> Self {
        let after = after.map(|after| (after.epoch, after.seq));
        Self { site: site.to_string(), viewer: viewer.clone(), after, id: 0 }
    }
}

struct Connection {
    socket: WebSocket,
    reader: Reader,
    place: Place,
}

/// The hub of one site.
#[durable_object]
pub struct LiveHub {
    inner: Rc<Inner>,
}

struct Inner {
    state: State,
    env: Env,
    site: RefCell<Option<SiteId>>,
    hub: RefCell<Option<Hub>>,
    connections: RefCell<HashMap<u64, Connection>>,
    next_id: Cell<u64>,
    /// What was told while the tables were read.
    waiting: RefCell<Vec<Told>>,
    is_loading: Cell<bool>,
    /// Isolates may be quiet until then.
    promised_until: Cell<u64>,
    /// Since when the next look into the tables has to reach, and until when looks go on.
    look_from: Cell<u64>,
    look_until: Cell<u64>,
    last_left: Cell<u64>,
    last_flush: Cell<u64>,
    is_flush_due: Cell<bool>,
    open: Open,
}

fn now() -> u64 {
    worker::Date::now().as_millis()
}

impl DurableObject for LiveHub {
    fn new(state: State, env: Env) -> Self {
        if let Ok(pair) = WebSocketRequestResponsePair::new(PING, PONG) {
            state.set_websocket_auto_response(&pair);
        }
        let mut connections = HashMap::new();
        let mut next_id = 1;
        let mut site = None;
        for socket in state.get_websockets() {
            let Some(reader) = attached(&socket) else { continue };
            site = site.or_else(|| SiteId::parse(&reader.site).ok());
            next_id = next_id.max(reader.id + 1);
            connections.insert(reader.id, Connection { socket, reader, place: Place::stayed() });
        }
        let inner = Inner {
            state,
            env,
            site: RefCell::new(site),
            hub: RefCell::default(),
            connections: RefCell::new(connections),
            next_id: Cell::new(next_id),
            waiting: RefCell::default(),
            is_loading: Cell::new(false),
            // What it promised before it slept it does not know.
            promised_until: Cell::new(now() + QUIET_MS),
            look_from: Cell::new(u64::MAX),
            look_until: Cell::new(0),
            last_left: Cell::new(0),
            last_flush: Cell::new(0),
            is_flush_due: Cell::new(false),
            open: Open::default(),
        };
        Self { inner: Rc::new(inner) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let site = request.headers().get(SITE)?.and_then(|site| SiteId::parse(&site).ok());
        if site.is_some() {
            self.inner.site.replace(site);
        }
        match request.headers().get(READER)? {
            Some(reader) => self.inner.watch(&reader),
            None => {
                let quiet = match self.inner.is_watched() {
                    true => {
                        self.inner.tell(&request.bytes().await?);
                        0
                    }
                    false => self.inner.promise(),
                };
                Response::ok(quiet.to_string())
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.inner.alarm().await;
        Response::empty()
    }

    async fn websocket_message(&self, socket: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        let message = match &message {
            WebSocketIncomingMessage::Binary(bytes) => ClientMessage::decode(bytes).ok(),
            WebSocketIncomingMessage::String(_) => None,
        };
        let Some(message) = message else {
            return socket.close(Some(CLOSE_NOT_UNDERSTOOD), Some("not understood"));
        };
        if let Some(reader) = attached(&socket) {
            self.inner.hear(&socket, reader.id, message);
        }
        Ok(())
    }

    async fn websocket_close(&self, socket: WebSocket, _: usize, _: String, _: bool) -> Result<()> {
        self.inner.leave(&socket);
        Ok(())
    }

    async fn websocket_error(&self, socket: WebSocket, _: worker::Error) -> Result<()> {
        self.inner.leave(&socket);
        Ok(())
    }
}

fn attached(socket: &WebSocket) -> Option<Reader> {
    let text: String = socket.deserialize_attachment().ok()??;
    serde_json::from_str(&text).ok()
}

impl Inner {
    fn is_watched(&self) -> bool {
        !self.connections.borrow().is_empty() || now() < self.last_left.get() + LINGER_MS
    }

    /// Nobody watches: isolates may be quiet, and nothing need be remembered.
    fn promise(&self) -> u64 {
        self.hub.replace(None);
        self.waiting.borrow_mut().clear();
        self.promised_until.set(now() + QUIET_MS);
        QUIET_MS
    }

    /// Takes a reader.
    fn watch(self: &Rc<Self>, reader: &str) -> Result<Response> {
        let bytes = crate::encoding::unhex(reader).unwrap_or_default();
        let Ok(mut reader) = serde_json::from_slice::<Reader>(&bytes) else {
            return Response::error("no reader", 400);
        };
        let tag = reader.viewer.actor.as_str();
        let own = self.state.get_websockets_with_tag(tag).len();
        if own >= MAX_SOCKETS_EACH || self.connections.borrow().len() >= MAX_SOCKETS {
            return Response::error("full", 429);
        }
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_websocket_with_tags(&server, &[tag]);
        reader.id = self.next_id.replace(self.next_id.get() + 1);
        let printed = serde_json::to_string(&reader).unwrap_or_default();
        server.serialize_attachment(printed)?;
        self.flush();
        let after = reader.after.map(|(epoch, seq)| Resume { epoch, seq });
        let place = Place::new(after, self.hub.borrow().as_ref());
        let id = reader.id;
        if let Some(hub) = self.hub.borrow().as_ref() {
            place.greet(hub, now(), &mut |bytes| server.send_with_bytes(bytes).is_ok());
        }
        self.connections.borrow_mut().insert(id, Connection { socket: server, reader, place });
        self.measure();
        if self.hub.borrow().is_some() {
            self.pump(Some(id));
        } else {
            self.load_soon();
        }
        Response::from_websocket(client)
    }

    /// Takes in what an isolate says.
    fn tell(self: &Rc<Self>, message: &[u8]) {
        let told = Told::read(message).unwrap_or_else(|_| {
            // Of a newer or older worker: what it says is in the tables, too.
            Told { gap: Some(now() - FIRST_LOOK_MS), ..Told::default() }
        });
        if told.renew {
            return self.renew();
        }
        if let Some(from) = told.gap {
            self.look(from, now());
        }
        let is_taken = match self.hub.borrow_mut().as_mut() {
            Some(hub) => {
                hub.tell(told, now());
                true
            }
            None => {
                let mut waiting = self.waiting.borrow_mut();
                // The tables have it as well.
                if waiting.len() < MAX_WAITING {
                    waiting.push(told);
                }
                false
            }
        };
        if is_taken { self.flush_soon() } else { self.load_soon() }
    }

    /// Forgets everything and has it read from the tables again. Readers stay.
    fn renew(self: &Rc<Self>) {
        self.hub.replace(None);
        self.waiting.borrow_mut().clear();
        for connection in self.connections.borrow_mut().values_mut() {
            connection.place = Place::stayed();
        }
        self.load_soon();
    }

    fn hear(&self, socket: &WebSocket, id: u64, message: ClientMessage) {
        match message {
            ClientMessage::Ping => {
                let seq = self.hub.borrow().as_ref().map_or(0, Hub::seq);
                let _ = socket.send_with_bytes(Frame::Ping { seq, time: now() }.encode());
            }
            ClientMessage::Ack(seq) => {
                if let Some(connection) = self.connections.borrow_mut().get_mut(&id) {
                    connection.place.acknowledge(seq, now());
                }
                self.flush();
                self.pump(Some(id));
            }
        }
    }

    fn leave(self: &Rc<Self>, socket: &WebSocket) {
        if let Some(reader) = attached(socket) {
            self.connections.borrow_mut().remove(&reader.id);
        }
        self.measure();
        self.last_left.set(now());
        // Nobody is left to be told.
        let _ = socket.close(None, None::<&str>);
    }

    /// Closes what came, for everybody the same.
    fn flush(&self) {
        if let Some(hub) = self.hub.borrow_mut().as_mut() {
            hub.flush(now());
        }
    }

    /// Sends what came, now or as soon as it may be.
    fn flush_soon(self: &Rc<Self>) {
        let next = self.last_flush.get() + FRAME_MS;
        let time = now();
        if time >= next {
            return self.flush_all();
        }
        if self.is_flush_due.replace(true) {
            return;
        }
        let inner = Rc::clone(self);
        // An alarm for each quarter of a second costs more than staying awake for it.
        self.state.wait_until(async move {
            worker::Delay::from(Duration::from_millis(next - time)).await;
            inner.flush_all();
        });
    }

    fn flush_all(self: &Rc<Self>) {
        self.is_flush_due.set(false);
        self.last_flush.set(now());
        self.flush();
        self.pump(None);
        self.measure();
    }

    /// Measures how many connections there are.
    fn measure(self: &Rc<Self>) {
        let open = self.open.set(self.connections.borrow().len());
        let Ok(app) = super::app(&self.env) else { return };
        #[expect(clippy::cast_precision_loss, reason = "a hub has at most some hundred connections")]
        app.store.metrics().add(Metric::LiveConnections, Label::None, open as f64);
        let inner = Rc::clone(self);
        app.publish_later(&Edge::of_hub(self.env.clone(), move |work| inner.state.wait_until(work)));
    }

    /// Sends what may be sent, to one connection or to all.
    fn pump(&self, only: Option<u64>) {
        let hub = self.hub.borrow();
        let Some(hub) = hub.as_ref() else { return };
        let Ok(app) = super::app(&self.env) else { return };
        let (time, mut frames) = (now(), Frames::default());
        self.connections.borrow_mut().retain(|id, connection| {
            if only.is_some_and(|only| only != *id) {
                return true;
            }
            let Connection { socket, reader, place } = connection;
            let close = |code: u16, why: &str| {
                let _ = socket.close(Some(code), Some(why));
                false
            };
            if time >= reader.viewer.until {
                return close(CLOSE_RENEW, "connect again");
            }
            let view = View::new(&reader.viewer, &app.config.session_secret);
            let send = |bytes: &[u8]| socket.send_with_bytes(bytes).is_ok();
            match place.pump(hub, &view, &mut frames, time, send) {
                Pumped::Fine => true,
                Pumped::Broken => close(CLOSE_RENEW, "connect again"),
                Pumped::TooSlow => close(CLOSE_TOO_SLOW, "nothing was acknowledged"),
            }
        });
    }

    /// Looks into the tables again, for what happened since `from`, once or until a time.
    fn look(self: &Rc<Self>, from: u64, until: u64) {
        let is_idle = self.look_from.get() == u64::MAX;
        self.look_from.set(self.look_from.get().min(from));
        self.look_until.set(self.look_until.get().max(until));
        if is_idle {
            self.wake_after(LOOK);
        }
    }

    fn wake_after(self: &Rc<Self>, time: Duration) {
        let inner = Rc::clone(self);
        self.state.wait_until(async move {
            if inner.state.storage().set_alarm(time).await.is_err() {
                log::write(Level::Error, "live hub has no alarm", &[]);
            }
        });
    }

    /// Has the half hour read from the tables, unless it is being read.
    fn load_soon(self: &Rc<Self>) {
        if self.is_loading.replace(true) {
            return;
        }
        let inner = Rc::clone(self);
        self.state.wait_until(async move {
            let loaded = inner.read_all().await;
            inner.is_loading.set(false);
            match loaded {
                Ok(loaded) => inner.begin(loaded),
                Err(error) => {
                    log::write(Level::Error, "live hub not rebuilt yet", &[("error", Value::from(error))]);
                    inner.wake_after(RETRY);
                }
            }
        });
    }

    async fn read_all(&self) -> std::result::Result<Loaded, String> {
        let app = super::app(&self.env).map_err(|error| error.to_string())?;
        let site = self.site.borrow().clone().ok_or("the hub does not know its site")?;
        let site = app.sites().by_id(&site).await.map_err(|error| error.to_string())?;
        let site = site.ok_or("there is no such site")?;
        app.store.live(&site, now()).await.map_err(|error| error.to_string())
    }

    /// Begins with what was read.
    fn begin(self: &Rc<Self>, loaded: Loaded) {
        if !self.is_watched() {
            return;
        }
        let time = now();
        let mut hub = Hub::new(fresh_epoch(time), loaded, time);
        for told in self.waiting.take() {
            hub.tell(told, time);
        }
        hub.flush(time);
        for connection in self.connections.borrow().values() {
            connection.place.greet(&hub, time, &mut |bytes| connection.socket.send_with_bytes(bytes).is_ok());
        }
        self.hub.replace(Some(hub));
        self.flush_all();
        if let Some(hub) = self.hub.borrow_mut().as_mut() {
            hub.forget_loaded_rows();
        }
        let promised = self.promised_until.get();
        if time < promised {
            // An isolate counts the time in which it need not tell from when it heard of it.
            self.look(time - FIRST_LOOK_MS, promised + OVERLAP_MS);
        }
    }

    async fn alarm(self: &Rc<Self>) {
        // Whoever loads the page anew is back in a moment.
        if !self.is_watched() {
            self.look_from.set(u64::MAX);
            return;
        }
        if self.hub.borrow().is_none() {
            return self.load_soon();
        }
        let (from, time) = (self.look_from.replace(u64::MAX), now());
        if from == u64::MAX {
            return;
        }
        match self.read_since(from, time).await {
            Ok(told) => {
                if let Some(hub) = self.hub.borrow_mut().as_mut() {
                    hub.tell(told, now());
                }
                self.flush_soon();
                if time <= self.look_until.get() {
                    self.look(time - OVERLAP_MS, 0);
                }
            }
            Err(error) => {
                log::write(Level::Error, "live hub could not look", &[("error", Value::from(error))]);
                self.look(from, 0);
            }
        }
    }

    async fn read_since(&self, from: u64, time: u64) -> std::result::Result<Told, String> {
        let app = super::app(&self.env).map_err(|error| error.to_string())?;
        let site = self.site.borrow().clone().ok_or("the hub does not know its site")?;
        let site = app.sites().by_id(&site).await.map_err(|error| error.to_string())?;
        let site = site.ok_or("there is no such site")?;
        app.store.live_since(&site, from, time).await.map_err(|error| error.to_string())
    }
}

/// A name for a hub's memory that no other has: the time, and dice for those that begin in the same millisecond.
fn fresh_epoch(time: u64) -> u64 {
    let mut dice = [0; 2];
    // Without randomness the time has to do.
    let _ = getrandom::fill(&mut dice);
    time << 16 | u64::from(u16::from_le_bytes(dice))
}
