//! The list of keyboard shortcuts.

use leptos::prelude::*;

use super::bind::piece;
use super::dialog::Dialog;
use super::i18n::I18n;
use super::keys::{Keys, Line};
use crate::model::i18n::{Message, shell as say};

/// The help in a dialog: what the parts of this page obey.
#[component]
pub fn Help(
    /// The reader has read it.
    close: impl Fn() + Clone + 'static,
) -> impl IntoView {
    let (i18n, keys) = (I18n::get(), Keys::get());
    let list = piece(move || {
        let mut sections: Vec<(Message, Vec<Line>)> = Vec::new();
        for line in keys.lines() {
            match sections.iter_mut().find(|(section, _)| *section == line.section) {
                Some((_, lines)) => lines.push(line),
                None => sections.push((line.section, vec![line])),
            }
        }
        let row = move |line: Line| {
            view! {
                <div class="help-row">
                    <dt>
                        <kbd class="key">{shown(line.key)}</kbd>
                    </dt>
                    <dd>{i18n.say(line.message)}</dd>
                </div>
            }
            .into_any()
        };
        let section = |(title, lines): (Message, Vec<Line>)| {
            view! {
                <section class="help-section">
                    <h3 class="help-title">{i18n.say(title)}</h3>
                    <dl>{lines.into_iter().map(row).collect_view()}</dl>
                </section>
            }
            .into_any()
        };
        sections.into_iter().map(section).collect_view().into_any()
    });
    view! {
        <Dialog title=i18n.t(say::HELP) close>
            <div class="help">{list}</div>
        </Dialog>
    }
    .into_any()
}

fn shown(key: &str) -> String {
    match key {
        "ArrowLeft" => "←".into(),
        "ArrowRight" => "→".into(),
        "Escape" => "Esc".into(),
        key => key.to_uppercase(),
    }
}
