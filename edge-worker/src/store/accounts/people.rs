//! People: unique by e-mail address, and never without an owner.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use protocol::account::{Person, Role, SiteGrant};

use super::Accounts;
use super::rows::{Expression, Unmet, key, n, number, s, text};
use crate::auth::access::Rights;
use crate::order;
use crate::store::StoreError;
use crate::store::items::Item;

const PEOPLE: &str = "people";

/// A person's second factor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SecondFactor {
    /// There is none.
    #[default]
    Off,
    /// It waits for its first code.
    Pending {
        /// What its secret is derived from.
        nonce: String,
    },
    /// It is asked for.
    On {
        /// What its secret is derived from.
        nonce: String,
        /// The last step whose code was used.
        last_step: u64,
        /// Recovery codes that are left.
        recovery_left: usize,
    },
}

/// A person, with what only the server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Names the person.
    pub id: String,
    /// E-mail address in its normal form.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// The roles.
    pub rights: Rights,
    /// argon2id hash of the password.
    pub password: String,
    /// Sessions of another generation are void.
    pub generation: u64,
    /// The second factor.
    pub second_factor: SecondFactor,
    /// When the person came in, Unix milliseconds.
    pub created_at: u64,
}

impl PersonRow {
    /// What others may know.
    pub fn public(&self) -> Person {
        let grants = self.rights.grants.iter();
        Person {
            id: self.id.clone(),
            email: self.email.clone(),
            name: self.name.clone(),
            role: self.rights.everywhere,
            grants: grants.map(|(site, role)| SiteGrant { site_id: site.clone(), role: *role }).collect(),
            totp: matches!(self.second_factor, SecondFactor::On { .. }),
            created_at: self.created_at,
        }
    }
}

/// Why a person was not made, changed or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonConflict {
    /// Another person has the address.
    EmailTaken,
    /// There is an owner already.
    AlreadySetUp,
    /// Nobody else is an owner.
    LastOwner,
    /// The invitation was used, or taken back.
    InvitationGone,
    /// Somebody else was quicker.
    Changed,
}

/// How a person comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// As the first owner: only while there is none.
    First,
    /// By an invitation, which is used up.
    Invited(&'a str),
    /// By hand of who runs the installation.
    Command,
}

impl Accounts {
    /// The person of that id.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; so in all methods of this type.
    pub async fn person(&self, id: &str) -> Result<Option<PersonRow>, StoreError> {
        Ok(self.get(PEOPLE, id).await?.as_ref().and_then(read))
    }

    /// The person with that address, which has to be in its normal form.
    pub async fn person_by_email(&self, email: &str) -> Result<Option<PersonRow>, StoreError> {
        let Some(found) = self.get(&email_key(email), "person").await? else { return Ok(None) };
        self.person(text(&found, "person_id")).await
    }

    /// Everyone, by address.
    pub async fn people(&self) -> Result<Vec<PersonRow>, StoreError> {
        let people = self.all(PEOPLE).await?.iter().filter_map(read).collect();
        Ok(order::by_text(people, |person: &PersonRow| person.email.clone()))
    }

    /// Whether there has ever been an owner.
    pub async fn is_set_up(&self) -> Result<bool, StoreError> {
        Ok(self.get("instance", "owners").await?.is_some())
    }

    /// Lets a person in.
    pub async fn create_person(
        &self,
        person: &PersonRow,
        entry: Entry<'_>,
        operation: &str,
    ) -> Result<Result<(), PersonConflict>, StoreError> {
        let new = Expression::default().condition("attribute_not_exists(#pk)");
        let mut lookup = key(&email_key(&person.email), "person");
        lookup.insert("person_id".into(), s(&person.id));
        let mut parts = vec![self.put_in(row(person), &new)?, self.put_in(lookup, &new)?];
        if person.rights.everywhere == Some(Role::Owner) {
            let mut count = Expression::new("ADD #count :one").value(":one", n(1));
            if entry == Entry::First {
                count = count.condition("attribute_not_exists(#pk)");
            }
            parts.push(self.update_in("instance", "owners", &count)?);
        }
        if let Entry::Invited(id) = entry {
            let there = Expression::default().condition("attribute_exists(#pk)");
            parts.push(self.delete_in("invitations", id, &there)?);
        }
        Ok(self.transact(operation, parts).await?.map_err(|failed| match failed.as_slice() {
            [_, _, true, ..] if entry == Entry::First => PersonConflict::AlreadySetUp,
            [.., true] if matches!(entry, Entry::Invited(_)) => PersonConflict::InvitationGone,
            [_, true, ..] => PersonConflict::EmailTaken,
            _ => PersonConflict::Changed,
        }))
    }

    /// Gives a person another name and another role everywhere.
    pub async fn change_person(
        &self,
        person: &PersonRow,
        name: &str,
        role: Option<Role>,
        operation: &str,
    ) -> Result<Result<(), PersonConflict>, StoreError> {
        let old = person.rights.everywhere;
        let set = match role {
            Some(role) => {
                Expression::new("SET #name = :name, #role = :role").value(":role", s(role.as_str()))
            }
            None => Expression::new("SET #name = :name REMOVE #role"),
        };
        let update = unchanged(set, old).value(":name", s(name));
        let mut parts = vec![self.update_in(PEOPLE, &person.id, &update)?];
        match (old == Some(Role::Owner), role == Some(Role::Owner)) {
            (true, false) => parts.push(self.one_owner_less()?),
            (false, true) => {
                let more = Expression::new("ADD #count :one").value(":one", n(1));
                parts.push(self.update_in("instance", "owners", &more)?);
            }
            _ => {}
        }
        Ok(self.transact(operation, parts).await?.map_err(|failed| conflict(&failed)))
    }

