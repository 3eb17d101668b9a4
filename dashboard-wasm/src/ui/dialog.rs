//! A dialog: in front of everything, keeps the focus, ends with Escape.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::bind::effect;
use super::i18n::I18n;
use super::icon::Icon;
use crate::model::i18n::shell as say;

/// A dialog that is there for as long as this component lives.
#[component]
pub fn Dialog(
    /// Its heading.
    title: Memo<String>,
    /// Classes besides its own.
    #[prop(optional)]
    class: &'static str,
    /// The reader wants it closed.
    close: impl Fn() + Clone + 'static,
    children: Children,
) -> impl IntoView {
    let i18n = I18n::get();
    let node = NodeRef::<html::Dialog>::new();
    effect(move || {
        if let Some(dialog) = node.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    let (ended, pressed, outside) = (close.clone(), close.clone(), close);
    let on_outside = move |event: MouseEvent| {
        // The dialog's own box is covered by its contents: what hits the element itself hit the ground around it.
        let hit = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if hit.is_some_and(|hit| hit.tag_name() == "DIALOG") {
            outside();
        }
    };
    view! {
        <dialog
            node_ref=node
            class=format!("dialog {class}")
            aria-labelledby="dialog-title"
            on:close=move |_| ended()
            on:click=on_outside
        >
            <div class="dialog-box">
                <header class="dialog-head">
                    <h2 class="dialog-title" id="dialog-title">{title}</h2>
                    <button
                        type="button"
                        class="tool"
                        aria-label=i18n.t(say::CLOSE)
                        title=i18n.t(say::CLOSE)
                        on:click=move |_| pressed()
                    >
                        {Icon::Close.draw()}
                    </button>
                </header>
                {children()}
            </div>
        </dialog>
    }
    .into_any()
}
