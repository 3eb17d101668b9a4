//! The goals of a site: how many visitors reach each, and what that is worth.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use protocol::query::{Goal, GoalOn, Money};
use protocol::saved::{AllSaved, Saved};

use super::super::overview::seen::Seen;
use super::super::settings::form::Loaded;
use super::answered::answered;
use super::figure::Changed;
use super::goal_form::GoalForm;
use super::may_edit;
use crate::browser::api;
use crate::model::filter::{self, Op};
use crate::model::i18n::{behaviour as say, settings};
use crate::model::question::{Page, Reply, ends};
use crate::model::stat::Unit;
use crate::ui::bind::{flag, piece, text};
use crate::ui::dialog::Dialog;
use crate::ui::i18n::I18n;
use crate::ui::keyed::{Entry, keyed};
use crate::ui::place::Place;
use crate::ui::session::Session;

const GOAL: &str = "event:goal";

/// A goal and what was counted of it.
#[derive(Debug, Clone, PartialEq, Default)]
struct Row {
    name: String,
    saved: Option<Saved<Goal>>,
    visitors: Option<f64>,
    before: Option<f64>,
    total: Option<f64>,
    rate: Option<f64>,
    revenue: Vec<Money>,
}

fn rows(saved: Option<&AllSaved>, reply: &Reply) -> Vec<Row> {
    let mut rows: Vec<Row> = reply
        .results
        .iter()
        .map(|row| Row {
            name: row.dimensions.first().cloned().unwrap_or_default(),
            saved: None,
            visitors: row.metric(0),
            before: row.before(0),
            total: row.metric(1),
            rate: row.metric(2),
            revenue: row.metrics.get(3).map(|it| it.money().to_vec()).unwrap_or_default(),
        })
        .collect();
    for goal in saved.iter().flat_map(|saved| &saved.goals) {
        let nothing = || Row {
            name: goal.what.name.clone(),
            visitors: Some(0.0),
            total: Some(0.0),
            rate: Some(0.0),
            ..Row::default()
        };
        let place = rows.iter().position(|row| row.name == goal.what.name).unwrap_or_else(|| {
            rows.push(nothing());
            rows.len() - 1
        });
        rows[place].saved = Some(goal.clone());
    }
    rows
}

/// What a form is open for.
#[derive(Clone, PartialEq)]
enum Open {
    New,
    Change(Saved<Goal>),
    Remove(Saved<Goal>),
}

/// The goals.
#[component]
pub fn Goals(
    /// Where the site's goals are kept.
    address: String,
) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let may_edit = may_edit(seen);
    let is_person = expect_context::<Session>().person().is_some();
    let address = StoredValue::new(address);
    // Readers of a share link see what was reached alone.
    let saved = is_person.then(|| Loaded::<AllSaved>::new(address.get_value()));
    let compared = seen.comparison_so_far();
    let asked = seen.data.ask(move || {
        let metrics = vec!["visitors", "conversions", "conversion_rate", "total_revenue"];
        let mut question = seen.question(&seen.range.get(), metrics);
        question.dimensions = vec![GOAL.into()];
        question.include.compare = compared.get().as_ref().map(ends);
        question.pagination = Some(Page { limit: 100, offset: 0 });
        Some(question)
    });
    let open = RwSignal::new(None::<Open>);
    let done = Callback::new(move |()| {
        open.set(None);
        if let Some(saved) = saved {
            saved.again();
        }
        seen.data.learn();
    });
    let all = Memo::new(move |_| {
        let list = saved.map(|saved| saved.answer.get());
        let known = match &list {
            // Without the list it is not known which goals nobody has reached.
            Some(None) => return Vec::new(),
            Some(Some(Ok(list))) => Some(list),
            _ => None,
        };
        asked.reply.with(|reply| reply.as_ref().map(|reply| rows(known, reply)).unwrap_or_default())
    });
    let entries = keyed(all, |row: &Row| &row.name, |_, _| false);
    let is_empty = flag(move || all.with(Vec::is_empty));
    let draw = move || {
        piece(move || {
            if is_empty.get() {
                let hint = (!may_edit)
                    .then(|| view! { <p class="empty">{i18n.t(say::GOALS_VIEWER)}</p> }.into_any());
                return view! { <p class="empty">{i18n.t(say::NO_GOALS)}</p> {hint} }.into_any();
            }
            view! {
                <div class="wide" tabindex="0" role="group" aria-labelledby="goals-title">
                    <table class="figures-table" data-testid="goals">
                        <thead>
                            <tr>
                                <th scope="col">{i18n.t(say::GOAL)}</th>
                                <th scope="col">{i18n.t(say::CONVERTED)}</th>
                                <th scope="col"><span class="visually-hidden">{i18n.t(crate::model::i18n::overview::COMPARE)}</span></th>
                                <th scope="col">{i18n.t(say::TOTAL)}</th>
                                <th scope="col" title=i18n.t(say::RATE_MEANS)>{i18n.t(say::RATE)}</th>
                                <th scope="col">{i18n.t(say::REVENUE)}</th>
                                {may_edit.then(|| view! { <td></td> }.into_any())}
                            </tr>
                        </thead>
                        <tbody>
                            <For
                                each=move || entries.get()
                                key=|entry| entry.key.clone()
                                children=move |entry| view! { <GoalRow entry open may_edit /> }.into_any()
                            />
                        </tbody>
                    </table>
                </div>
            }
            .into_any()
        })
    };
    let dialog = piece(move || {
        let close = move || open.set(None);
        match open.get() {
            None => ().into_any(),
            Some(Open::Remove(goal)) => {
                let title = text(move || i18n.fill(say::REALLY_OF, &[&goal.what.name]));
                let address = format!("{}/{}", address.get_value(), goal.id);
                view! { <Confirm title address close=Callback::new(move |()| close()) done /> }.into_any()
            }
            Some(wanted) => {
                let goal = if let Open::Change(goal) = wanted { Some(goal) } else { None };
                let title = i18n.t(if goal.is_some() { say::EDIT_GOAL } else { say::ADD_GOAL });
                let address = address.get_value();
                view! {
                    <Dialog title class="is-form" close>
                        <GoalForm address goal done />
                    </Dialog>
                }
                .into_any()
            }
        }
    });
    view! {
        <section class="card" aria-labelledby="goals-title">
            <header class="card-head">
                <h2 class="card-title" id="goals-title">{i18n.t(say::GOALS)}</h2>
                {may_edit.then(|| view! {
                    <button type="button" class="button" on:click=move |_| open.set(Some(Open::New))>
                        {i18n.t(say::ADD_GOAL)}
                    </button>
                }.into_any())}
            </header>
            {answered(asked, say::NO_GOALS, |_| false, draw)}
        </section>
        {dialog}
    }
    .into_any()
}

