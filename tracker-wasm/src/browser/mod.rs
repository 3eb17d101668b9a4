//! The browser around the core: the only part of LiveInsight's tracker that names browser types.
//!
//! [`Tracker`] is all that JavaScript sees. Whatever happens ends in [`Shell::run`]: the core is told,
//! what it wants sent is sent, and the one timer is set to when it wants to be woken.

mod host;
mod listen;
mod shell;
mod world;

use std::rc::Rc;

use lol_alloc::{FreeListAllocator, LockedAllocator};
use protocol::{Props, SiteId};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Document, Window};

use crate::core::take;
use host::Host;
use shell::Shell;
use world::Page;

/// A fifth of the code of the standard library's allocator (2 KB gzip less), which serves far larger heaps:
/// the tracker holds some kilobytes. Setting it up needs no `unsafe` here.
#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());

/// The tracker of one document, for the JavaScript in `js/`.
#[wasm_bindgen]
pub struct Tracker(Rc<Shell>);

/// Starts tracking. `undefined` when `site_id` is none. `locale` is language and time zone, parted by NUL;
/// the size of the screen is in pixels.
#[wasm_bindgen]
pub fn start(
    site_id: &str,
    host: Host,
    window: Window,
    document: Document,
    locale: &str,
    screen_width: f64,
    screen_height: f64,
) -> Option<Tracker> {
    let site = SiteId::parse(site_id).ok()?;
    let context = world::context(locale, screen_width, screen_height);
    Some(Tracker(Shell::start(site, Page { window, document, host, context })))
}

#[wasm_bindgen]
impl Tracker {
    /// Records a page view of the present address.
    #[wasm_bindgen(js_name = pageView)]
    pub fn page_view(&self, props: &str) {
        self.0.run(false, &mut |core, moment| core.page_view(moment, pairs(props)));
    }

    /// Records a conversion; an empty `amount` means no revenue. Returns whether all of it was kept.
    pub fn conversion(&self, name: &str, amount: &str, currency: &str, props: &str) -> bool {
        let revenue = (!amount.is_empty()).then_some((amount, currency));
        let mut kept = false;
        self.0.run(false, &mut |core, moment| kept = core.conversion(moment, name, revenue, pairs(props)));
        kept
    }

    /// The address was changed by `pushState`, or by `replaceState` (`replaced`).
    pub fn navigated(&self, replaced: bool) {
        self.0.run(false, &mut |core, moment| core.navigated(moment, replaced));
    }

    /// A request was answered; `status` 0 means that it was not.
    pub fn answered(&self, number: u32, status: u16, retry_after_s: u32) {
        self.0.run(false, &mut |core, moment| core.answered(moment, number, status, retry_after_s));
    }

    /// Sends what waits.
    pub fn flush(&self) {
        self.0.run(true, &mut |_, _| {});
    }

    /// Ends tracking: a last heartbeat, a last request, and no listener or timer is left.
    pub fn stop(&self) {
        self.0.stop();
    }
}

/// Properties come as one text, key and value in turn, parted by NUL: one string is cheap to pass.
fn pairs(mut text: &str) -> Props {
    let mut props = Props::default();
    while let Some(key) = take(&mut text, 0) {
        props.push(key, take(&mut text, 0).unwrap_or(""));
    }
    props
}
