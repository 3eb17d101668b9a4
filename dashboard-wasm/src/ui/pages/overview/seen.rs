//! What the overview looks at, worked out: ranges, step, and the questions that all of its parts have in common.

use std::ops::Range;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::Began;
use protocol::query::{Definitions, Step};
use protocol::saved::{Annotation, Saved};

use crate::browser::api;
use crate::model::filter::Rule;
use crate::model::period::{self, Compare, Period};
use crate::model::query;
use crate::model::question::{Include, Page, Question, What, ends, filters};
use crate::model::source::Scope;
use crate::model::stat::Stat;
use crate::model::view::definitions_key;
use crate::ui::bind::effect;
use crate::ui::data::Data;
use crate::ui::desk::Asked;
use crate::ui::place::Place;
use crate::ui::site::Sites;

/// What the overview looks at; a copy is the same. In the context of its parts.
#[derive(Clone, Copy)]
pub struct Seen {
    /// Answers questions.
    pub data: Data,
    /// The sites.
    pub sites: Sites,
    /// The period chosen.
    pub period: Memo<Period>,
    /// How many periods back.
    pub back: Memo<u32>,
    /// What it is compared with.
    pub compare: Memo<Compare>,
    /// The range.
    pub range: Memo<Range<u64>>,
    /// The range compared with.
    pub comparison: Memo<Option<Range<u64>>>,
    /// The step of the graph.
    pub step: Memo<Step>,
    /// What words mean.
    pub definitions: Memo<Definitions>,
    /// The filters.
    pub rules: Memo<Vec<Rule>>,
    /// The site's id.
    pub site: Memo<String>,
    /// The figure in the graph.
    pub stat: Memo<Stat>,
    /// The time, to the minute.
    pub minute: Memo<u64>,
    /// What was noted at the site, by time; nothing until it is loaded.
    pub annotations: RwSignal<Vec<Saved<Annotation>>>,
}

impl Seen {
    /// Begins.
    pub fn start() -> Self {
        let (place, sites) = (Place::get(), Sites::get());
        let period = place.see(|view| view.period);
        let back = place.see(|view| view.back);
        let compare = place.see(|view| view.compare);
        let chosen_step = place.see(|view| view.step);
        let site = Memo::new(move |_| sites.chosen.with(|site| site.id.clone()));
        let minute = Memo::new(move |_| sites.time.now() / 60_000 * 60_000);
        let began = began(period, site, sites);
        let range = Memo::new(move |_| {
            let now = minute.get();
            let began = began.get().filter(|_| period.get() == Period::All).unwrap_or(now);
            sites.clock.with(|clock| period.get().range(back.get(), now, &clock.zone, began))
        });
        let comparison = Memo::new(move |_| {
            range
                .with(|range| sites.clock.with(|clock| compare.get().range(period.get(), range, &clock.zone)))
        });
        let step = Memo::new(move |_| {
            range.with(|range| {
                let wanted = chosen_step.get().filter(|step| period::steps(range).contains(step));
                wanted.unwrap_or_else(|| period::usual_step(range))
            })
        });
        let scope = Memo::new(move |_| {
            // Nothing is asked until it is known of what.
            if period.get() == Period::All && began.get().is_none() {
                return Scope::of(&site.get(), []);
            }
            range.with(|range| {
                comparison.with(|comparison| {
                    site.with(|site| Scope::of(site, [range].into_iter().chain(comparison)))
                })
            })
        });
        Self {
            data: Data::start(sites.time, scope, sites.clock),
            sites,
            period,
            back,
            compare,
            range,
            comparison,
            step,
            definitions: place.see(|view| view.definitions),
            rules: place.see(|view| view.rules.clone()),
            site,
            stat: place.see(|view| view.stat),
            minute,
            annotations: RwSignal::new(Vec::new()),
        }
    }

    /// That of the page this component is on.
    pub fn get() -> Self {
        expect_context()
    }

    /// The question of a range that everything here is a variation of.
    pub fn question(self, range: &Range<u64>, metrics: Vec<&'static str>) -> Question {
        Question {
            site_id: self.site.get(),
            metrics,
            date_range: ends(range),
            dimensions: Vec::new(),
            filters: self.rules.with(|rules| filters(rules)),
            order_by: Vec::new(),
            include: Include::default(),
            pagination: None,
            definitions: definitions_key(self.definitions.get()),
            what: What::Rows,
        }
    }

    /// Asks something else than rows of a range, or of none.
    pub fn ask_what(
        self,
        of: Memo<Option<Range<u64>>>,
        what: impl Fn() -> Option<What> + Send + Sync + 'static,
    ) -> Asked {
        self.data.ask(move || {
            let what = what()?;
            of.get().map(|range| Question { what, ..self.question(&range, Vec::new()) })
        })
    }

    /// The range, for questions that may be without one.
    pub fn whole(self) -> Memo<Option<Range<u64>>> {
        Memo::new(move |_| Some(self.range.get()))
    }

    /// As much of the range compared with as has passed of the period.
    pub fn comparison_so_far(self) -> Memo<Option<Range<u64>>> {
        Memo::new(move |_| {
            let comparison = self.comparison.get()?;
            Some(self.range.with(|range| period::so_far(range, &comparison, self.minute.get())))
        })
    }

    /// Asks for the figures of the cards, and of as much of the range compared with as has passed.
    pub fn ask_totals(self) -> Asked {
        self.data.ask(move || {
            let range = self.range.get();
            let mut question = self.question(&range, all_stats());
            let comparison = self.comparison.get();
            question.include.compare =
                comparison.map(|comparison| ends(&period::so_far(&range, &comparison, self.minute.get())));
            Some(question)
        })
    }

    /// Asks for the figures over time, of the range or of the one compared with.
    pub fn ask_series(self, is_before: bool) -> Asked {
        self.data.ask(move || {
            let range = if is_before { self.comparison.get()? } else { self.range.get() };
            let mut question = self.question(&range, all_stats());
            question.dimensions = vec![format!("time:{}", self.step.get().name())];
            Some(question)
        })
    }

    /// Asks for the largest values of a dimension by visitors.
    pub fn ask_top(self, dimension: &'static str, limit: u32, with_empty: bool) -> Asked {
        self.data.ask(move || {
            let mut question = self.question(&self.range.get(), vec!["visitors"]);
            question.dimensions = vec![dimension.into()];
            if !with_empty {
                question.filters.push(("is_not", dimension.into(), vec![String::new()]));
            }
            question.pagination = Some(Page { limit, offset: 0 });
            Some(question)
        })
    }
}

fn all_stats() -> Vec<&'static str> {
    Stat::ALL.map(|stat| stat.metric().name()).into()
}

/// When the site's data begins, once a period has asked for all of it.
fn began(period: Memo<Period>, site: Memo<String>, sites: Sites) -> Memo<Option<u64>> {
    let known = RwSignal::new(None::<(String, u64)>);
    effect(move || {
        let site = site.get();
        if period.get() != Period::All
            || known.with_untracked(|it| it.as_ref().is_some_and(|it| it.0 == site))
        {
            return;
        }
        spawn_local(async move {
            let answer = api::fetch::<Began>(&query::began(&site)).await;
            // Without an answer, two years are better than nothing.
            let fallback = sites.time.read().saturating_sub(730 * 86_400_000);
            let began = answer.map_or(fallback, |answer| answer.began);
            known.try_set(Some((site, began)));
        });
    });
    Memo::new(move |_| {
        let site = site.get();
        known.with(|it| it.as_ref().filter(|it| it.0 == site).map(|it| it.1))
    })
}
