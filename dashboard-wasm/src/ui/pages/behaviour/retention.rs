//! Who comes back: a row for those who came first in the same step of time, a column for each step after.

use leptos::prelude::*;
use protocol::query::CohortStep;

use super::super::overview::seen::Seen;
use super::answered::answered;
use super::figure::Headline;
use crate::browser::intl::{Date, Number};
use crate::model::behaviour::{cohort_key, cohort_step, cohort_steps};
use crate::model::cohorts::{Cell, Grid, Row};
use crate::model::format::tenths;
use crate::model::i18n::{Message, behaviour as say, overview};
use crate::model::period::Period;
use crate::model::question::What;
use crate::model::stat::Unit;
use crate::ui::bind::{flag, piece, text};
use crate::ui::desk::Asked;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;

const DAY: u64 = 86_400_000;

fn step_label(step: CohortStep) -> Message {
    match step {
        CohortStep::Day => say::BY_DAY,
        CohortStep::Week => say::BY_WEEK,
        CohortStep::Month => say::BY_MONTH,
    }
}

fn later(step: CohortStep) -> Message {
    match step {
        CohortStep::Day => say::DAY_LATER,
        CohortStep::Week => say::WEEK_LATER,
        CohortStep::Month => say::MONTH_LATER,
    }
}

fn cohort_name(i18n: I18n, seen: Seen, step: CohortStep, at: u64) -> String {
    let wall = seen.sites.wall(at);
    match step {
        CohortStep::Day => i18n.date(Date::Weekday, wall),
        CohortStep::Week => i18n.fill(say::WEEK_OF, &[&i18n.date(Date::Day, wall)]),
        CohortStep::Month => i18n.date(Date::Month, wall),
    }
}

/// The table.
#[component]
pub fn Retention() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let pick = place.see(|view| view.pick.clone());
    let days = Memo::new(move |_| seen.range.with(|range| (range.end - range.start).div_ceil(DAY)));
    let step = Memo::new(move |_| cohort_step(&pick.get(), days.get()));
    let what = move || Some(What::Retention(step.get()));
    let asked = seen.ask_what(seen.whole(), what);
    let earlier = seen.ask_what(seen.comparison_so_far(), what);
    let grid = move |asked: Asked| {
        Memo::new(move |_| {
            let now = seen.minute.get();
            asked.reply.with(|reply| reply.as_ref().map(|it| Grid::of(&it.cohorts, now)).unwrap_or_default())
        })
    };
    let (shown, before) = (grid(asked), grid(earlier));
    let first = |grid: Memo<Grid>| {
        Memo::new(move |_| grid.with(|grid| Some(grid.mean.first().copied().flatten()? * 100.0)))
    };
    let (now, before) = (first(shown), first(before));
    let label = text(move || {
        i18n.say(match step.get() {
            CohortStep::Day => say::RETENTION_ONE_DAY,
            CohortStep::Week => say::RETENTION_ONE_WEEK,
            CohortStep::Month => say::RETENTION_ONE_MONTH,
        })
    });
    let option = move |choice: CohortStep| {
        view! {
            <option value=cohort_key(choice) prop:selected=flag(move || step.get() == choice)>
                {i18n.t(step_label(choice))}
            </option>
        }
        .into_any()
    };
    let choices = Memo::new(move |_| cohort_steps(days.get()));
    let choose = move |event| place.change(|view| view.pick = event_target_value(&event));
    let is_short = flag(move || days.get() < 4);
    let longer = move || {
        let look = move |_| {
            place.change(|view| {
                (view.period, view.back, view.step) = (Period::Days(28), 0, None);
            });
        };
        view! {
            <p class="settings-text is-hint">
                {i18n.t(say::RETENTION_SHORT)} " "
                <button type="button" class="button" on:click=look>
                    {text(move || i18n.fill(overview::LAST_DAYS, &["28"]))}
                </button>
            </p>
        }
        .into_any()
    };
    // What is shown is of the step it was asked with.
    let about = Memo::new(move |old: Option<&CohortStep>| {
        if asked.is_outdated.get() { old.copied().unwrap_or(step.get_untracked()) } else { step.get() }
    });
    let draw = move || {
        view! {
            <Headline now before unit=Unit::Percent label />
            <div class="wide" tabindex="0" role="region" aria-label=i18n.t(say::RETENTION_TABLE)>
                {piece(move || table(i18n, seen, &shown.get(), about.get()))}
            </div>
            <p class="card-note">{i18n.t(say::RETENTION_NOTE)}</p>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="retention-title">
            <header class="card-head">
                <h2 class="card-title" id="retention-title">{i18n.t(say::RETENTION)}</h2>
                <select class="menu" data-testid="cohorts" aria-label=i18n.t(say::COHORT_STEP) on:change=choose>
                    {piece(move || choices.get().into_iter().map(option).collect_view().into_any())}
                </select>
            </header>
            {piece(move || if is_short.get() { longer() } else { ().into_any() })}
            {answered(asked, overview::NO_DATA, |reply| {
                reply.cohorts.iter().all(|cohort| cohort.visitors.first().is_none_or(|size| *size == 0))
            }, draw)}
        </section>
    }
    .into_any()
}

fn table(i18n: I18n, seen: Seen, grid: &Grid, step: CohortStep) -> AnyView {
    let columns = grid.mean.len();
    let head = |column: usize| {
        let name = i18n.fill(later(step), &[&(column + 1).to_string()]);
        view! { <th scope="col">{name}</th> }.into_any()
    };
    let most = grid.most;
    let mean = grid.mean.iter().map(|mean| match mean {
        Some(share) => heat(most, *share, i18n.number(Number::FinePercent, *share), String::new(), false),
        None => view! { <td></td> }.into_any(),
    });
    let row = |row: &Row| {
        let cell = |cell: &Cell| {
            let said = if cell.is_running { say::RETENTION_RUNNING } else { say::RETENTION_CELL };
            let title = i18n.fill(said, &[&i18n.count(cell.visitors), &i18n.count(row.visitors)]);
            heat(most, cell.share, i18n.number(Number::FinePercent, cell.share), title, cell.is_running)
        };
        let rest = (row.cells.len() < columns).then(|| {
            view! { <td class="is-blank" colspan=(columns - row.cells.len()).to_string()></td> }.into_any()
        });
        view! {
            <tr data-testid="cohort">
                <th scope="row">{cohort_name(i18n, seen, step, row.at)}</th>
                <td class="is-size">{i18n.count(row.visitors)}</td>
                {row.cells.iter().map(cell).collect_view()}
                {rest}
            </tr>
        }
        .into_any()
    };
    view! {
        <table class="heat">
            <thead>
                <tr>
                    <th scope="col">{i18n.say(say::COHORT)}</th>
                    <th scope="col">{i18n.say(say::COHORT_SIZE)}</th>
                    {(0..columns).map(head).collect_view()}
                </tr>
            </thead>
            <tbody>
                <tr class="is-mean" data-testid="cohort-mean">
                    <th scope="row">{i18n.say(say::COHORT_MEAN)}</th>
                    <td class="is-size">{i18n.count(grid.visitors)}</td>
                    {mean.collect_view()}
                </tr>
                {grid.rows.iter().map(row).collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

/// A cell as strong in colour as its share of the largest is.
fn heat(most: f64, share: f64, shown: String, title: String, is_running: bool) -> AnyView {
    let strength = format!("{}%", tenths(share / most * 100.0));
    view! {
        <td class="heat-cell" class:is-running=is_running style:--heat=strength title=title>{shown}</td>
    }
    .into_any()
}
