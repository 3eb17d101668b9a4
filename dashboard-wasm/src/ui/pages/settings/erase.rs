//! Erasing a person, a visitor or a visit, and how far such work is.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::care::{NewErasure, Task, TaskKind, TaskState, Tasks};

use super::choice::{Choice, named};
use super::form::{Form, Submit};
use crate::browser::api;
use crate::browser::intl::Date;
use crate::browser::poll::Poll;
use crate::model::failure::Failure;
use crate::model::i18n::{Message, erase as say, manage};
use crate::ui::bind::{flag, piece, piece_when, text};
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;
use crate::ui::site::Sites;
use crate::ui::skeleton::SkeletonRows;

/// The least time from an answer to the next question while something is going on, milliseconds.
const EVERY: u32 = 3_000;

/// What can be erased: its field in the API, what it is called, and what goes with it.
const SUBJECTS: [(&str, Message, Message); 3] = [
    ("person_id", say::PERSON, say::PERSON_TEXT),
    ("visitor_id", say::VISITOR, say::VISITOR_TEXT),
    ("session_id", say::VISIT, say::VISIT_TEXT),
];

/// The form, and the tasks there are.
#[component]
pub fn Erase(
    /// The site's address in the API.
    site: String,
) -> impl IntoView {
    let (i18n, form, session) = (I18n::get(), Form::start(), expect_context::<Session>());
    let address = StoredValue::new(site + "/erasures");
    let subject = RwSignal::new(SUBJECTS[0].0.to_owned());
    let (id, typed) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tasks = RwSignal::new(None::<Result<Tasks, Failure>>);
    let poll = StoredValue::new_local(None::<Poll<Tasks>>);
    let with_poll = move |act: fn(&Poll<Tasks>)| {
        let _ = poll.try_with_value(|poll| poll.as_ref().map(act));
    };
    let take = move |answer: Result<Tasks, Failure>, _| {
        if answer.as_ref().err().is_some_and(Failure::is_signed_out) {
            return session.end(true);
        }
        let goes_on = match &answer {
            Ok(list) => list.tasks.iter().any(|it| it.state == TaskState::Running),
            // What is on show stays, and is asked for again.
            Err(_) if tasks.with_untracked(|it| matches!(it, Some(Ok(_)))) => return,
            Err(_) => false,
        };
        if !goes_on {
            with_poll(Poll::hide);
        }
        tasks.set(Some(answer));
    };
    poll.set_value(Some(Poll::new(EVERY, move || address.get_value(), take)));
    with_poll(Poll::show);

    let is_meant =
        flag(move || id.with(|id| typed.with(|typed| !id.trim().is_empty() && id.trim() == typed.trim())));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !is_meant.get_untracked() {
            return;
        }
        let value = Some(id.get_untracked().trim().to_owned());
        let wanted = subject.with_untracked(|subject| match subject.as_str() {
            "visitor_id" => NewErasure { visitor_id: value, ..NewErasure::default() },
            "session_id" => NewErasure { session_id: value, ..NewErasure::default() },
            _ => NewErasure { person_id: value, ..NewErasure::default() },
        });
        let request = async move { api::change::<Task>("POST", &address.get_value(), &wanted).await };
        form.send(request, move |_| {
            id.set(String::new());
            typed.set(String::new());
            // An answer under way may be older than the task.
            with_poll(Poll::stop);
            with_poll(Poll::show);
        });
    };
    let about = text(move || {
        let chosen = subject.with(|subject| SUBJECTS.iter().find(|(name, ..)| name == subject).copied());
        i18n.say(chosen.map_or(say::PERSON_TEXT, |(.., about)| about))
    });
    let confirm = text(move || i18n.fill(manage::DELETE_SITE_TYPE, &[id.get().trim()]));
    let has_id = flag(move || id.with(|id| !id.trim().is_empty()));
    let list = piece(move || match tasks.get() {
        None => view! { <SkeletonRows count=2 /> }.into_any(),
        Some(Ok(list)) => view! { <List list /> }.into_any(),
        Some(Err(failure)) => {
            let message = text(move || failure.message(i18n.lang()));
            view! { <Failed message retry=move || with_poll(Poll::show) /> }.into_any()
        }
    });
    view! {
        <section class="card" data-testid="erase">
            <h2 class="card-title">{i18n.t(say::ERASE)}</h2>
            <p class="settings-text">{i18n.t(say::ERASE_TEXT)}</p>
            <form class="form" data-testid="erase-form" on:submit=submit>
                <Choice
                    label=say::SUBJECT
                    name="subject"
                    value=subject
                    options=named(i18n, SUBJECTS, |(name, ..)| name, |(_, label, _)| label)
                />
                <p class="card-note">{about}</p>
                <label class="field">
                    <span class="field-label">{i18n.t(say::ID)}</span>
                    <input
                        class="field-input"
                        type="text"
                        name="id"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=id
                        on:input=move |event| id.set(event_target_value(&event))
                    />
                </label>
                {piece_when(has_id, move || view! {
                    <label class="field">
                        <span class="field-label">{confirm}</span>
                        <input
                            class="field-input"
                            type="text"
                            name="confirm"
                            autocomplete="off"
                            spellcheck="false"
                            prop:value=typed
                            on:input=move |event| typed.set(event_target_value(&event))
                        />
                    </label>
                }.into_any())}
                <Submit label=say::ERASE form when=is_meant done=say::BEGUN bad=true />
            </form>
            <h3 class="card-title">{i18n.t(say::TASKS)}</h3>
            {list}
        </section>
    }
    .into_any()
}

