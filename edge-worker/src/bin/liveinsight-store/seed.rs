//! What `npm start` needs to be there: an owner and the sites it was told of. May be run at every start: what people
//! have changed since is left alone.

use edge_worker::auth::password;
use edge_worker::site::Site;
use edge_worker::site_rules;
use edge_worker::store::accounts::{Entry, StoredSite};
use protocol::account::normal_email;
use serde::Deserialize;
use serde_json::json;

use crate::Failure;
use crate::admin::Admin;

/// What is wanted, on standard input.
#[derive(Deserialize)]
struct Wanted {
    email: String,
    password: String,
    /// Whether the password is the owner's from now on, whatever it was.
    set_password: bool,
    secret_key: String,
    sites: Vec<Site>,
}

pub(crate) async fn run(admin: &Admin<'_>) -> Result<(), Failure> {
    let wanted: Wanted = serde_json::from_reader(std::io::stdin().lock())
        .map_err(|error| format!("line {}, column {}: not what is taken", error.line(), error.column()))?;
    let password = owner(admin, &wanted).await?;
    for site in wanted.sites {
        seed_site(admin, site, &wanted.secret_key).await?;
    }
    println!("{}", json!({ "password": password }));
    Ok(())
}

/// What became of the password: `right` when the owner can sign in with it, `other` when the owner has chosen
/// another one, `gone` when there is no such person.
async fn owner(admin: &Admin<'_>, wanted: &Wanted) -> Result<&'static str, Failure> {
    let email = normal_email(&wanted.email).ok_or("this is no e-mail address")?;
    let Some(person) = admin.accounts.person_by_email(&email).await? else {
        if admin.accounts.is_set_up().await? {
            return Ok("gone");
        }
        admin.create_owner(&email, "Owner", &wanted.password, Entry::First).await?;
        return Ok("right");
    };
    if password::matches(&wanted.password, &person.password) == Some(true) {
        return Ok("right");
    }
    if !wanted.set_password {
        return Ok("other");
    }
    admin.set_password(&person, &wanted.password).await?;
    Ok("right")
}

/// Makes a site, or adds the domains it lacks: the ports of the demo shop change.
async fn seed_site(admin: &Admin<'_>, site: Site, secret_key: &str) -> Result<(), Failure> {
    let Some(StoredSite { site: kept, version }) = admin.accounts.site(site.id.as_str()).await? else {
        return admin.create_site(site, secret_key).await.map(drop);
    };
    let site = site_rules::normal(site, None, secret_key)?;
    let missing: Vec<String> = site.domains.into_iter().filter(|domain| !kept.has_domain(domain)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let old = StoredSite { site: kept.clone(), version };
    let mut changed = kept;
    changed.domains.extend(missing);
    // Of many starts on ever other ports the oldest are of no use to anyone.
    let changed = Site { domains: newest(changed.domains), ..changed };
    let changed = site_rules::normal(changed, Some(&old.site), secret_key)?;
    let done = admin.accounts.change_site(&old, &changed, &admin.uuid()).await?;
    done.map_err(|_| "somebody changed the site meanwhile; try again")?;
    admin.note("site.changed", changed.id.as_str(), Some(changed.id.as_str())).await
}

/// As many of the last domains as a site may have.
fn newest(domains: Vec<String>) -> Vec<String> {
    let first = domains.len().saturating_sub(site_rules::MAX_DOMAINS);
    domains.into_iter().skip(first).collect()
}
