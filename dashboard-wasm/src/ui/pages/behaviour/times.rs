//! When visitors come: days of the week by hours of the day.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::super::overview::seen::Seen;
use super::answered::answered;
use super::figure::Headline;
use crate::browser::intl::{Date, Number};
use crate::model::format::tenths;
use crate::model::heat::{DAYS, HOURS, Heat, step};
use crate::model::i18n::{behaviour as say, overview};
use crate::model::question::ends;
use crate::model::stat::Stat;
use crate::model::time::Wall;
use crate::ui::bind::{flag, text};
use crate::ui::i18n::I18n;
use crate::ui::place::Place;

/// What can be counted by hours.
const COUNTED: [Stat; 4] = [Stat::Visitors, Stat::Visits, Stat::PageViews, Stat::Conversions];

/// A day of the week in words: the fifth of January 1970 was a Monday.
fn weekday(i18n: I18n, day: usize) -> String {
    i18n.date(Date::DayOfWeek, Wall((4 + day as i64) * 86_400_000))
}

fn hour(i18n: I18n, hour: usize) -> String {
    i18n.date(Date::Clock, Wall(hour as i64 * 3_600_000))
}

/// The table.
#[component]
pub fn Times() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let pick = place.see(|view| view.pick.clone());
    let stat = Memo::new(move |_| {
        Stat::from_name(&pick.get()).filter(|it| COUNTED.contains(it)).unwrap_or_default()
    });
    let asked = seen.data.ask(move || {
        let mut question = seen.question(&seen.range.get(), vec![stat.get().metric().name()]);
        question.dimensions = vec!["time:weekday".into(), "time:hour_of_day".into()];
        Some(question)
    });
    let compared = seen.comparison_so_far();
    let whole = seen.data.ask(move || {
        let mut question = seen.question(&seen.range.get(), vec![stat.get().metric().name()]);
        question.include.compare = compared.get().as_ref().map(ends);
        Some(question)
    });
    let first = move |is_before: bool| {
        Memo::new(move |_| {
            whole.reply.with(|reply| {
                let row = reply.as_ref()?.results.first()?;
                if is_before { row.before(0) } else { row.metric(0) }
            })
        })
    };
    let (now, before) = (first(false), first(true));
    let heat = Memo::new(move |_| asked.reply.with(|reply| reply.as_ref().map(Heat::of)));
    let at = RwSignal::new((0_usize, 0_usize));
    let name = text(move || i18n.say(stat.get().label()));
    let value_at = move |(day, time): (usize, usize)| {
        heat.with(|heat| heat.as_ref().map_or(0.0, |heat| heat.at(day, time)))
    };
    let most = Memo::new(move |_| heat.with(|heat| heat.as_ref().map_or(1.0, |heat| heat.most)));
    let read = move |(day, time): (usize, usize), value: f64| {
        let (from, to) = (hour(i18n, time), hour(i18n, (time + 1) % HOURS));
        let value = i18n.number(Number::Full, value);
        i18n.fill(say::TIMES_READ, &[&weekday(i18n, day), &from, &to, &value, &name.get().to_lowercase()])
    };
    let is_read = RwSignal::new(false);
    let busiest = text(move || match heat.with(|heat| heat.as_ref().and_then(Heat::busiest)) {
        Some((day, time)) => i18n.fill(say::BUSIEST, &[&weekday(i18n, day), &hour(i18n, time)]),
        None => String::new(),
    });
    let readout =
        text(
            move || {
                if is_read.get() { read(at.get(), value_at(at.get())) } else { i18n.say(say::TIMES_HINT) }
            },
        );
    let body = NodeRef::<html::Tbody>::new();
    let press = move |event: KeyboardEvent| {
        let Some(next) = step(&event.key(), at.get_untracked(), DAYS, HOURS) else { return };
        event.prevent_default();
        // Elsewhere these keys change the period.
        event.stop_propagation();
        at.set(next);
        let selector = format!("[data-cell=\"{}-{}\"]", next.0, next.1);
        if let Some(body) = body.get_untracked()
            && let Ok(Some(cell)) = body.query_selector(&selector)
        {
            let _ = cell.unchecked_into::<HtmlElement>().focus();
        }
    };
    let cell = move |day: usize, time: usize| {
        // Only what a change of its own number is about is written anew: there are 168 of them.
        let value = Memo::new(move |_| value_at((day, time)));
        let strength = text(move || format!("{}%", tenths(value.get() * 100.0 / most.get())));
        let look = move || {
            at.set((day, time));
            is_read.set(true);
        };
        view! {
            <td
                class="heat-cell"
                style:--heat=strength
                data-cell=format!("{day}-{time}")
                tabindex=text(move || if at.get() == (day, time) { "0" } else { "-1" }.into())
                aria-label=text(move || read((day, time), value.get()))
                on:focus=move |_| look()
                on:pointerenter=move |_| look()
            >
                {text(move || match value.get() {
                    value if value >= 10_000.0 => i18n.number(Number::Short, value),
                    value => i18n.number(Number::Full, value),
                })}
            </td>
        }
        .into_any()
    };
    let row = move |day: usize| {
        let cells = (0..HOURS).map(|time| cell(day, time));
        view! {
            <tr data-testid="weekday">
                <th scope="row">{text(move || weekday(i18n, day))}</th>
                {cells.collect_view()}
            </tr>
        }
        .into_any()
    };
    let option = move |choice: Stat| {
        view! {
            <option value=choice.metric().name() prop:selected=flag(move || stat.get() == choice)>
                {i18n.t(choice.label())}
            </option>
        }
        .into_any()
    };
    let choose = move |event| place.change(|view| view.pick = event_target_value(&event));
    let draw = move || {
        let heads = (0..HOURS)
            .map(|time| view! { <th scope="col">{text(move || format!("{time:02}"))}</th> }.into_any());
        view! {
            <Headline now before unit=stat.get_untracked().unit() label=text(move || format!("{} · {}", name.get(), busiest.get())) />
            <div class="wide">
                <table
                    class="heat is-times"
                    aria-label=text(move || i18n.fill(say::TIMES_TABLE, &[&name.get()]))
                    on:keydown=press
                    on:pointerleave=move |_| is_read.set(false)
                >
                    <thead>
                        <tr>
                            <td></td>
                            {heads.collect_view()}
                        </tr>
                    </thead>
                    <tbody node_ref=body>{(0..DAYS).map(row).collect_view()}</tbody>
                </table>
            </div>
            <p class="heat-foot">
                <span class="heat-read" data-testid="times-read" aria-hidden="true">{readout}</span>
                <span class="heat-scale" aria-hidden="true">
                    {i18n.t(say::LESS)} <span class="heat-ramp"></span> {i18n.t(say::MORE)}
                </span>
            </p>
            <p class="card-note">{text(move || seen.sites.chosen.with(|site| i18n.fill(say::CLOCK_OF, &[&site.time_zone])))}</p>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="times-title">
            <header class="card-head">
                <h2 class="card-title" id="times-title">{i18n.t(say::TIMES)}</h2>
                <select class="menu" data-testid="counted" aria-label=i18n.t(say::METRIC) on:change=choose>
                    {COUNTED.map(option).collect_view()}
                </select>
            </header>
            {answered(asked, overview::NO_DATA, |reply| reply.results.is_empty(), draw)}
        </section>
    }
    .into_any()
}
