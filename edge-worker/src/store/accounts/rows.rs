//! Reading and writing rows of one table: the few calls that everything else is made of.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Accounts;
use crate::store::StoreError;
pub(super) use crate::store::calls::key;
use crate::store::items::Item;
pub(super) use crate::store::rows::{number, text};

/// A condition that did not hold: somebody was quicker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unmet;

/// Part of an update or a transaction: an expression with its names (`#x`) and values (`:x`).
#[derive(Debug, Clone, Default)]
pub(super) struct Expression {
    text: String,
    condition: Option<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Every `#x` in the texts stands for the attribute `x`.
    pub(super) fn condition(mut self, text: &str) -> Self {
        self.condition = Some(text.into());
        self
    }

    pub(super) fn name(mut self, placeholder: &str, name: &str) -> Self {
        self.names.insert(placeholder.into(), name.into());
        self
    }

    pub(super) fn value(mut self, placeholder: &str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.into(), value);
        self
    }

    fn names(&self) -> Option<HashMap<String, String>> {
        let mut names = self.names.clone();
        let texts = [self.text.as_str(), self.condition.as_deref().unwrap_or_default()];
        for part in texts.iter().flat_map(|text| text.split('#').skip(1)) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
            let name = &part[..end];
            names.entry(format!("#{name}")).or_insert_with(|| name.to_owned());
        }
        (!names.is_empty()).then_some(names)
    }

    fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

pub(super) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn n(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// Unix seconds at which the bin man may have what ends at `unix_ms`.
pub(super) fn bin_day(unix_ms: u64) -> AttributeValue {
    n(unix_ms.div_ceil(1_000))
}

/// A value as a JSON attribute.
pub(super) fn json(value: &impl Serialize) -> Result<AttributeValue, StoreError> {
    serde_json::to_string(value).map(s).map_err(|_| StoreError::unbuildable("PutItem"))
}

/// The value of a JSON attribute; `None` for a row that a newer version wrote in a form unknown here.
pub(super) fn read_json<T: DeserializeOwned>(item: &Item, name: &str) -> Option<T> {
    serde_json::from_slice(text(item, name).as_bytes()).ok()
}

impl Accounts {
    pub(super) async fn get(&self, pk: &str, sk: &str) -> Result<Option<Item>, StoreError> {
        self.calls.get(&self.table, pk, sk).await
    }

    /// Two rows in one call.
    pub(super) async fn get_both(&self, keys: [Item; 2]) -> Result<[Option<Item>; 2], StoreError> {
        let found = self.calls.get_all(&self.table, keys.to_vec()).await?;
        let one = |key: &Item| {
            found
                .iter()
                .find(|item| item.get("pk") == key.get("pk") && item.get("sk") == key.get("sk"))
                .cloned()
        };
        Ok([one(&keys[0]), one(&keys[1])])
    }

    /// All rows of a partition, by sort key.
    pub(super) async fn all(&self, pk: &str) -> Result<Vec<Item>, StoreError> {
        self.calls.partition(&self.table, pk.to_owned(), &[], true).await
    }

    /// Writes a row over whatever is there.
    pub(super) async fn put(&self, item: Item) -> Result<(), StoreError> {
        self.calls.put(&self.table, item).await.map(drop)
    }

    pub(super) async fn delete(&self, pk: &str, sk: &str) -> Result<(), StoreError> {
        self.calls.delete(&self.table, pk, sk).await
    }

    pub(super) async fn update(
        &self,
        pk: &str,
        sk: &str,
        expression: Expression,
    ) -> Result<Result<(), Unmet>, StoreError> {
        let answer = self
            .calls
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(key(pk, sk)))
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .update_expression(expression.text)
            .set_condition_expression(expression.condition)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Ok(())),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                Ok(Err(Unmet))
            }
            Err(error) => Err(StoreError::from_sdk("UpdateItem")(error)),
        }
    }

    pub(super) fn put_in(&self, item: Item, condition: &Expression) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&*self.table)
            .set_item(Some(item))
            .set_condition_expression(condition.condition.clone())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .build()
            .map_err(|_| StoreError::unbuildable("TransactWriteItems"))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    pub(super) fn update_in(
        &self,
        pk: &str,
        sk: &str,
        expression: &Expression,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&*self.table)
            .set_key(Some(key(pk, sk)))
            .update_expression(&expression.text)
            .set_condition_expression(expression.condition.clone())
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .build()
            .map_err(|_| StoreError::unbuildable("TransactWriteItems"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    pub(super) fn delete_in(
        &self,
        pk: &str,
        sk: &str,
        condition: &Expression,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&*self.table)
            .set_key(Some(key(pk, sk)))
            .set_condition_expression(condition.condition.clone())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .build()
            .map_err(|_| StoreError::unbuildable("TransactWriteItems"))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Writes all or nothing. The inner error holds, for each part, whether its condition was what failed; all
    /// `false` when two transactions met and this one gave way. `operation` names this very attempt, at most
    /// 36 characters: without it the SDK would draw one, and a repetition after a lost answer must carry the same.
    pub(super) async fn transact(
        &self,
        operation: &str,
        parts: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Vec<bool>>, StoreError> {
        self.calls.transact(operation, parts).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_an_expression_is_bound_once() {
        let expression = Expression::new("SET #role = :r, #name = :n REMOVE #grants.#site")
            .condition("#role = :old AND attribute_exists(#pk)")
            .name("#site", "shop.example");
        let mut names: Vec<_> = expression.names().unwrap().into_iter().collect();
        names.sort();
        let expected = [
            ("#grants", "grants"),
            ("#name", "name"),
            ("#pk", "pk"),
            ("#role", "role"),
            ("#site", "shop.example"),
        ];
        assert_eq!(names, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!(Expression::default().names(), None);
    }
}
