//! Parts of the page whose code is loaded when they are first shown.
//!
//! A function with `#[wasm_split(name, fallible, preload(load_name))]` is compiled into a wasm file of its own, with all
//! that only it needs; files of functions that share something have that in another one. See the README.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::SplitLoaderError;

use super::bind::{piece, text};
use super::failed::Failed;
use super::i18n::I18n;
use crate::browser::listener;
use crate::model::i18n::shell as say;

/// What a part is drawn as; a failure if its code is not there.
pub type Part = Result<AnyView, SplitLoaderError>;

type Loading = Pin<Box<dyn Future<Output = Result<(), SplitLoaderError>>>>;
type Drawing = Pin<Box<dyn Future<Output = Part>>>;

/// Draws a part once its code is loaded; until then its shape, or why there is none.
pub fn lazy<L, D>(
    shape: fn() -> AnyView,
    load: impl Fn() -> L + Send + Sync + 'static,
    draw: impl Fn() -> D + Send + 'static,
) -> AnyView
where
    L: Future<Output = Result<(), SplitLoaderError>> + 'static,
    D: Future<Output = Part> + 'static,
{
    boxed(shape, Box::new(move || Box::pin(load())), Box::new(move || Box::pin(draw())))
}

fn boxed(
    shape: fn() -> AnyView,
    load: Box<dyn Fn() -> Loading + Send + Sync>,
    draw: Box<dyn Fn() -> Drawing + Send>,
) -> AnyView {
    let i18n = I18n::get();
    let is_loaded = RwSignal::new(None::<bool>);
    let start = move || {
        let mut loading = load();
        match now(&mut loading) {
            Some(loaded) => is_loaded.set(Some(loaded.is_ok())),
            None => spawn_local(async move {
                let _ = is_loaded.try_set(Some(loading.await.is_ok()));
            }),
        }
    };
    start();
    let start = StoredValue::new(start);
    let retry = move || {
        is_loaded.set(None);
        start.with_value(|start| start());
    };
    listener::on_online(move || {
        if is_loaded.get_untracked() == Some(false) {
            retry();
        }
    });
    piece(move || {
        // Asked for within the part's own place on the page, so that it finds its context.
        if is_loaded.get() == Some(true)
            && let Some(Ok(view)) = now(&mut draw())
        {
            return view;
        }
        if is_loaded.get() == Some(false) {
            return view! { <Failed message=text(move || i18n.say(say::UNREACHABLE)) retry /> }.into_any();
        }
        shape()
    })
}

/// Loads code before it is needed; whoever needs it tries again if this fails.
pub fn ahead(loading: impl Future<Output = Result<(), SplitLoaderError>> + 'static) {
    spawn_local(async move {
        let _ = loading.await;
    });
}

/// What a future is done with without waiting.
fn now<T>(future: &mut Pin<Box<dyn Future<Output = T>>>) -> Option<T> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}
