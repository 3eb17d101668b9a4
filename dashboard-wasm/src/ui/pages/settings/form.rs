//! What the forms of the settings are made of.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::browser::api;
use crate::model::failure::Failure;
use crate::model::i18n::{Message, settings as say};
use crate::model::settings::{detail_of, field_of, said, utc_day};
use crate::ui::bind::{flag, piece, text};
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;
use crate::ui::site::Sites;
use crate::ui::skeleton::SkeletonRows;

/// What a form is doing; a copy is the same form.
#[derive(Clone, Copy)]
pub struct Form {
    /// Whether an answer is awaited.
    pub busy: RwSignal<bool>,
    /// Why the last attempt was refused.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether the last attempt was taken.
    pub done: RwSignal<bool>,
    /// Names of the fields that say themselves what is wrong with them.
    fields: StoredValue<Vec<&'static str>>,
    session: Session,
}

impl Form {
    /// A form that nobody has sent yet.
    pub fn start() -> Self {
        Self {
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            done: RwSignal::new(false),
            fields: StoredValue::new(Vec::new()),
            session: expect_context(),
        }
    }

    /// Why the last attempt was refused, in the reader's language, with what the API says of it unless a field does.
    pub fn problem(self, i18n: I18n) -> Option<String> {
        let failure = self.failure.get()?;
        let is_beside =
            field_of(&failure).is_some_and(|name| self.fields.with_value(|all| all.contains(&name)));
        Some(said(&failure, i18n.lang(), is_beside))
    }

