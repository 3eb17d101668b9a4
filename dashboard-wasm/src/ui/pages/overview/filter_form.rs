//! A filter being written: of what, how, and with which values, of which those of the period are suggested.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;

use super::board::value_name;
use super::seen::Seen;
use crate::model::filter::{Op, Rule};
use crate::model::i18n::{Message, filters as say};
use crate::model::question::{Page, What, filters};
use crate::model::tab::{FILTERED, dimension_label};
use crate::ui::bind::{flag, piece, text};
use crate::ui::dialog::Dialog;
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;
use crate::ui::place::Place;
use crate::ui::session::Session;

/// Values that are asked for, and how many of them are shown.
const ASKED: u32 = 1_000;
const SHOWN: usize = 60;

/// The form.
#[component]
pub fn FilterForm(
    /// The filter that is changed.
    old: Option<Rule>,
    /// Closes it.
    close: Callback<()>,
) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let is_person = expect_context::<Session>().person().is_some();
    let title = i18n.t(if old.is_some() { say::EDIT_TITLE } else { say::ADD_TITLE });
    let start =
        old.clone().unwrap_or(Rule { op: Op::Is, dimension: "event:page".into(), values: Vec::new() });
    let dimension = RwSignal::new(start.dimension);
    let (op, values) = (RwSignal::new(start.op), RwSignal::new(start.values));
    let written = RwSignal::new(String::new());

    let known = seen.ask_what(seen.whole(), || Some(What::Properties));
    let keys = Memo::new(move |_| {
        known.reply.with(|reply| {
            let all = reply.iter().flat_map(|reply| &reply.properties);
            all.map(|property| property.key.clone()).collect::<Vec<String>>()
        })
    });
    let asked = seen.data.ask(move || {
        let mut question = seen.question(&seen.range.get(), vec!["visitors"]);
        let dimension = dimension.get();
        // What this filter leaves out can be chosen as well.
        question.filters = seen.rules.with(|rules| {
            let others: Vec<Rule> =
                rules.iter().filter(|rule| rule.dimension != dimension).cloned().collect();
            filters(&others)
        });
        question.dimensions = vec![dimension];
        question.pagination = Some(Page { limit: ASKED, offset: 0 });
        Some(question)
    });
    let suggested = Memo::new(move |_| {
        let (wanted, dimension) = (written.get().to_lowercase(), dimension.get());
        asked.reply.with(|reply| {
            let rows = reply.iter().flat_map(|reply| &reply.results);
            let named = rows.filter_map(|row| {
                let key = row.dimensions.first()?.clone();
                let name = value_name(i18n, &dimension, &key);
                let is_wanted = wanted.is_empty() || name.to_lowercase().contains(&wanted);
                is_wanted.then(|| (key, name, row.metric(0).unwrap_or(0.0)))
            });
            named.take(SHOWN).collect::<Vec<(String, String, f64)>>()
        })
    });
    let toggle = move |value: String| {
        values.update(|values| match values.iter().position(|other| *other == value) {
            Some(place) => drop(values.remove(place)),
            None => values.push(value),
        });
    };
    let take_written = move || {
        let value = written.get_untracked().trim().to_owned();
        if value.is_empty() {
            return;
        }
        // A name that is suggested is meant as that value: a country, say, by its name.
        let is_it = |name: &str| name.to_lowercase() == value.to_lowercase();
        let exact = suggested
            .with_untracked(|all| all.iter().find(|(_, name, _)| is_it(name)).map(|it| it.0.clone()));
        let value = exact.filter(|_| op.get_untracked().is_exact()).unwrap_or(value);
        if !values.with_untracked(|values| values.contains(&value)) {
            values.update(|values| values.push(value));
        }
        written.set(String::new());
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        take_written();
        let rule = Rule {
            op: op.get_untracked(),
            dimension: dimension.get_untracked(),
            values: values.get_untracked(),
        };
        place.change(|view| {
            view.rules.retain(|other| Some(other) != old.as_ref() && *other != rule);
            if !rule.values.is_empty() {
                view.rules.push(rule);
            }
        });
        close.run(());
    };
    let press = move |event: KeyboardEvent| {
        // Without anything written, Enter applies the filter.
        if event.key() == "Enter" && written.with_untracked(|written| !written.trim().is_empty()) {
            event.prevent_default();
            take_written();
        }
    };
    let option = move |name: String, label: Memo<String>| {
        let own = name.clone();
        let is_chosen = flag(move || dimension.with(|dimension| *dimension == own));
        view! { <option value=name prop:selected=is_chosen>{label}</option> }.into_any()
    };
    let groups = FILTERED.map(|(label, names)| {
        // Readers of a share link see no people.
        let names = names.iter().filter(|name| is_person || **name != "visit:person");
        let options = names.map(|name| {
            let label = i18n.t(dimension_label(name).unwrap_or(label));
            option((*name).to_owned(), label)
        });
        view! { <optgroup label=i18n.t(label)>{options.collect_view()}</optgroup> }.into_any()
    });
    let properties = piece(move || {
        // What was chosen stays on the list, whatever the period has.
        let chosen = dimension.get_untracked();
        let mut keys = keys.get();
        if let Some(key) = chosen.strip_prefix("event:props:")
            && !keys.iter().any(|other| other == key)
        {
            keys.push(key.to_owned());
        }
        if keys.is_empty() {
            return ().into_any();
        }
        let options = keys.into_iter().map(|key| {
            let name = format!("event:props:{key}");
            option(name, text(move || key.clone()))
        });
        view! { <optgroup label=i18n.t(say::GROUP_PROPERTIES)>{options.collect_view()}</optgroup> }.into_any()
    });
    let choose = move |event| {
        dimension.set(event_target_value(&event));
        values.set(Vec::new());
        written.set(String::new());
    };
    let ops = Op::ALL.map(|choice| {
        view! {
            <option value=choice.name() prop:selected=flag(move || op.get() == choice)>
                {i18n.t(choice.label())}
            </option>
        }
        .into_any()
    });
    let chosen = piece(move || {
        let dimension = dimension.get();
        let pill = |value: String| {
            let name = value_name(i18n, &dimension, &value);
            view! {
                <li class="pill">
                    <strong class="pill-text">{name.clone()}</strong>
                    <button
                        type="button"
                        class="pill-remove"
                        aria-label=i18n.fill(say::TAKE_OUT, &[&name])
                        on:click=move |_| toggle(value.clone())
                    >
                        {Icon::Close.draw()}
                    </button>
                </li>
            }
            .into_any()
        };
        values.get().into_iter().map(pill).collect_view().into_any()
    });
    let is_loading = flag(move || asked.reply.with(Option::is_none) || asked.is_outdated.get());
    let list = piece(move || {
        let all = suggested.get();
        if all.is_empty() && !is_loading.get() {
            return view! { <li class="empty">{i18n.t(say::NO_VALUES)}</li> }.into_any();
        }
        let row = |(key, name, visitors): (String, String, f64)| {
            let own = key.clone();
            let is_chosen = text(move || values.with(|values| values.contains(&own)).to_string());
            view! {
                <li>
                    <button
                        type="button"
                        class="suggestion"
                        data-testid="suggestion"
                        aria-pressed=is_chosen
                        on:click=move |_| toggle(key.clone())
                    >
                        <span class="suggestion-tick">{Icon::Check.draw()}</span>
                        <span class="bar-label">{name}</span>
                        <span class="bar-share">{i18n.count(visitors as u64)}</span>
                    </button>
                </li>
            }
            .into_any()
        };
        all.into_iter().map(row).collect_view().into_any()
    });
    let hint = text(move || {
        let is_expression = matches!(op.get(), Op::Matches | Op::MatchesNot);
        i18n.say(if is_expression { say::EXPRESSION } else { say::SEARCH })
    });
    let label = move |label: Message| i18n.t(label);
    view! {
        <Dialog title class="is-form" close=move || close.run(())>
            <form class="form in-dialog" data-testid="filter-form" on:submit=submit>
                <div class="filter-head">
                    <select class="field-input" name="dimension" aria-label=label(say::DIMENSION) on:change=choose>
                        {groups.collect_view()}
                        {properties}
                    </select>
                    <select
                        class="field-input"
                        name="op"
                        aria-label=label(say::OPERATOR)
                        on:change=move |event| op.set(Op::from_name(&event_target_value(&event)).unwrap_or(Op::Is))
                    >
                        {ops.collect_view()}
                    </select>
                </div>
                <ul class="pills" aria-label=label(say::VALUES)>{chosen}</ul>
                <input
                    class="field-input"
                    type="text"
                    name="value"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="2048"
                    autofocus
                    placeholder=hint
                    aria-label=hint
                    prop:value=written
                    on:input=move |event| written.set(event_target_value(&event))
                    on:keydown=press
                />
                <ul class="suggestions" aria-label=label(say::SUGGESTED)>{list}</ul>
                <div class="form-end is-end">
                    <button type="submit" class="button button-primary">{label(say::APPLY)}</button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
