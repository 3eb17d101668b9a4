//! From what a request carries to who makes it.
//!
//! What is found is believed for some seconds: a dashboard asks once a second. So a session or token that is ended
//! in one isolate works on in others for that long, but only for reading; what changes something asks anew.

use std::future::Future;
use std::rc::Rc;

use protocol::SiteId;
use protocol::account::Scope;

use super::access::Principal;
use super::secret::{self, Kind};
use super::{Cookie, same_secret};
use crate::cache::{Cache, Lifetime};
use crate::config::Config;
use crate::http::Request;
use crate::log::{self, Level};
use crate::platform::Platform;
use crate::sites::cached;
use crate::store::StoreError;
use crate::store::accounts::{Accounts, PersonRow, SessionRow, ShareRow, TokenRow, token_day};

/// What is read with: a GetItem, or one call for both rows of a session, at most every ten seconds.
const READING: Lifetime = Lifetime { found: 10_000, missing: 5_000, stale: 0 };

/// What servers send events with: while the store does not answer their batches go to the queue, so a key that was
/// good is believed on.
const SENDING: Lifetime = Lifetime { found: 60_000, missing: 5_000, stale: 24 * 3_600_000 };

/// How long an opened share link lasts, in seconds.
pub(crate) const SHARE_SECONDS: u64 = 12 * 3_600;

/// A person and the session in use.
pub(crate) struct SignedIn {
    pub(crate) person: PersonRow,
    pub(crate) session: SessionRow,
}

/// Whether what is known from some seconds ago is good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// For reading and for questions, whatever their method.
    Cache,
    /// For what changes something.
    Store,
}

impl Trust {
    /// What a request needs that changes something, or does not.
    pub(crate) fn of(changes: bool) -> Self {
        if changes { Self::Store } else { Self::Cache }
    }
}

