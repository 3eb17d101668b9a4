//! Who is told, and the form of one.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::alert::{
    Channel, ChannelKind, ChannelMade, Channels, Delivery, DeliveryStatus, MessageLanguage, NewChannel,
};

use super::super::choice::{Choice, named};
use super::log::Log;
use crate::browser::api;
use crate::model::alert;
use crate::model::i18n::{Lang, alerts as say, settings as words};
use crate::ui::bind::{flag, piece, piece_when, text};
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;
use crate::ui::pages::settings::form::{Field, Form, Loaded, Remove, Submit, Tick};

/// The list, and the form.
#[component]
pub fn ChannelsCard(
    /// The site's address in the API.
    address: StoredValue<String>,
    /// The channels.
    channels: Loaded<Channels>,
) -> impl IntoView {
    let i18n = I18n::get();
    let edited = RwSignal::new(None::<Channel>);
    let secret = RwSignal::new(String::new());
    let saved = Callback::new(move |()| {
        edited.set(None);
        channels.again();
    });
    let rows = move |list: Channels| {
        if list.channels.is_empty() {
            return view! { <p class="empty">{i18n.t(say::NO_CHANNELS)}</p> }.into_any();
        }
        let rows = list.channels.into_iter().map(|channel| {
            let path = format!("{}/channels/{}", address.get_value(), channel.id);
            view! { <ChannelRow channel path edited removed=saved /> }.into_any()
        });
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    let has_email = flag(move || channels.answer.with(|it| matches!(it, Some(Ok(all)) if all.email)));
    view! {
        <section class="card">
            <h2 class="card-title">{i18n.t(say::CHANNELS)}</h2>
            {channels.draw(rows)}
        </section>
        <section class="card">
            {piece(move || {
                let (channel, has_email) = (edited.get(), has_email.get());
                view! { <ChannelForm channel has_email address saved edited secret /> }.into_any()
            })}
            {piece(move || if secret.with(String::is_empty) {
                ().into_any()
            } else {
                view! {
                    <p class="settings-text">{i18n.t(say::SECRET)}</p>
                    <CopyLine line=secret />
                }.into_any()
            })}
        </section>
    }
    .into_any()
}

/// A channel, with a button to try it and what was delivered.
#[component]
fn ChannelRow(
    channel: Channel,
    path: String,
    edited: RwSignal<Option<Channel>>,
    removed: Callback<()>,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let (tried, is_listed) = (RwSignal::new(None::<Delivery>), RwSignal::new(false));
    let known = StoredValue::new(channel.clone());
    let path = StoredValue::new(path);
    // Until its address is confirmed, the link to do so is all that can be sent.
    let asks = channel.unconfirmed;
    let (act, label, done) = match asks {
        true => ("confirmation", say::ASK_AGAIN, say::ASKED),
        false => ("test", say::TEST, say::TEST_SENT),
    };
    let test = move |_| {
        let path = format!("{}/{act}", path.get_value());
        tried.set(None);
        let request = async move { api::change::<Delivery>("POST", &path, &()).await };
        form.send(request, move |delivery| tried.set(Some(delivery)));
    };
    let outcome = text(move || match (tried.get(), form.problem(i18n)) {
        (Some(it), _) if it.status == DeliveryStatus::Sent => i18n.say(done),
        (Some(it), _) => i18n.fill(say::TEST_FAILED, &[&it.problem]),
        (None, problem) => problem.unwrap_or_default(),
    });
    let is_bad = flag(move || {
        form.failure.with(Option::is_some)
            || tried.with(|it| it.as_ref().is_some_and(|it| it.status != DeliveryStatus::Sent))
    });
    let about = text(move || {
        let channel = known.get_value();
        let kind = alert::channel(channel.channel.kind).of(i18n.lang());
        format!("{kind} · {}", channel.channel.target.unwrap_or_default())
    });
    let purposes = text(move || alert::purposes(&known.get_value(), i18n.lang()));
    view! {
        <li class="setting-row" data-testid="channel">
            <span class="setting-main">
                <strong>{channel.channel.name}</strong>
                <span class="card-note">{about}</span>
                <span class="card-note">{purposes}</span>
            </span>
            <button
                type="button"
                class="button"
                data-testid="test-channel"
                aria-disabled=text(move || form.busy.get().to_string())
                on:click=test
            >
                {i18n.t(label)}
            </button>
            <button
                type="button"
                class="button"
                aria-expanded=text(move || is_listed.get().to_string())
                on:click=move |_| is_listed.update(|it| *it = !*it)
            >
                {i18n.t(say::LOG)}
            </button>
            <button type="button" class="button" on:click=move |_| edited.set(Some(known.get_value()))>
                {i18n.t(say::EDIT)}
            </button>
            <Remove address=path.get_value() done=removed />
            <p class="setting-outcome" class:is-alarm=move || is_bad.get() role="status" data-testid="test-outcome">
                {outcome}
            </p>
            {piece_when(flag(move || is_listed.get()), move || {
                // A test that was made meanwhile is in the list.
                tried.track();
                view! { <Log path=format!("{}/deliveries", path.get_value()) /> }.into_any()
            })}
        </li>
    }
    .into_any()
}

#[component]
fn ChannelForm(
    /// The channel that is changed; a new one when absent.
    channel: Option<Channel>,
    /// Whether e-mail is set up.
    has_email: bool,
    address: StoredValue<String>,
    /// It was saved.
    saved: Callback<()>,
    edited: RwSignal<Option<Channel>>,
    /// The key of the signatures of a new one.
    secret: RwSignal<String>,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let id = channel.as_ref().map(|channel| channel.id.clone());
    let is_new = id.is_none();
    let old = channel.map(|it| it.channel);
    let first = if has_email { ChannelKind::Email } else { ChannelKind::Slack };
    let kind = RwSignal::new(old.as_ref().map_or(first, |it| it.kind).name().to_owned());
    let is_mail = flag(move || kind.with(|it| it == ChannelKind::Email.name()));
    let name = RwSignal::new(old.as_ref().map(|it| it.name.clone()).unwrap_or_default());
    // Of a webhook only the host is known here.
    let target = old.as_ref().filter(|it| it.kind == ChannelKind::Email).and_then(|it| it.target.clone());
    let target = RwSignal::new(target.unwrap_or_default());
    let language = old.as_ref().map_or_else(
        || untrack(|| i18n.lang()).tag(),
        |it| if it.language == MessageLanguage::Ko { "ko" } else { "en" },
    );
    let language = RwSignal::new(language.to_owned());
    let ticked = |of: fn(&NewChannel) -> bool, new: bool| RwSignal::new(old.as_ref().map_or(new, of));
    let alerts = ticked(|it| it.alerts, true);
    let (weekly, monthly) = (ticked(|it| it.weekly, false), ticked(|it| it.monthly, false));
    let quiet = old.as_ref().and_then(|it| it.quiet);
    let hour = |hour: Option<u8>| RwSignal::new(hour.map(|it| it.to_string()).unwrap_or_default());
    let (from, to) = (hour(quiet.map(|it| it.from)), hour(quiet.map(|it| it.to)));
    let drop = RwSignal::new(quiet.is_some_and(|it| it.drop));

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let chosen = kind.get_untracked();
        let kind = ChannelKind::ALL.into_iter().find(|it| it.name() == chosen).unwrap_or(ChannelKind::Email);
        let is_mail = kind == ChannelKind::Email;
        let body = NewChannel {
            name: name.get_untracked(),
            kind,
            target: Some(target.get_untracked()).filter(|text| !text.is_empty()),
            language: match language.get_untracked().as_str() {
                "ko" => MessageLanguage::Ko,
                _ => MessageLanguage::En,
            },
            alerts: alerts.get_untracked(),
            weekly: is_mail && weekly.get_untracked(),
            monthly: is_mail && monthly.get_untracked(),
            quiet: alert::quiet(&from.get_untracked(), &to.get_untracked(), drop.get_untracked()),
        };
        let path = format!("{}/channels", address.get_value());
        match &id {
            None => {
                let request = async move { api::change::<ChannelMade>("POST", &path, &body).await };
                form.send(request, move |made| {
                    secret.set(made.secret.unwrap_or_default());
                    for field in [name, target, from, to] {
                        field.set(String::new());
                    }
                    saved.run(());
                });
            }
            Some(id) => {
                let path = format!("{path}/{id}");
                let request = async move { api::change::<Channel>("PUT", &path, &body).await };
                form.send(request, move |_| saved.run(()));
            }
        }
    };
    let kinds = match old.as_ref() {
        // The kind stays.
        Some(old) => vec![old.kind],
        None => ChannelKind::ALL.into_iter().filter(|it| has_email || *it != ChannelKind::Email).collect(),
    };
    let languages =
        Lang::ALL.into_iter().map(|it| (it.tag().to_owned(), Signal::stored(it.name().to_owned())));
    let note = move || {
        let note = match (has_email, is_new, is_mail.get()) {
            (false, true, _) => say::NO_EMAIL,
            (_, false, false) => say::KEPT,
            (true, _, true) => say::MAIL_FIRST,
            _ => return ().into_any(),
        };
        view! { <p class="settings-text">{i18n.t(note)}</p> }.into_any()
    };
    let address_field = move || {
        let (label, kind) = if is_mail.get() { (say::ADDRESS, "email") } else { (say::HOOK_ADDRESS, "url") };
        view! { <Field label name="target" value=target form kind required=is_new /> }.into_any()
    };
    view! {
        <h2 class="card-title">{i18n.t(if is_new { say::NEW_CHANNEL } else { say::CHANGE_CHANNEL })}</h2>
        {piece(note)}
        <form class="form" data-testid="channel-form" on:submit=submit>
            <Field label=words::NAME name="name" value=name form required=true />
            <Choice label=say::BY name="kind" value=kind options=named(i18n, kinds, ChannelKind::name, alert::channel) />
            {piece(address_field)}
            <Choice label=say::LANGUAGE name="language" value=language options=languages.collect() />
            <Tick label=say::ALERTS value=alerts />
            {piece_when(is_mail, move || view! {
                <Tick label=say::WEEKLY value=weekly />
                <Tick label=say::MONTHLY value=monthly />
            }.into_any())}
            <details class="form-more">
                <summary>{i18n.t(say::QUIET)}</summary>
                <div class="form-more-body">
                    <Field label=say::QUIET_FROM name="from" value=from form kind="number" />
                    <Field label=say::QUIET_TO name="to" value=to form kind="number" />
                    <Tick label=say::QUIET_DROP value=drop />
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
