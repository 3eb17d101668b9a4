//! The ways in which something follows data: as a text, as a yes or no, as a piece of the page, as an effect.
//!
//! A closure given to Leptos directly is compiled into code of its own for watching and drawing it. Boxed, all of
//! them share the same code, which makes the program a tenth smaller. And because texts and
//! flags are memos, data that has changed without changing what is shown does not touch the page.

use leptos::prelude::*;

/// A text that follows what `of` reads.
pub fn text(of: impl Fn() -> String + Send + Sync + 'static) -> Memo<String> {
    fn memo(of: Box<dyn Fn() -> String + Send + Sync>) -> Memo<String> {
        Memo::new(move |_| of())
    }
    memo(Box::new(of))
}

/// A yes or no that follows what `of` reads.
pub fn flag(of: impl Fn() -> bool + Send + Sync + 'static) -> Memo<bool> {
    fn memo(of: Box<dyn Fn() -> bool + Send + Sync>) -> Memo<bool> {
        Memo::new(move |_| of())
    }
    memo(Box::new(of))
}

/// Calls `act` now and whenever what it reads has changed.
pub fn effect(act: impl FnMut() + 'static) {
    fn run(act: Box<dyn FnMut()>) {
        Effect::new(act);
    }
    run(Box::new(act));
}

/// A piece of the page that is made anew when what `of` reads changes; read memos in it.
pub fn piece(of: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    fn view(of: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
        (move || of()).into_any()
    }
    view(Box::new(of))
}

/// A piece of the page that is there while `when` says so.
pub fn piece_when(when: Memo<bool>, of: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    piece(move || if when.get() { of() } else { ().into_any() })
}
