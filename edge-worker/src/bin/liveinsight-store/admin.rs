//! Looking after people and sites without being signed in.

use analytics::DAY_MS;
use edge_worker::auth::access::Rights;
use edge_worker::auth::password;
use edge_worker::auth::secret::{self, Kind};
use edge_worker::platform::Platform;
use edge_worker::site::Site;
use edge_worker::site_rules;
use edge_worker::store::Store;
use edge_worker::store::accounts::{
    Accounts, Entry, PersonConflict, PersonRow, SecondFactor, SiteConflict, TokenRow,
};
use protocol::SiteId;
use protocol::account::{ApiToken, AuditEntry, Role, Scope, normal_email};

use crate::Failure;
use crate::command::AdminCommand;
use crate::terminal::Terminal;

/// The table and the machine.
pub(crate) struct Admin<'a> {
    pub(crate) accounts: Accounts,
    store: &'a Store,
    terminal: Terminal,
}

impl<'a> Admin<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { accounts: store.accounts(), store, terminal: Terminal }
    }

    pub(crate) async fn run(&self, command: AdminCommand) -> Result<(), Failure> {
        match command {
            AdminCommand::CreateOwner { email, name, password_stdin } => {
                let (password, made) = self.password(password_stdin)?;
                let person = self.create_owner(&email, &name, &password, Entry::Command).await?;
                println!("{} is an owner", person.email);
                tell(made);
            }
            AdminCommand::ResetPassword { email, password_stdin } => {
                let person = self.person(&email).await?;
                let (password, made) = self.password(password_stdin)?;
                self.set_password(&person, &password).await?;
                println!("{} has another password and is signed out everywhere", person.email);
                tell(made);
            }
            AdminCommand::DisableTotp { email } => {
                let person = self.person(&email).await?;
                self.accounts.disable_totp(&person.id).await?;
                self.note("totp.disabled", &person.id, None).await?;
                println!("{} has no second factor any more", person.email);
            }
            AdminCommand::RevokeSessions { email } => {
                let person = self.person(&email).await?;
                self.accounts.end_sessions(&person.id).await?;
                self.note("session.all_ended", &person.id, None).await?;
                println!("{} is signed out everywhere", person.email);
            }
            AdminCommand::SetRole { email, role } => self.set_role(&email, role).await?,
            AdminCommand::AddSite { id, domains, name, time_zone } => {
                let mut site = Site { name, domains, ..Site::new(SiteId::parse(&id)?) };
                site.time_zone = time_zone.unwrap_or(site.time_zone);
                let site = self.create_site(site, "").await?;
                println!("{} takes events of {}", site.id, site.domains.join(", "));
            }
            AdminCommand::NewToken { email, name, scopes, site, days } => {
                self.new_token(&email, &name, scopes, site, days).await?;
            }
            AdminCommand::List => self.list().await?,
        }
        Ok(())
    }

    /// A password that is typed, or one that is made.
    fn password(&self, stdin: bool) -> Result<(String, Option<String>), Failure> {
        if stdin {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)?;
            return Ok((line.trim_end_matches(['\r', '\n']).to_owned(), None));
        }
        // 80 bits in four groups, without letters that look like digits.
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let letters =
            secret::random::<16>(&self.terminal).map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        let made = groups.join("-");
        Ok((made.clone(), Some(made)))
    }

    fn hash(&self, chosen: &str, email: &str) -> Result<String, Failure> {
        if let Some(complaint) = password::complaint(chosen, email) {
            return Err(complaint.into());
        }
        password::hash(chosen, &secret::random(&self.terminal)).ok_or_else(|| "argon2 refuses to work".into())
    }

    async fn person(&self, email: &str) -> Result<PersonRow, Failure> {
        let normal = normal_email(email).ok_or("this is no e-mail address")?;
        self.accounts
            .person_by_email(&normal)
            .await?
            .ok_or_else(|| "there is nobody with this address".into())
    }

    pub(crate) async fn create_owner(
        &self,
        email: &str,
        name: &str,
        chosen: &str,
        entry: Entry<'_>,
    ) -> Result<PersonRow, Failure> {
        let email = normal_email(email).ok_or("this is no e-mail address")?;
        let person = PersonRow {
            id: secret::id(&self.terminal),
            password: self.hash(chosen, &email)?,
            email,
            name: name.to_owned(),
            rights: Rights { everywhere: Some(Role::Owner), ..Rights::default() },
            generation: 0,
            second_factor: SecondFactor::Off,
            created_at: self.terminal.now(),
        };
        let done = self.accounts.create_person(&person, entry, &self.uuid()).await?;
        done.map_err(|conflict| match conflict {
            PersonConflict::EmailTaken => "somebody has this address already; see `admin set-role`",
            PersonConflict::AlreadySetUp => "there is an owner already",
            _ => "somebody was quicker; try again",
        })?;
        self.note("person.entered", &person.id, None).await?;
        Ok(person)
    }

    pub(crate) async fn set_password(&self, person: &PersonRow, chosen: &str) -> Result<(), Failure> {
        let hash = self.hash(chosen, &person.email)?;
        self.accounts.set_password(&person.id, &hash).await?;
        self.note("person.password_changed", &person.id, None).await
    }

    async fn set_role(&self, email: &str, role: Option<Role>) -> Result<(), Failure> {
        let person = self.person(email).await?;
        let done = self.accounts.change_person(&person, &person.name, role, &self.uuid()).await?;
        done.map_err(|conflict| match conflict {
            PersonConflict::LastOwner => "this is the last owner; make another one first",
            _ => "somebody changed this meanwhile; try again",
        })?;
        self.note("person.role_changed", &person.id, None).await?;
        println!("{} is {} now", person.email, role.map_or("without a role everywhere", Role::as_str));
        Ok(())
    }

    pub(crate) async fn create_site(&self, site: Site, secret_key: &str) -> Result<Site, Failure> {
        let mut site = site_rules::normal(site, None, secret_key)?;
        site.created_at = self.store.new_since(&site.id, self.terminal.now()).await?;
        let done = self.accounts.create_site(&site, &self.uuid()).await?;
        let site = done.map_err(|conflict| match conflict {
            SiteConflict::IdTaken => "there is a site of this id already",
            SiteConflict::BeingDeleted => "a site of this id is still being deleted; try again later",
            SiteConflict::AliasTaken(_) => "another site has one of the aliases",
            SiteConflict::Changed => "somebody was quicker; try again",
        })?;
        self.note("site.created", site.id.as_str(), Some(site.id.as_str())).await?;
        Ok(site)
    }

    async fn new_token(
        &self,
        email: &str,
        name: &str,
        scopes: Vec<Scope>,
        site: Option<String>,
        days: Option<u32>,
    ) -> Result<(), Failure> {
        let person = self.person(email).await?;
        if scopes.contains(&Scope::Ingest) && site.is_none() {
            return Err("the scope `ingest` needs a --site".into());
        }
        if let Some(id) = &site
            && self.accounts.site(id).await?.is_none()
        {
            return Err("there is no site of this id in the store".into());
        }
        let (now, fresh) = (self.terminal.now(), secret::make(Kind::Token, &self.terminal));
        let token = ApiToken {
            prefix: secret::shown_prefix(&fresh.text).to_owned(),
            id: fresh.id,
            name: name.to_owned(),
            scopes,
            site_id: site,
            person_id: person.id,
            created_at: now,
            expires_at: days.map(|days| now + u64::from(days) * DAY_MS),
            last_used: None,
        };
        let row = TokenRow { token, hash: fresh.hash };
        self.accounts.keep(&row).await?;
        self.note("token.made", &row.token.id, row.token.site_id.as_deref()).await?;
        println!("{}", fresh.text);
        Ok(())
    }

    async fn list(&self) -> Result<(), Failure> {
        for person in self.accounts.people().await? {
            let role = person.rights.everywhere.map_or("-", Role::as_str);
            let totp = if matches!(person.second_factor, SecondFactor::On { .. }) { "totp" } else { "" };
            let grants = person.rights.grants.iter().map(|(site, role)| format!("{site}:{}", role.as_str()));
            println!("person  {}  {role}  {}  {totp}", person.email, grants.collect::<Vec<_>>().join(" "));
        }
        for stored in self.accounts.sites().await? {
            println!("site    {}  {}  {}", stored.site.id, stored.site.name, stored.site.domains.join(" "));
        }
        for row in self.accounts.list::<TokenRow>().await? {
            let scopes: Vec<&str> = row.token.scopes.iter().map(|scope| scope.as_str()).collect();
            let site = row.token.site_id.as_deref().unwrap_or("every site of its maker");
            println!("token   {}…  {}  {}  {site}", row.token.prefix, row.token.name, scopes.join(","));
        }
        Ok(())
    }

    pub(crate) fn uuid(&self) -> String {
        let random = || u64::from_le_bytes(secret::random(&self.terminal));
        let text = protocol::ids::fresh(self.terminal.now(), [random(), random()]);
        String::from_utf8_lossy(&text).into_owned()
    }

    pub(crate) async fn note(&self, action: &str, target: &str, site: Option<&str>) -> Result<(), Failure> {
        let entry = AuditEntry {
            id: self.uuid(),
            at: self.terminal.now(),
            actor: "command-line".into(),
            action: action.into(),
            target: target.into(),
            site_id: site.map(str::to_owned),
        };
        Ok(self.accounts.append_audit(&entry).await?)
    }
}

fn tell(made: Option<String>) {
    if let Some(password) = made {
        println!("password: {password}");
    }
}
