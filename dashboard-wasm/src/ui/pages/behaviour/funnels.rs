//! The funnels of a site, of which one is drawn.

use leptos::prelude::*;
use protocol::saved::{AllSaved, NamedFunnel, Saved};

use super::super::overview::seen::Seen;
use super::super::settings::form::Loaded;
use super::funnel_bars::FunnelBars;
use super::funnel_form::FunnelForm;
use super::goals::Confirm;
use super::may_edit;
use crate::model::i18n::{behaviour as say, settings};
use crate::model::query;
use crate::ui::bind::{flag, piece, text};
use crate::ui::dialog::Dialog;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;

/// What a form is open for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    New,
    Change,
    Remove,
}

/// The funnels.
#[component]
pub fn Funnels(
    /// Id of the site.
    site: String,
) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let may_edit = may_edit(seen);
    let address = StoredValue::new(query::saved(&site, "funnels"));
    let site = StoredValue::new(site);
    let saved = Loaded::<AllSaved>::new(address.get_value());
    let pick = place.see(|view| view.pick.clone());
    let all = Memo::new(move |_| match saved.answer.get() {
        Some(Ok(saved)) => saved.funnels,
        _ => Vec::new(),
    });
    let chosen = Memo::new(move |_| {
        let pick = pick.get();
        all.with(|all| all.iter().find(|funnel| funnel.id == pick).or(all.first()).cloned())
    });
    let open = RwSignal::new(None::<Open>);
    let option = move |Saved { id, what }: Saved<NamedFunnel>| {
        let value = id.clone();
        let is_chosen =
            flag(move || chosen.with(|chosen| chosen.as_ref().is_some_and(|chosen| chosen.id == id)));
        view! { <option value=value prop:selected=is_chosen>{what.name}</option> }.into_any()
    };
    let choose = move |event| place.change(|view| view.pick = event_target_value(&event));
    let menu = piece(move || {
        if all.with(Vec::is_empty) {
            return ().into_any();
        }
        view! {
            <select class="menu" data-testid="funnel" aria-label=i18n.t(say::EDIT_FUNNEL) on:change=choose>
                {all.get().into_iter().map(option).collect_view()}
            </select>
        }
        .into_any()
    });
    let has_any = flag(move || chosen.with(Option::is_some));
    let acts = may_edit.then(|| {
        let of_chosen = piece(move || {
            if !has_any.get() {
                return ().into_any();
            }
            view! {
                <button type="button" class="quiet-button" on:click=move |_| open.set(Some(Open::Change))>
                    {i18n.t(say::EDIT)}
                </button>
                <button type="button" class="quiet-button" on:click=move |_| open.set(Some(Open::Remove))>
                    {i18n.t(settings::REMOVE)}
                </button>
            }
            .into_any()
        });
        view! {
            {of_chosen}
            <button type="button" class="button" on:click=move |_| open.set(Some(Open::New))>
                {i18n.t(say::ADD_FUNNEL)}
            </button>
        }
        .into_any()
    });
    let kept = Callback::new(move |id: String| {
        place.change(|view| view.pick = id);
        open.set(None);
        saved.again();
    });
    let dialog = piece(move || {
        let close = move || open.set(None);
        let funnel = chosen.get_untracked();
        match (open.get(), funnel) {
            (Some(Open::New), _) => view! {
                <Dialog title=i18n.t(say::ADD_FUNNEL) class="is-form" close>
                    <FunnelForm site=site.get_value() funnel=None done=kept />
                </Dialog>
            }
            .into_any(),
            (Some(Open::Change), Some(funnel)) => view! {
                <Dialog title=i18n.t(say::EDIT_FUNNEL) class="is-form" close>
                    <FunnelForm site=site.get_value() funnel=Some(funnel) done=kept />
                </Dialog>
            }
            .into_any(),
            (Some(Open::Remove), Some(Saved { id, what })) => {
                let title = text(move || i18n.fill(say::REALLY_OF, &[&what.name]));
                let address = format!("{}/{id}", address.get_value());
                let done = Callback::new(move |()| kept.run(String::new()));
                view! { <Confirm title address close=Callback::new(move |()| close()) done /> }.into_any()
            }
            _ => ().into_any(),
        }
    });
    let body = saved.draw(move |list| {
        if list.funnels.is_empty() {
            let hint =
                (!may_edit).then(|| view! { <p class="empty">{i18n.t(say::FUNNELS_VIEWER)}</p> }.into_any());
            return view! { <p class="empty">{i18n.t(say::NO_FUNNELS)}</p> {hint} }.into_any();
        }
        piece(move || match chosen.get() {
            Some(funnel) => view! { <FunnelBars funnel=funnel.what /> }.into_any(),
            None => ().into_any(),
        })
    });
    view! {
        <section class="card" aria-labelledby="funnels-title">
            <header class="card-head has-tools">
                <h2 class="card-title" id="funnels-title">{i18n.t(say::FUNNELS)}</h2>
                {menu}
                <span class="head-tools">{acts}</span>
            </header>
            {body}
        </section>
        {dialog}
    }
    .into_any()
}
