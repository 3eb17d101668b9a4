//! A WebSocket that is closed when it is dropped.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::page;

/// What a connection says.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// It stands.
    Open,
    /// A frame has come.
    Frame(Vec<u8>),
    /// A text has come.
    Text(String),
    /// It has ended with this code, or could not be made.
    Ended(u16),
}

/// A connection. Nothing is heard of it any more once it is dropped.
#[must_use = "a connection that is not kept is closed at once"]
pub struct Socket {
    socket: WebSocket,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _open: Closure<dyn FnMut()>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Connects to an address of this host; nothing if the browser will not.
    pub fn open(path: &str, said: impl Fn(Said) + Clone + 'static) -> Option<Self> {
        let socket = WebSocket::new(&format!("{}{path}", page::origin().replacen("http", "ws", 1))).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let heard = said.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            match data.dyn_ref::<ArrayBuffer>() {
                Some(buffer) => heard(Said::Frame(Uint8Array::new(buffer).to_vec())),
                None => heard(Said::Text(data.as_string().unwrap_or_default())),
            }
        });
        let opened = said.clone();
        let open = Closure::<dyn FnMut()>::new(move || opened(Said::Open));
        let close =
            Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| said(Said::Ended(event.code())));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Some(Self { socket, _message: message, _open: open, _close: close })
    }

    /// Sends a frame, if the connection stands.
    pub fn send(&self, bytes: &[u8]) {
        if self.socket.ready_state() == WebSocket::OPEN {
            let _ = self.socket.send_with_u8_array(bytes);
        }
    }

    /// Sends a text, if the connection stands.
    pub fn say(&self, text: &str) {
        if self.socket.ready_state() == WebSocket::OPEN {
            let _ = self.socket.send_with_str(text);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onopen(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
