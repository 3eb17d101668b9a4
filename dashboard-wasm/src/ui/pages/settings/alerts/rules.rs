//! The rules, and the form of one.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::alert::{AlertKind, AlertRule, AlertRules, Channels, Sensitivity, WatchedRule};
use protocol::saved::AllSaved;

use super::super::choice::{Choice, named};
use crate::browser::api;
use crate::browser::intl::Number;
use crate::model::alert;
use crate::model::i18n::{Lang, alerts as say, settings as words};
use crate::ui::bind::{flag, piece, piece_when, text};
use crate::ui::i18n::I18n;
use crate::ui::pages::settings::form::{Field, Form, Loaded, Remove, Submit, Tick};

/// The list, and the form.
#[component]
pub fn RulesCard(
    /// The site's address in the API.
    address: StoredValue<String>,
    /// Who may be told.
    channels: Loaded<Channels>,
) -> impl IntoView {
    let i18n = I18n::get();
    let rules = Loaded::<AlertRules>::new(format!("{}/alerts", address.get_value()));
    // Once for all forms of this page.
    let goals = Loaded::<AllSaved>::new(format!("{}/goals", address.get_value()));
    let segments = Loaded::<AllSaved>::new(format!("{}/segments", address.get_value()));
    let edited = RwSignal::new(None::<WatchedRule>);
    let rows = move |list: AlertRules| {
        if list.alerts.is_empty() {
            return view! { <p class="empty">{i18n.t(say::NO_RULES)}</p> }.into_any();
        }
        let rows = list.alerts.into_iter().map(|rule| {
            let path = format!("{}/alerts/{}", address.get_value(), rule.id);
            let done = Callback::new(move |()| {
                edited.set(None);
                rules.again();
            });
            view! {
                <li class="setting-row" data-testid="alert-rule">
                    <RuleLine rule=rule.clone() />
                    <button type="button" class="button" on:click=move |_| edited.set(Some(rule.clone()))>
                        {i18n.t(say::EDIT)}
                    </button>
                    <Remove address=path done />
                </li>
            }
            .into_any()
        });
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    let saved = Callback::new(move |()| {
        edited.set(None);
        rules.again();
    });
    view! {
        <section class="card">
            <h2 class="card-title">{i18n.t(say::RULES)}</h2>
            <p class="settings-text">{i18n.t(say::INTRO)}</p>
            {rules.draw(rows)}
        </section>
        <section class="card">
            {piece(move || {
                let rule = edited.get();
                view! { <RuleForm rule address channels goals segments saved edited /> }.into_any()
            })}
        </section>
    }
    .into_any()
}

/// What a rule is, and how it stands.
#[component]
fn RuleLine(rule: WatchedRule) -> impl IntoView {
    let i18n = I18n::get();
    let WatchedRule { rule, state, .. } = rule;
    let (kind, is_on) = (rule.kind, rule.enabled);
    let is_alarm = is_on && alert::status(state.as_ref(), Lang::default()).1;
    let goal = rule.goal.clone().map(|goal| format!(" · {goal}")).unwrap_or_default();
    let standing = text(move || {
        if !is_on {
            return i18n.say(say::OFF);
        }
        let (word, _) = alert::status(state.as_ref(), i18n.lang());
        let print = |value| i18n.number(Number::Full, value);
        let counted = state.as_ref().map(|state| alert::counted(kind, state, i18n.lang(), print));
        match counted.filter(|counted| !counted.is_empty()) {
            Some(counted) => format!("{word} · {counted}"),
            None => word,
        }
    });
    view! {
        <span class="setting-main">
            <strong>{rule.name}</strong>
            <span class="card-note">{i18n.t(alert::kind(kind))}{goal}</span>
            <span class="card-note" class:is-alarm=is_alarm>{standing}</span>
        </span>
    }
    .into_any()
}

#[component]
fn RuleForm(
    /// The rule that is changed; a new one when absent.
    rule: Option<WatchedRule>,
    address: StoredValue<String>,
    channels: Loaded<Channels>,
    goals: Loaded<AllSaved>,
    segments: Loaded<AllSaved>,
    /// It was saved.
    saved: Callback<()>,
    edited: RwSignal<Option<WatchedRule>>,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let id = rule.as_ref().map(|rule| rule.id.clone());
    let is_new = id.is_none();
    let rule = rule.map(|it| it.rule);
    let words_of = |number: Option<u32>| RwSignal::new(number.map(|it| it.to_string()).unwrap_or_default());
    let of = |of: fn(&AlertRule) -> String| RwSignal::new(rule.as_ref().map(of).unwrap_or_default());
    let name = of(|rule| rule.name.clone());
    let kind = RwSignal::new(rule.as_ref().map_or(AlertKind::Spike, |rule| rule.kind).name().to_owned());
    let (goal, segment) = (
        of(|rule| rule.goal.clone().unwrap_or_default()),
        of(|rule| rule.segment.clone().unwrap_or_default()),
    );
    let sensitivity = rule.as_ref().map_or(Sensitivity::Medium, |rule| rule.sensitivity);
    let sensitivity = RwSignal::new(sensitivity.name().to_owned());
    let window = words_of(rule.as_ref().map(|rule| rule.window_hours));
    let minimum = words_of(rule.as_ref().map(|rule| rule.minimum));
    let threshold = words_of(rule.as_ref().and_then(|rule| rule.threshold));
    let every = words_of(rule.as_ref().and_then(|rule| rule.every));
    let cool_down = words_of(Some(rule.as_ref().map_or(6, |rule| rule.cool_down_hours)));
    let enabled = RwSignal::new(rule.as_ref().is_none_or(|rule| rule.enabled));
    let recovery = RwSignal::new(rule.as_ref().is_none_or(|rule| rule.recovery));
    let told = RwSignal::new(rule.map(|rule| rule.channels).unwrap_or_default());

    let watched = move || {
        let name = kind.get();
        AlertKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(AlertKind::Spike)
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let kind = untrack(watched);
        let given = |value: RwSignal<String>| Some(value.get_untracked()).filter(|text| !text.is_empty());
        let number = |value: RwSignal<String>| value.with_untracked(|text| alert::typed(text));
        let level = sensitivity.get_untracked();
        let takes_limit = matches!(kind, AlertKind::Spike | AlertKind::Drop | AlertKind::Conversion);
        let body = AlertRule {
            name: name.get_untracked(),
            kind,
            enabled: enabled.get_untracked(),
            goal: given(goal).filter(|_| kind.has_goal()),
            segment: given(segment),
            sensitivity: Sensitivity::ALL.into_iter().find(|it| it.name() == level).unwrap_or_default(),
            window_hours: number(window).unwrap_or(0),
            minimum: number(minimum).unwrap_or(0),
            threshold: number(threshold).filter(|_| takes_limit),
            every: number(every).filter(|_| kind == AlertKind::Goal),
            cool_down_hours: number(cool_down).unwrap_or(0),
            recovery: recovery.get_untracked(),
            channels: told.get_untracked(),
        };
        let path = format!("{}/alerts", address.get_value());
        let (method, path) = match &id {
            None => ("POST", path),
            Some(id) => ("PUT", format!("{path}/{id}")),
        };
        let request = async move { api::change::<WatchedRule>(method, &path, &body).await };
        form.send(request, move |_| {
            name.set(String::new());
            saved.run(());
        });
    };
    let has_goal = flag(move || watched().has_goal());
    let is_goal = flag(move || watched() == AlertKind::Goal);
    let takes_limit = flag(move || !matches!(watched(), AlertKind::Goal | AlertKind::NoData));
    let goal_field = move |all: AllSaved| {
        let mut names: Vec<String> = all.goals.into_iter().map(|goal| goal.what.name).collect();
        // Without goals every name of a conversion is one.
        if names.is_empty() {
            return view! { <Field label=say::GOAL name="goal" value=goal form required=true /> }.into_any();
        }
        if goal.with_untracked(String::is_empty) {
            goal.set(names.first().cloned().unwrap_or_default());
        } else if !names.contains(&goal.get_untracked()) {
            names.push(goal.get_untracked());
        }
        let options = names.into_iter().map(|name| (name.clone(), Signal::stored(name))).collect();
        view! { <Choice label=say::GOAL name="goal" value=goal options /> }.into_any()
    };
    let segment_field = move |all: AllSaved| {
        if all.segments.is_empty() {
            return ().into_any();
        }
        let everybody = (String::new(), i18n.t(say::EVERYBODY).into());
        let each = all.segments.into_iter().map(|it| (it.id, Signal::stored(it.what.name)));
        let options = std::iter::once(everybody).chain(each).collect();
        view! { <Choice label=say::SEGMENT name="segment" value=segment options /> }.into_any()
    };
    let receivers = move |list: Channels| {
        // One is told anyway.
        if list.channels.len() < 2 {
            return ().into_any();
        }
        let all: Vec<String> = list.channels.iter().map(|channel| channel.id.clone()).collect();
        let all = StoredValue::new(all);
        let ticks = list.channels.into_iter().map(|channel| {
            let id = StoredValue::new(channel.id);
            let is_told =
                flag(move || told.with(|ids| id.with_value(|id| ids.is_empty() || ids.contains(id))));
            // Somebody has to be told, and none stands for all.
            let is_last = flag(move || is_told.get() && told.with(|ids| ids.len() == 1));
            let change = move |event| {
                let is_ticked = event_target_checked(&event);
                told.update(|ids| {
                    *ids = all.with_value(|all| id.with_value(|id| alert::ticked(ids, all, id, is_ticked)));
                });
            };
            view! {
                <label class="tick">
                    <input type="checkbox" disabled=is_last prop:checked=is_told on:change=change />
                    <span>{channel.channel.name}</span>
                </label>
            }
            .into_any()
        });
        view! { <fieldset class="ticks"><legend class="field-label">{i18n.t(say::CHANNELS)}</legend>{ticks.collect_view()}</fieldset> }
            .into_any()
    };
    view! {
        <h2 class="card-title">{i18n.t(if is_new { say::NEW_RULE } else { say::CHANGE_RULE })}</h2>
        <form class="form" data-testid="rule-form" on:submit=submit>
            <Field label=words::NAME name="name" value=name form required=true />
            <Choice
                label=say::KIND
                name="kind"
                value=kind
                options=named(i18n, AlertKind::ALL, AlertKind::name, alert::kind)
            />
            {piece_when(has_goal, move || goals.draw(goal_field))}
            {segments.draw(segment_field)}
            {piece_when(flag(move || !is_goal.get()), move || view! {
                <Choice
                    label=say::SENSITIVITY
                    name="sensitivity"
                    value=sensitivity
                    options=named(i18n, Sensitivity::ALL, Sensitivity::name, alert::sensitivity)
                />
            }.into_any())}
            {piece_when(is_goal, move || view! { <Field label=say::EVERY name="every" value=every form kind="number" /> }.into_any())}
            <details class="form-more">
                <summary>{i18n.t(say::MORE)}</summary>
                <div class="form-more-body">
                    {piece_when(takes_limit, move || view! { <Field label=say::THRESHOLD name="threshold" value=threshold form kind="number" /> }.into_any())}
                    <Field label=say::WINDOW name="window_hours" value=window form kind="number" />
                    <Field label=say::MINIMUM name="minimum" value=minimum form kind="number" />
                    <Field label=say::COOL_DOWN name="cool_down_hours" value=cool_down form kind="number" />
                    <Tick label=say::RECOVERY value=recovery />
                    <Tick label=say::ENABLED value=enabled />
                    {channels.draw(receivers)}
                </div>
            </details>
            <Submit label=if is_new { words::ADD } else { words::SAVE } form />
            {(!is_new).then(|| view! {
                <button type="button" class="button" on:click=move |_| edited.set(None)>{i18n.t(words::CANCEL)}</button>
            }.into_any())}
        </form>
    }
    .into_any()
}
