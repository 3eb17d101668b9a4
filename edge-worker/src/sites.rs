//! Finding a site by what a request says of it.

use std::rc::Rc;

use protocol::SiteId;

use crate::site::{Site, host_of_origin};
use crate::store::StoreError;

/// The sites of this installation.
pub struct Sites {
    fixed: Vec<Rc<Site>>,
}

impl Sites {
    /// Sites that are given by the environment.
    pub fn new(fixed: Vec<Site>) -> Self {
        Self { fixed: fixed.into_iter().map(Rc::new).collect() }
    }

    /// The site of that id.
    ///
    /// # Errors
    /// [`StoreError`] when the store has to be asked and does not answer.
    pub async fn by_id(&self, id: &SiteId) -> Result<Option<Rc<Site>>, StoreError> {
        Ok(self.fixed.iter().find(|site| site.id == *id).cloned())
    }

    /// The site that a sender of another product calls so: by id, alias or domain.
    ///
    /// # Errors
    /// As [`Sites::by_id`].
    pub async fn by_name(&self, name: &str) -> Result<Option<Rc<Site>>, StoreError> {
        if let Ok(id) = SiteId::parse(name)
            && let Some(site) = self.by_id(&id).await?
        {
            return Ok(Some(site));
        }
        let named =
            |site: &&Rc<Site>| site.aliases.iter().any(|alias| alias == name) || site.has_domain(name);
        Ok(self.fixed.iter().find(named).cloned())
    }

    /// Whether some site takes events from pages of this origin.
    ///
    /// # Errors
    /// As [`Sites::by_id`].
    pub async fn knows_origin(&self, origin: &str) -> Result<bool, StoreError> {
        Ok(host_of_origin(origin).is_some_and(|host| self.fixed.iter().any(|site| site.has_domain(host)))
            || origin == "null" && self.fixed.iter().any(|site| site.allow_null_origin))
    }
}