    /// Sends it, once at a time; `then` gets what was answered.
    pub fn send<T: 'static>(
        self,
        request: impl Future<Output = Result<T, Failure>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        self.done.set(false);
        spawn_local(async move {
            let answer = request.await;
            // The page may be gone by now.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(answer) => {
                    self.done.set(true);
                    then(answer);
                }
                Err(failure) if failure.is_signed_out() && self.session.person().is_some() => {
                    self.session.end(true);
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }
}

/// A line of text.
#[component]
pub fn Field(
    /// What it is.
    label: Message,
    /// Its name in the API, by which a refusal is put next to it.
    name: &'static str,
    /// What it holds.
    value: RwSignal<String>,
    /// The form it is in.
    form: Form,
    /// `type` of the input; text when empty.
    #[prop(optional)]
    kind: &'static str,
    /// `autocomplete` of the input; off when empty.
    #[prop(optional)]
    complete: &'static str,
    /// Whether it has to be filled in.
    #[prop(optional)]
    required: bool,
    /// Whether it holds one entry a line.
    #[prop(optional)]
    list: bool,
    /// Whether it cannot be changed.
    #[prop(optional)]
    locked: bool,
) -> impl IntoView {
    let i18n = I18n::get();
    form.fields.update_value(|all| all.push(name));
    let is_wrong = flag(move || form.failure.with(|it| it.as_ref().and_then(field_of) == Some(name)));
    let problem = text(move || match (is_wrong.get(), form.failure.get()) {
        (true, Some(failure)) => detail_of(&failure).unwrap_or_default().to_owned(),
        _ => String::new(),
    });
    let invalid = text(move || is_wrong.get().to_string());
    let described = format!("problem-{name}");
    let input = if list {
        view! {
            <textarea
                class="field-input field-lines"
                name=name
                rows="3"
                spellcheck="false"
                readonly=locked
                aria-invalid=invalid
                aria-describedby=described.clone()
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                class="field-input"
                type=if kind.is_empty() { "text" } else { kind }
                name=name
                autocomplete=if complete.is_empty() { "off" } else { complete }
                required=required
                readonly=locked
                aria-invalid=invalid
                aria-describedby=described.clone()
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
        }
        .into_any()
    };
    view! {
        <label class="field">
            <span class="field-label">
                {i18n.t(label)}
                {list.then(|| view! { <span class="card-note">" " {i18n.t(say::ONE_A_LINE)}</span> }.into_any())}
            </span>
            {input}
            <span class="field-complaint" id=described>{problem}</span>
        </label>
    }
    .into_any()
}

/// A day, UTC, up to today.
#[component]
pub fn DayField(
    /// What it is.
    label: Message,
    /// Its name in the API.
    name: &'static str,
    /// The day, as `2026-11-23`; empty while it is being typed.
    value: RwSignal<String>,
) -> impl IntoView {
    view! {
        <label class="field field-day">
            <span class="field-label">{I18n::get().t(label)}</span>
            <input
                class="field-input"
                type="date"
                name=name
                required=true
                max=utc_day(Sites::get().time.read())
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}

/// A box to tick.
#[component]
pub fn Tick(
    /// What is so when it is ticked.
    label: Message,
    /// Whether it is.
    value: RwSignal<bool>,
    /// Whether it cannot be changed.
    #[prop(optional)]
    locked: bool,
) -> impl IntoView {
    view! {
        <label class="tick">
            <input
                type="checkbox"
                disabled=locked
                prop:checked=value
                on:change=move |event| value.set(event_target_checked(&event))
            />
            <span>{I18n::get().t(label)}</span>
        </label>
    }
    .into_any()
}

/// The button that sends a form, and what came of it.
#[component]
pub fn Submit(
    /// What it does.
    label: Message,
    /// The form it is in.
    form: Form,
    /// Whether it may be sent; at any time if nothing is given.
    #[prop(optional, into)]
    when: Option<Signal<bool>>,
    /// What is said when it was taken.
    #[prop(default = say::SAVED)]
    done: Message,
    /// Whether it deletes something.
    #[prop(optional)]
    bad: bool,
) -> impl IntoView {
    let i18n = I18n::get();
    let is_off = text(move || (form.busy.get() || when.is_some_and(|when| !when.get())).to_string());
    view! {
        <div class="form-end">
            <button
                type="submit"
                class=if bad { "button button-bad" } else { "button button-primary" }
                aria-disabled=is_off
            >
                {i18n.t(label)}
            </button>
            <span class="card-note" role="status">
                {text(move || if form.done.get() { i18n.say(done) } else { String::new() })}
            </span>
            <p class="field-problem" role="alert">{text(move || form.problem(i18n).unwrap_or_default())}</p>
        </div>
    }
    .into_any()
}

/// A button that removes something once that was confirmed.
#[component]
pub fn Remove(
    /// The address of what is removed.
    address: String,
    /// It was removed.
    done: Callback<()>,
    /// What is asked before; whether it is really meant if nothing is given.
    #[prop(optional, into)]
    question: Option<Signal<String>>,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let asked = RwSignal::new(false);
    let address = StoredValue::new(address);
    piece(move || {
        if !asked.get() {
            return view! {
                <button type="button" class="button" on:click=move |_| asked.set(true)>{i18n.t(say::REMOVE)}</button>
            }
            .into_any();
        }
        let remove = move |_| {
            let address = address.get_value();
            form.send(async move { api::remove(&address).await }, move |()| done.run(()));
        };
        view! {
            <span class="confirm">
                <span role="alert">{text(move || form.problem(i18n).unwrap_or_else(|| {
                    question.map_or_else(|| i18n.say(say::REALLY), |question| question.get())
                }))}</span>
                <button type="button" class="button button-bad" on:click=remove>{i18n.t(say::REMOVE)}</button>
                <button type="button" class="button" on:click=move |_| asked.set(false)>{i18n.t(say::CANCEL)}</button>
            </span>
        }
        .into_any()
    })
}

/// Something that is loaded from the API, and can be again; a copy is the same.
pub struct Loaded<T: 'static> {
    /// What was answered last.
    pub answer: RwSignal<Option<Result<T, Failure>>>,
    address: StoredValue<String>,
    session: Session,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loaded<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Loaded<T> {
    /// Begins to load.
    pub fn new(address: String) -> Self {
        let loaded = Self {
            answer: RwSignal::new(None),
            address: StoredValue::new(address),
            session: expect_context(),
        };
        loaded.again();
        loaded
    }

    /// Loads it again; what was there stays meanwhile.
    pub fn again(self) {
        let address = self.address.get_value();
        spawn_local(async move {
            let answer = api::fetch::<T>(&address).await;
            if answer.as_ref().err().is_some_and(Failure::is_signed_out) {
                return self.session.end(true);
            }
            self.answer.try_set(Some(answer));
        });
    }

    /// Draws it; until then its shape, or why there is none.
    pub fn draw(self, of: impl Fn(T) -> AnyView + Send + 'static) -> AnyView {
        let i18n = I18n::get();
        piece(move || match self.answer.get() {
            None => view! { <SkeletonRows count=4 /> }.into_any(),
            Some(Ok(answer)) => of(answer),
            Some(Err(failure)) => {
                let message = text(move || failure.message(i18n.lang()));
                view! { <Failed message retry=move || self.again() /> }.into_any()
            }
        })
    }
}
