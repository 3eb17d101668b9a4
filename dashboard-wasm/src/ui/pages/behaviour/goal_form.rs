//! A goal being written.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::query::Goal;
use protocol::saved::Saved;

use super::super::settings::form::{Field, Form, Submit};
use super::suggest::{Known, Written};
use crate::browser::api;
use crate::model::draft::{self, Means, OPS};
use crate::model::filter::Op;
use crate::model::i18n::{Message, behaviour as say, settings};
use crate::ui::bind::{flag, text};
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;

/// A condition being written.
#[derive(Clone, Copy)]
struct Condition {
    number: usize,
    key: RwSignal<String>,
    op: RwSignal<String>,
    values: RwSignal<String>,
}

impl Condition {
    fn new(number: usize, key: &str, op: &str, values: &str) -> Self {
        Self {
            number,
            key: RwSignal::new(key.into()),
            op: RwSignal::new(op.into()),
            values: RwSignal::new(values.into()),
        }
    }
}

/// The form.
#[component]
pub fn GoalForm(
    /// Where goals are kept.
    address: String,
    /// The goal that is changed; a new one otherwise.
    goal: Option<Saved<Goal>>,
    /// It was kept.
    done: Callback<()>,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let old = goal.as_ref().map(|goal| goal.what.clone());
    let (kind, written) = old.as_ref().map(draft::of_goal).unwrap_or_default();
    let name = RwSignal::new(old.as_ref().map(|goal| goal.name.clone()).unwrap_or_default());
    let currency = RwSignal::new(old.as_ref().and_then(|goal| goal.currency.clone()).unwrap_or_default());
    let (means, value) = (RwSignal::new(kind), RwSignal::new(written));
    let tests = old.into_iter().flat_map(|goal| goal.props).enumerate().map(|(number, test)| {
        let op = OPS.into_iter().find(|(op, _)| *op == test.op).map_or("is", |(_, name)| name);
        Condition::new(number, &test.key, op, &test.values.join(", "))
    });
    let tests = RwSignal::new(tests.collect::<Vec<_>>());
    let next = StoredValue::new(1_000_usize);
    let add = move |_| {
        let number = next.get_value();
        next.set_value(number + 1);
        tests.update(|tests| tests.push(Condition::new(number, "", "is", "")));
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let written = tests.get_untracked();
        let conditions = written.iter().filter_map(|test| {
            draft::condition(
                &test.key.get_untracked(),
                &test.op.get_untracked(),
                &test.values.get_untracked(),
            )
        });
        let code = currency.get_untracked().trim().to_uppercase();
        let body = Goal {
            name: name.get_untracked(),
            on: draft::on(means.get_untracked(), &value.get_untracked()),
            props: conditions.collect(),
            currency: (!code.is_empty()).then_some(code),
        };
        let (method, address) = match &goal {
            Some(goal) => ("PUT", format!("{address}/{}", goal.id)),
            None => ("POST", address.clone()),
        };
        let request = async move { api::change::<Saved<Goal>>(method, &address, &body).await };
        form.send(request, move |_| done.run(()));
    };
    let choice = move |kind: Means, label: Message| {
        view! {
            <label class="tick">
                <input
                    type="radio"
                    name="means"
                    prop:checked=flag(move || means.get() == kind)
                    on:change=move |_| means.set(kind)
                />
                <span>{i18n.t(label)}</span>
            </label>
        }
        .into_any()
    };
    let value_label =
        text(move || i18n.say(if means.get() == Means::Page { say::PAGE_PATTERN } else { say::EVENT_NAME }));
    let condition = move |test: Condition| {
        let options = OPS.map(|(_, name)| {
            view! {
                <option value=name prop:selected=flag(move || test.op.get() == name)>{i18n.t(Op::from_name(name).unwrap_or(Op::Is).label())}</option>
            }
            .into_any()
        });
        let line = move |label: Message, value: RwSignal<String>| {
            view! {
                <input
                    class="field-input"
                    required
                    aria-label=i18n.t(label)
                    placeholder=i18n.t(label)
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                />
            }
            .into_any()
        };
        view! {
            <li class="condition">
                {line(say::CONDITION_KEY, test.key)}
                <select class="field-input" aria-label=i18n.t(say::CONDITION) on:change=move |event| test.op.set(event_target_value(&event))>
                    {options.collect_view()}
                </select>
                {line(say::CONDITION_VALUES, test.values)}
                <button
                    type="button"
                    class="tool"
                    aria-label=i18n.t(say::WITHOUT)
                    title=i18n.t(say::WITHOUT)
                    on:click=move |_| tests.update(|tests| tests.retain(|other| other.number != test.number))
                >
                    {Icon::Close.draw()}
                </button>
            </li>
        }
        .into_any()
    };
    view! {
        <form class="form in-dialog" data-testid="goal-form" on:submit=submit>
            <Field label=settings::NAME name="name" value=name form required=true />
            <fieldset class="choices">
                <legend class="field-label">{i18n.t(say::KIND)}</legend>
                {choice(Means::Page, say::ON_PAGE)}
                {choice(Means::Event, say::ON_EVENT)}
            </fieldset>
            <label class="field">
                <span class="field-label">{value_label}</span>
                <Written label=value_label value means />
            </label>
            <ul class="conditions">
                <For each=move || tests.get() key=|test| test.number children=condition />
            </ul>
            <button type="button" class="quiet-button is-start" on:click=add>{i18n.t(say::ADD_CONDITION)}</button>
            <Field label=say::CURRENCY name="currency" value=currency form />
            <Known />
            <Submit label=settings::SAVE form />
        </form>
    }
    .into_any()
}
