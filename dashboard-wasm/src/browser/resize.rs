//! The size of an element, kept up to date.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};

use super::page;
use crate::model::graph::Frame;

/// An observer that stops when it is dropped.
struct Observed {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Observed {
    fn new(element: &Element, callback: impl FnMut() + 'static) -> Option<Self> {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _callback: callback })
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The box of an element; nothing until it is in the page and has a size.
pub fn frame_of(node: NodeRef<Div>) -> ReadSignal<Option<Frame>> {
    let (frame, set_frame) = signal(None);
    let observed = StoredValue::new_local(None);
    Effect::new(move || {
        let Some(element) = node.get() else { return };
        let measured = element.clone();
        let measure = move || {
            let (width, height) = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            let measured = (width > 0.0 && height > 0.0).then(|| Frame { width, height, rem: page::rem() });
            if frame.get_untracked() != measured {
                set_frame.set(measured);
            }
        };
        measure();
        observed.set_value(Observed::new(&element, measure));
    });
    frame
}