    /// Removes a person, with all that the person's sessions could do.
    pub async fn remove_person(
        &self,
        person: &PersonRow,
        operation: &str,
    ) -> Result<Result<(), PersonConflict>, StoreError> {
        let condition = unchanged(Expression::default(), person.rights.everywhere);
        let mut parts = vec![self.delete_in(PEOPLE, &person.id, &condition)?];
        if person.rights.everywhere == Some(Role::Owner) {
            parts.push(self.one_owner_less()?);
        }
        parts.push(self.delete_in(&email_key(&person.email), "person", &Expression::default())?);
        let done = self.transact(operation, parts).await?.map_err(|failed| conflict(&failed));
        if done.is_ok() {
            // Without the person they are void already; this only tidies up.
            self.delete_sessions(&person.id).await?;
        }
        Ok(done)
    }

    fn one_owner_less(&self) -> Result<aws_sdk_dynamodb::types::TransactWriteItem, StoreError> {
        let less = Expression::new("ADD #count :less")
            .condition("#count > :one")
            .value(":less", n(-1))
            .value(":one", n(1));
        self.update_in("instance", "owners", &less)
    }

    /// Gives a person another password. Every session of before is void.
    pub async fn set_password(&self, person: &str, password: &str) -> Result<bool, StoreError> {
        let update = Expression::new("SET #password = :password ADD #generation :one")
            .condition("attribute_exists(#pk)")
            .value(":password", s(password))
            .value(":one", n(1));
        Ok(self.update(PEOPLE, person, update).await?.is_ok())
    }

    /// Ends all sessions of a person at once.
    pub async fn end_sessions(&self, person: &str) -> Result<bool, StoreError> {
        let update =
            Expression::new("ADD #generation :one").condition("attribute_exists(#pk)").value(":one", n(1));
        let there = self.update(PEOPLE, person, update).await?.is_ok();
        // Void already; this only tidies up.
        self.delete_sessions(person).await?;
        Ok(there)
    }

    /// Gives a person a role at a site, or takes it away. `false` when there is no such person.
    pub async fn set_grant(&self, person: &str, site: &str, role: Option<Role>) -> Result<bool, StoreError> {
        let update = match role {
            Some(role) => Expression::new("SET #grants.#site = :role").value(":role", s(role.as_str())),
            None => Expression::new("REMOVE #grants.#site"),
        };
        let update = update.name("#site", site).condition("attribute_exists(#pk)");
        Ok(self.update(PEOPLE, person, update).await? != Err(Unmet))
    }
}

fn email_key(email: &str) -> String {
    format!("email#{email}")
}

/// On condition that the role everywhere is still the one that was looked at.
fn unchanged(expression: Expression, role: Option<Role>) -> Expression {
    match role {
        Some(role) => expression.condition("#role = :old").value(":old", s(role.as_str())),
        None => expression.condition("attribute_exists(#pk) AND attribute_not_exists(#role)"),
    }
}

fn conflict(failed: &[bool]) -> PersonConflict {
    match failed {
        [false, true, ..] => PersonConflict::LastOwner,
        _ => PersonConflict::Changed,
    }
}

fn row(person: &PersonRow) -> Item {
    let grants = person.rights.grants.iter().map(|(site, role)| (site.clone(), s(role.as_str())));
    let mut item = key(PEOPLE, &person.id);
    item.extend([
        ("email".to_owned(), s(&person.email)),
        ("name".to_owned(), s(&person.name)),
        ("grants".to_owned(), AttributeValue::M(grants.collect())),
        ("password".to_owned(), s(&person.password)),
        ("generation".to_owned(), n(person.generation)),
        ("created_at".to_owned(), n(person.created_at)),
    ]);
    if let Some(role) = person.rights.everywhere {
        item.insert("role".into(), s(role.as_str()));
    }
    item
}

/// Reads a person's row. What is unreadable in it gives no rights.
pub(super) fn read(item: &Item) -> Option<PersonRow> {
    let empty = HashMap::new();
    let grants = item.get("grants").and_then(|value| value.as_m().ok()).unwrap_or(&empty);
    let mut roles = BTreeMap::new();
    for (site, role) in grants {
        if let Some(role) = role.as_s().ok().and_then(|role| Role::from_name(role)) {
            roles.insert(site.clone(), role);
        }
    }
    let nonce = text(item, "totp_nonce").to_owned();
    let on = item.get("totp_on").and_then(|value| value.as_bool().ok()) == Some(&true);
    let second_factor = match (nonce.is_empty(), on) {
        (true, _) => SecondFactor::Off,
        (false, false) => SecondFactor::Pending { nonce },
        (false, true) => SecondFactor::On {
            nonce,
            last_step: number(item, "totp_step").unwrap_or(0),
            recovery_left: item.get("recovery").and_then(|v| v.as_ss().ok()).map_or(0, Vec::len),
        },
    };
    Some(PersonRow {
        id: text(item, "sk").to_owned(),
        email: text(item, "email").to_owned(),
        name: text(item, "name").to_owned(),
        rights: Rights { everywhere: Role::from_name(text(item, "role")), grants: roles },
        password: text(item, "password").to_owned(),
        generation: number(item, "generation")?,
        second_factor,
        created_at: number(item, "created_at")?,
    })
}