#[component]
fn List(list: Tasks) -> impl IntoView {
    let i18n = I18n::get();
    if list.tasks.is_empty() {
        return view! { <p class="empty">{i18n.t(say::NO_TASKS)}</p> }.into_any();
    }
    let rows = list.tasks.iter().map(|task| row(i18n, task));
    view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
}

fn row(i18n: I18n, task: &Task) -> AnyView {
    let sites = Sites::get();
    let kind = match task.kind {
        TaskKind::Retention => say::RETENTION_TASK,
        TaskKind::Erasure | TaskKind::Deletion => say::ERASURE_TASK,
    };
    let (word, key) = match task.state {
        TaskState::Running => (say::RUNNING, "running"),
        TaskState::Settling => (say::SETTLING, "settling"),
        TaskState::Done => (say::DONE, "done"),
        TaskState::Failed => (say::FAILED, "failed"),
    };
    let begun = sites.wall(task.created_at);
    let counts = [task.rows_deleted, task.segments_changed, task.visitors];
    let found = text(move || {
        let [rows, segments, visitors] = counts.map(|count| i18n.count(count));
        i18n.fill(say::COUNTS, &[&rows, &segments, &visitors])
    });
    let (done, steps) = (task.steps_done, task.steps.max(1));
    let progress = (task.state == TaskState::Running).then(|| {
        let label = text(move || i18n.fill(say::PROGRESS, &[&i18n.count(done.min(steps)), &i18n.count(steps)]));
        view! { <progress class="badge-progress" max=steps.to_string() value=done.to_string() aria-label=label></progress> }
            .into_any()
    });
    let problem = task.problem.clone();
    let problem =
        problem.map(|problem| view! { <span class="setting-outcome is-alarm">{problem}</span> }.into_any());
    view! {
        <li class="setting-row" data-testid="task" data-state=key>
            <span class="setting-main">
                <span>{i18n.t(kind)}" "<code class="option-name">{task.id.clone()}</code></span>
                <span class="card-note">{text(move || i18n.date(Date::Moment, begun))}" · "{found}</span>
            </span>
            {progress}
            <strong>{i18n.t(word)}</strong>
            {problem}
        </li>
    }
    .into_any()
}