#[component]
fn GoalRow(entry: Entry<Row>, open: RwSignal<Option<Open>>, may_edit: bool) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let row = entry.value;
    let number = |of: fn(&Row) -> Option<f64>| {
        let row = row.clone();
        Memo::new(move |_| row.with(of))
    };
    let (visitors, before, total, rate) = (
        number(|row| row.visitors),
        number(|row| row.before),
        number(|row| row.total),
        number(|row| row.rate),
    );
    let about = {
        let row = row.clone();
        text(move || {
            row.with(|row| {
                let Some(Saved { what: goal, .. }) = &row.saved else { return String::new() };
                let on = match &goal.on {
                    GoalOn::Page(page) => i18n.fill(say::OPENS, &[page]),
                    GoalOn::Event(event) => i18n.fill(say::DOES, &[event]),
                };
                if goal.props.is_empty() { on } else { format!("{on}, {}", i18n.say(say::WITH)) }
            })
        })
    };
    let revenue = {
        let row = row.clone();
        text(move || {
            row.with(|row| if row.revenue.is_empty() { "–".into() } else { i18n.money(&row.revenue) })
        })
    };
    let saved = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| row.saved.clone()))
    };
    let name = StoredValue::new(entry.key.clone());
    let is_filter =
        flag(move || seen.rules.with(|rules| name.with_value(|name| filter::has(rules, Op::Is, GOAL, name))));
    let click = move |event: MouseEvent| {
        let op = if event.alt_key() { Op::IsNot } else { Op::Is };
        place.change(|view| filter::toggle(&mut view.rules, op, GOAL, &name.get_value()));
    };
    let act = move |label, act: fn(Saved<Goal>) -> Open, says| {
        view! {
            <button
                type="button"
                class="quiet-button"
                aria-label=text(move || i18n.fill(label, &[&name.get_value()]))
                on:click=move |_| open.set(saved.get_untracked().map(act))
            >
                {i18n.t(says)}
            </button>
        }
        .into_any()
    };
    let acts = may_edit.then(|| {
        let buttons = piece(move || {
            if saved.with(Option::is_none) {
                return ().into_any();
            }
            view! {
                {act(say::EDIT_OF, Open::Change, say::EDIT)}
                {act(say::REMOVE_OF, Open::Remove, settings::REMOVE)}
            }
            .into_any()
        });
        view! { <td class="acts">{buttons}</td> }.into_any()
    });
    view! {
        <tr data-testid="goal" data-name=entry.key.clone() data-value=text(move || visitors.get().unwrap_or(0.0).to_string())>
            <th scope="row">
                <button type="button" class="row-name" aria-pressed=text(move || is_filter.get().to_string()) on:click=click>
                    {entry.key.clone()}
                </button>
                <span class="row-about">{about}</span>
            </th>
            <td>{text(move || i18n.figure(Unit::Count, visitors.get()))}</td>
            <td class="is-change"><Changed now=visitors before unit=Unit::Count /></td>
            <td>{text(move || i18n.figure(Unit::Count, total.get()))}</td>
            <td>{text(move || i18n.figure(Unit::Percent, rate.get()))}</td>
            <td>{revenue}</td>
            {acts}
        </tr>
    }
    .into_any()
}

/// Asks whether something shall be removed, and does it.
#[component]
pub(super) fn Confirm(
    /// The question.
    title: Memo<String>,
    /// The address of what is removed.
    address: String,
    /// Nothing shall be.
    close: Callback<()>,
    /// It was.
    done: Callback<()>,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), super::super::settings::form::Form::start());
    let address = StoredValue::new(address);
    let remove = move |_| {
        form.send(async move { api::remove(&address.get_value()).await }, move |()| done.run(()));
    };
    let failed = text(move || {
        form.failure.with(|it| it.as_ref().map(|it| it.message(i18n.lang())).unwrap_or_default())
    });
    view! {
        <Dialog title class="is-small" close=move || close.run(())>
            <div class="confirm-box">
                <p class="field-problem" role="alert">{failed}</p>
                <button type="button" class="button" on:click=move |_| close.run(())>{i18n.t(settings::CANCEL)}</button>
                <button type="button" class="button button-bad" on:click=remove>{i18n.t(settings::REMOVE)}</button>
            </div>
        </Dialog>
    }
    .into_any()
}