/// What an isolate knows of sessions, tokens and share links.
pub(crate) struct Gate {
    sessions: Cache<SignedIn>,
    people: Cache<PersonRow>,
    tokens: Cache<TokenRow>,
    shares: Cache<ShareRow>,
    keys: Cache<TokenRow>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            sessions: Cache::new(READING),
            people: Cache::new(READING),
            tokens: Cache::new(READING),
            shares: Cache::new(READING),
            keys: Cache::new(SENDING),
        }
    }

    /// Forgets everything: something was changed by this isolate.
    pub(crate) fn forget(&self) {
        self.sessions.clear();
        self.people.clear();
        self.tokens.clear();
        self.shares.clear();
        self.keys.clear();
    }

    /// The person whose session the request carries.
    pub(crate) async fn signed_in(
        &self,
        accounts: &Accounts,
        request: &Request,
        platform: &dyn Platform,
        trust: Trust,
    ) -> Result<Option<Rc<SignedIn>>, StoreError> {
        let Some(cookie) = Cookie::Session.of(request) else { return Ok(None) };
        let Some(ids) = secret::read_session(cookie) else { return Ok(None) };
        let (hash, now) = (secret::hash(cookie), request.received_at);
        let load = async || {
            let found = accounts.person_and_session(ids.person, ids.session).await?;
            Ok(found.map(|(person, session)| SignedIn { person, session }))
        };
        let found = look(accounts, &self.sessions, &hash, trust, load).await?;
        let found = found.filter(|it| it.session.accepts(&hash, it.person.generation, now));
        if let Some(it) = &found
            && it.session.last_seen != SessionRow::seen(now)
        {
            let (accounts, it) = (accounts.clone(), Rc::clone(it));
            // The cached row as it was would have it noted again with every request.
            let session = SessionRow { last_seen: SessionRow::seen(now), ..it.session.clone() };
            let noted = SignedIn { person: it.person.clone(), session };
            self.sessions.put(hash, Some(noted), accounts.now());
            platform.background(Box::pin(async move {
                if let Err(error) = accounts.touch_session(&it.person.id, &it.session, now).await {
                    log::write(Level::Error, "session not noted", &[("error", error.to_string().into())]);
                }
            }));
        }
        Ok(found)
    }

    /// Who makes a request: the holder of a bearer token, or else of a session. A token that is not good is not made
    /// up for by a cookie.
    pub(crate) async fn principal(
        &self,
        accounts: &Accounts,
        config: &Config,
        request: &Request,
        platform: &dyn Platform,
        trust: Trust,
    ) -> Result<Principal, StoreError> {
        if let Some(authorization) = request.header("authorization") {
            let Some(bearer) = bearer(authorization) else { return Ok(Principal::Nobody) };
            return match bearer.strip_prefix("lia_") {
                Some(_) => self.share(accounts, config, bearer, request, trust).await,
                None => self.token(accounts, bearer, request, platform, trust).await,
            };
        }
        Ok(match self.signed_in(accounts, request, platform, trust).await? {
            Some(it) => Principal::Person {
                id: it.person.id.clone(),
                session: it.session.id.clone(),
                rights: it.person.rights.clone(),
            },
            None => Principal::Nobody,
        })
    }

    /// The reader whose opened share link the request carries as a cookie.
    pub(crate) async fn reader(
        &self,
        accounts: &Accounts,
        config: &Config,
        request: &Request,
        trust: Trust,
    ) -> Result<Principal, StoreError> {
        match Cookie::Share.of(request) {
            Some(access) => self.share(accounts, config, access, request, trust).await,
            None => Ok(Principal::Nobody),
        }
    }

    async fn token(
        &self,
        accounts: &Accounts,
        presented: &str,
        request: &Request,
        platform: &dyn Platform,
        trust: Trust,
    ) -> Result<Principal, StoreError> {
        let now = request.received_at;
        let Some((Kind::Token, id)) = secret::read(presented) else { return Ok(Principal::Nobody) };
        let load = async || accounts.find::<TokenRow>(id).await;
        let found = look(accounts, &self.tokens, id, trust, load).await?;
        let Some(row) = found.filter(|row| is_good(row, presented, now)) else {
            return Ok(Principal::Nobody);
        };
        let maker = row.token.person_id.as_str();
        let load = async || accounts.person(maker).await;
        let person = look(accounts, &self.people, maker, trust, load).await?;
        let Some(person) = person else { return Ok(Principal::Nobody) };
        if row.token.last_used != Some(token_day(now)) {
            let mut noted = TokenRow::clone(&row);
            noted.token.last_used = Some(token_day(now));
            self.tokens.put(id.to_owned(), Some(noted), accounts.now());
            let (accounts, id) = (accounts.clone(), id.to_owned());
            platform.background(Box::pin(async move { note_use(&accounts, &id, now).await }));
        }
        Ok(Principal::Token {
            id: id.to_owned(),
            person: maker.to_owned(),
            rights: person.rights.clone(),
            scopes: row.token.scopes.clone(),
            site: row.token.site_id.clone(),
        })
    }

    async fn share(
        &self,
        accounts: &Accounts,
        config: &Config,
        presented: &str,
        request: &Request,
        trust: Trust,
    ) -> Result<Principal, StoreError> {
        let now = request.received_at;
        let Some((id, expiry)) = read_access(presented) else { return Ok(Principal::Nobody) };
        let load = async || accounts.find::<ShareRow>(id).await;
        let found = look(accounts, &self.shares, id, trust, load).await?;
        let good = found.filter(|row| {
            let right = access_token(&config.session_secret, row, expiry);
            same_secret(&right, presented) && now / 1_000 < expiry && share_lasts(row, now)
        });
        Ok(good.map_or(Principal::Nobody, |row| Principal::Share {
            id: row.share.id.clone(),
            site: row.share.site_id.clone(),
            filter: row.share.filter.clone(),
        }))
    }

    /// Whether `presented` lets a server send events to a site: the installation's ingest key, or a token with the
    /// scope `ingest` of that site. The person who made the token may be gone: events must not be lost over it.
    pub(crate) async fn ingest_allowed(
        &self,
        accounts: &Accounts,
        config: &Config,
        site: &SiteId,
        presented: &str,
    ) -> Result<bool, StoreError> {
        if config.ingest_key.as_deref().is_some_and(|key| same_secret(key, presented)) {
            return Ok(true);
        }
        let Some((Kind::Token, id)) = secret::read(presented) else { return Ok(false) };
        let now = accounts.now();
        let load = async || {
            let found = accounts.find::<TokenRow>(id).await?;
            if let Some(row) = &found
                && row.token.last_used != Some(token_day(now))
                && is_good(row, presented, now)
            {
                note_use(accounts, id, now).await;
            }
            Ok(found)
        };
        let found = cached(accounts, &self.keys, id, load).await?;
        Ok(found.is_some_and(|row| {
            is_good(&row, presented, now)
                && row.token.scopes.contains(&Scope::Ingest)
                && row.token.site_id.as_deref() == Some(site.as_str())
        }))
    }
}

