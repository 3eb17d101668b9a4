//! What people saved at a site: goals, segments of visitors, funnels, annotations.

use protocol::saved::{AllSaved, Saved, SavedKind};
use serde::de::DeserializeOwned;

use super::Accounts;
use super::rows::{key, s, text};
use crate::order;
use crate::store::StoreError;
use crate::store::items::Item;

fn partition(site: &str) -> String {
    format!("saved#{site}")
}

fn sort_key(kind: SavedKind, id: &str) -> String {
    format!("{}#{id}", kind.name())
}

impl Accounts {
    /// All that is saved at a site, by name; annotations by time.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; so in all methods of this type.
    pub async fn saved(&self, site: &str) -> Result<AllSaved, StoreError> {
        let mut all = AllSaved::default();
        for item in self.all(&partition(site)).await? {
            match text(&item, "sk").split_once('#') {
                Some(("goal", id)) => all.goals.extend(read(&item, id)),
                Some(("segment", id)) => all.segments.extend(read(&item, id)),
                Some(("funnel", id)) => all.funnels.extend(read(&item, id)),
                Some(("annotation", id)) => all.annotations.extend(read(&item, id)),
                // Of a newer version.
                _ => {}
            }
        }
        all.goals = order::by_text(all.goals, |it| it.what.name.clone());
        all.segments = order::by_text(all.segments, |it| it.what.name.clone());
        all.funnels = order::by_text(all.funnels, |it| it.what.name.clone());
        all.annotations.sort_by(|a, b| a.what.at.cmp(&b.what.at).then_with(|| a.id.cmp(&b.id)));
        Ok(all)
    }

    /// Saves something, printed as JSON, over what is there under its id.
    pub async fn save(&self, site: &str, kind: SavedKind, id: &str, doc: &str) -> Result<(), StoreError> {
        let mut item = key(&partition(site), &sort_key(kind, id));
        item.insert("doc".into(), s(doc));
        self.put(item).await
    }

    /// Forgets what is saved under an id.
    pub async fn unsave(&self, site: &str, kind: SavedKind, id: &str) -> Result<(), StoreError> {
        self.delete(&partition(site), &sort_key(kind, id)).await
    }
}

/// `None` for what a newer version wrote in a form unknown here.
fn read<T: DeserializeOwned>(item: &Item, id: &str) -> Option<Saved<T>> {
    let what = serde_json::from_str(text(item, "doc")).ok()?;
    Some(Saved { id: id.to_owned(), what })
}
