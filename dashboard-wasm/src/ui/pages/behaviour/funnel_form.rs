//! A funnel being written.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::query::{FUNNEL_STEPS, PropertyTest};
use protocol::saved::{AllSaved, NamedFunnel, Saved};

use super::super::settings::form::{Field, Form, Loaded, Submit, Tick};
use super::funnel_bars::unit_label;
use super::suggest::{Known, Written};
use crate::browser::api;
use crate::model::draft::{self, Means, UNITS};
use crate::model::i18n::{Message, behaviour as say, settings};
use crate::model::query;
use crate::ui::bind::{flag, piece, text};
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;

/// A step being written.
#[derive(Clone, Copy)]
struct Step {
    number: usize,
    means: RwSignal<Means>,
    value: RwSignal<String>,
    /// Conditions that were set by other means than this form: they are kept.
    props: StoredValue<Vec<PropertyTest>>,
}

impl Step {
    fn new(number: usize, (means, value): (Means, String), props: Vec<PropertyTest>) -> Self {
        Self {
            number,
            means: RwSignal::new(means),
            value: RwSignal::new(value),
            props: StoredValue::new(props),
        }
    }
}

/// The form.
#[component]
pub fn FunnelForm(
    /// Id of the site.
    site: String,
    /// The funnel that is changed; a new one otherwise.
    funnel: Option<Saved<NamedFunnel>>,
    /// It was kept, under this id.
    done: Callback<String>,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let goals = Loaded::<AllSaved>::new(query::saved(&site, "goals"));
    let old = funnel.as_ref().map(|funnel| funnel.what.clone());
    let name = RwSignal::new(old.as_ref().map(|funnel| funnel.name.clone()).unwrap_or_default());
    let strict = RwSignal::new(old.as_ref().is_some_and(|funnel| funnel.strict));
    let (count, length) = draft::window(old.as_ref().map_or(7 * UNITS[0], |funnel| funnel.window_ms));
    let (count, unit) = (RwSignal::new(count.to_string()), RwSignal::new(length));
    let written: Vec<Step> = match &old {
        Some(funnel) => (0..)
            .zip(&funnel.steps)
            .map(|(number, step)| Step::new(number, draft::of_step(step), step.props.clone()))
            .collect(),
        None => (0..2).map(|number| Step::new(number, Default::default(), Vec::new())).collect(),
    };
    let next = StoredValue::new(written.len());
    let steps = RwSignal::new(written);
    let add = move |_| {
        let number = next.get_value();
        next.set_value(number + 1);
        steps.update(|steps| steps.push(Step::new(number, Default::default(), Vec::new())));
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let step = |step: &Step| {
            let (means, written) = (step.means.get_untracked(), step.value.get_untracked());
            // A goal has its own conditions.
            let props = if means == Means::Goal { Vec::new() } else { step.props.get_value() };
            protocol::query::RawStep { props, ..draft::step(means, &written) }
        };
        let body = NamedFunnel {
            name: name.get_untracked(),
            steps: steps.with_untracked(|steps| steps.iter().map(step).collect()),
            strict: strict.get_untracked(),
            window_ms: count.get_untracked().trim().parse::<u64>().unwrap_or(0) * unit.get_untracked(),
        };
        let address = query::saved(&site, "funnels");
        let (method, address) = match &funnel {
            Some(funnel) => ("PUT", format!("{address}/{}", funnel.id)),
            None => ("POST", address),
        };
        let request = async move { api::change::<Saved<NamedFunnel>>(method, &address, &body).await };
        form.send(request, move |saved| done.run(saved.id));
    };
    let can_add = flag(move || steps.with(Vec::len) < *FUNNEL_STEPS.end());
    let can_remove = flag(move || steps.with(Vec::len) > *FUNNEL_STEPS.start());
    let row = move |step: Step| {
        let place = Memo::new(move |_| {
            steps.with(|steps| steps.iter().position(|other| other.number == step.number)).unwrap_or(0)
        });
        let numbered =
            move |message: Message| text(move || i18n.fill(message, &[&(place.get() + 1).to_string()]));
        let label = numbered(say::STEP_NUMBER);
        let means = step.means;
        let kinds = [(Means::Page, say::ON_PAGE), (Means::Event, say::ON_EVENT), (Means::Goal, say::ON_GOAL)];
        let kinds = kinds.map(|(kind, label)| {
            view! {
                <option value=kind.key() prop:selected=flag(move || means.get() == kind)>{i18n.t(label)}</option>
            }
            .into_any()
        });
        let choose = move |event| {
            means.set(Means::from_key(&event_target_value(&event)));
            step.value.set(String::new());
        };
        let is_goal = flag(move || means.get() == Means::Goal);
        let input = piece(move || {
            if is_goal.get() {
                view! { <GoalMenu goals value=step.value label /> }.into_any()
            } else {
                view! { <Written label value=step.value means=means /> }.into_any()
            }
        });
        let up = move |_| {
            let at = place.get_untracked();
            if at > 0 {
                steps.update(|steps| steps.swap(at, at - 1));
            }
        };
        let remove = move |_| {
            if can_remove.get_untracked() {
                steps.update(|steps| steps.retain(|other| other.number != step.number));
            }
        };
        view! {
            <li class="condition" data-testid="step">
                <span class="funnel-number" aria-hidden="true">{text(move || (place.get() + 1).to_string())}</span>
                <select class="field-input" aria-label=numbered(say::STEP_KIND) on:change=choose>{kinds.collect_view()}</select>
                {input}
                <button
                    type="button"
                    class="tool is-up"
                    aria-label=numbered(say::EARLIER_STEP)
                    title=numbered(say::EARLIER_STEP)
                    disabled=flag(move || place.get() == 0)
                    on:click=up
                >
                    {Icon::Chevron.draw()}
                </button>
                <button
                    type="button"
                    class="tool"
                    aria-label=numbered(say::REMOVE_STEP)
                    title=numbered(say::REMOVE_STEP)
                    disabled=flag(move || !can_remove.get())
                    on:click=remove
                >
                    {Icon::Close.draw()}
                </button>
            </li>
        }
        .into_any()
    };
    let units = UNITS.map(|length| {
        view! {
            <option value=length.to_string() prop:selected=flag(move || unit.get() == length)>
                {i18n.t(unit_label(length))}
            </option>
        }
        .into_any()
    });
    view! {
        <form class="form in-dialog" data-testid="funnel-form" on:submit=submit>
            <Field label=settings::NAME name="name" value=name form required=true />
            <fieldset class="choices">
                <legend class="field-label">{i18n.t(say::STEPS)}</legend>
                <ol class="conditions">
                    <For each=move || steps.get() key=|step| step.number children=row />
                </ol>
                <button type="button" class="quiet-button is-start" disabled=flag(move || !can_add.get()) on:click=add>
                    {i18n.t(say::ADD_STEP)}
                </button>
            </fieldset>
            <fieldset class="choices is-row">
                <legend class="field-label">{i18n.t(say::WINDOW)}</legend>
                <input
                    class="field-input is-number"
                    type="number"
                    name="window"
                    min="1"
                    max="3660"
                    required
                    aria-label=i18n.t(say::WINDOW)
                    prop:value=count
                    on:input=move |event| count.set(event_target_value(&event))
                />
                <select
                    class="field-input"
                    aria-label=i18n.t(say::WINDOW)
                    on:change=move |event| unit.set(event_target_value(&event).parse().unwrap_or(UNITS[0]))
                >
                    {units.collect_view()}
                </select>
            </fieldset>
            <Tick label=say::STRICT value=strict />
            <Known />
            <Submit label=settings::SAVE form />
        </form>
    }
    .into_any()
}

#[component]
fn GoalMenu(goals: Loaded<AllSaved>, value: RwSignal<String>, label: Memo<String>) -> impl IntoView {
    let names = Memo::new(move |_| match goals.answer.get() {
        Some(Ok(saved)) => saved.goals.into_iter().map(|goal| goal.what.name).collect(),
        _ => Vec::new(),
    });
    let option = move |name: String| {
        let (shown, own) = (name.clone(), name.clone());
        view! { <option value=name prop:selected=flag(move || value.with(|value| *value == own))>{shown}</option> }
            .into_any()
    };
    view! {
        <select class="field-input" required aria-label=label on:change=move |event| value.set(event_target_value(&event))>
            <option value="" prop:selected=flag(move || value.with(String::is_empty))></option>
            {piece(move || names.get().into_iter().map(option).collect_view().into_any())}
        </select>
    }
    .into_any()
}