/// What the cache knows, or else the store; if the cache is not trusted always the store.
async fn look<V: 'static, F>(
    accounts: &Accounts,
    cache: &Cache<V>,
    key: &str,
    trust: Trust,
    load: impl FnOnce() -> F,
) -> Result<Option<Rc<V>>, StoreError>
where
    F: Future<Output = Result<Option<V>, StoreError>>,
{
    if trust == Trust::Cache {
        return cached(accounts, cache, key, load).await;
    }
    load().await.map(|value| cache.put(key.to_owned(), value, accounts.now()))
}

async fn note_use(accounts: &Accounts, id: &str, now: u64) {
    if let Err(error) = accounts.touch_token(id, now).await {
        log::write(Level::Error, "token's use not noted", &[("error", error.to_string().into())]);
    }
}

fn is_good(row: &TokenRow, presented: &str, now: u64) -> bool {
    same_secret(&row.hash, &secret::hash(presented)) && row.token.expires_at.is_none_or(|end| now < end)
}

/// Whether a share link has not ended.
pub(crate) fn share_lasts(row: &ShareRow, now: u64) -> bool {
    row.share.expires_at.is_none_or(|end| now < end)
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What the reader of an opened share link shows: the share, an end in Unix seconds, and our word for both. It is
/// void as soon as the link gets another secret or password.
pub(crate) fn access_token(key: &str, row: &ShareRow, expiry: u64) -> String {
    let (id, end) = (row.share.id.as_str(), expiry.to_string());
    let password = row.password.as_deref().unwrap_or_default();
    let tag = secret::keyed_hex(key, "share", &[id, &end, &row.hash, password]);
    format!("lia_{id}_{end}_{tag}")
}

fn read_access(text: &str) -> Option<(&str, u64)> {
    let mut parts = text.strip_prefix("lia_")?.split('_');
    let (id, expiry, _tag) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    (secret::is_id(id) && parts.next().is_none()).then_some((id, expiry))
}

#[cfg(test)]
mod tests {
    use protocol::account::{Share, ShareFilter};

    use super::*;

    fn row() -> ShareRow {
        let share = Share {
            id: "00112233445566aa".into(),
            site_id: "shop".into(),
            name: String::new(),
            has_password: false,
            filter: ShareFilter::default(),
            created_at: 0,
            expires_at: Some(2_000),
        };
        ShareRow { share, hash: "h".into(), password: None }
    }

    #[test]
    fn access_to_a_share_ends_with_its_secret_or_password() {
        let token = access_token("key", &row(), 99);
        assert_eq!(read_access(&token), Some(("00112233445566aa", 99)));
        assert_ne!(token, access_token("other", &row(), 99));
        assert_ne!(token, access_token("key", &ShareRow { hash: "i".into(), ..row() }, 99));
        assert_ne!(token, access_token("key", &ShareRow { password: Some("p".into()), ..row() }, 99));
        assert!(share_lasts(&row(), 1_999) && !share_lasts(&row(), 2_000));
    }

    #[test]
    fn what_is_no_access_token_is_not_read() {
        for text in
            ["", "lia_", "lia_00112233445566aa", "lia_00112233445566aa_x_y", "lia_00112233445566aa_1_y_z"]
        {
            assert_eq!(read_access(text), None, "{text}");
        }
        assert_eq!(bearer("Bearer  x "), Some("x"));
        assert_eq!(bearer("bearer x"), Some("x"));
        assert_eq!(bearer("Basic x"), None);
        assert_eq!(bearer("x"), None);
    }
}
