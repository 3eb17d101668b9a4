//! Making the tables, for a store that has none: the embedded one, a test's, a self-hosted one.

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
    TimeToLiveSpecification,
};
use aws_smithy_async::rt::sleep::AsyncSleep;

use super::{Store, StoreError, Tables};

/// A table on AWS takes some ten seconds to become active.
const READY_ATTEMPTS: u32 = 60;

/// What became of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The table's full name.
    pub table: String,
    /// Whether it was made just now; otherwise it was there.
    pub new: bool,
}

impl Store {
    /// Makes the tables that are missing, waits until they are ready and sets their time to live. May be
    /// run any number of times.
    ///
    /// # Errors
    /// [`StoreError`] when the store refuses or does not answer.
    pub async fn create_tables(&self) -> Result<Vec<Created>, StoreError> {
        let mut done = Vec::new();
        let Tables { events, sessions, active, accounts, segments } = &self.tables;
        for table in [events, sessions, active, accounts, segments] {
            let new = self.create_table(table).await?;
            self.wait_until_active(table).await?;
            self.set_time_to_live(table).await?;
            done.push(Created { table: table.clone(), new });
        }
        Ok(done)
    }

    async fn create_table(&self, table: &str) -> Result<bool, StoreError> {
        let mut create =
            self.calls.client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            let attribute =
                AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
            let element = KeySchemaElement::builder().attribute_name(name).key_type(kind);
            create = create
                .attribute_definitions(attribute.build().map_err(unbuildable("CreateTable"))?)
                .key_schema(element.build().map_err(unbuildable("CreateTable"))?);
        }
        match create.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_dynamodb::operation::create_table::CreateTableError::is_resource_in_use_exception,
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(StoreError::from_sdk("CreateTable")(error)),
        }
    }

    async fn wait_until_active(&self, table: &str) -> Result<(), StoreError> {
        for _ in 0..READY_ATTEMPTS {
            let answer = self.calls.client.describe_table().table_name(table).send().await;
            let answer = answer.map_err(StoreError::from_sdk("DescribeTable"))?;
            if answer.table().and_then(|t| t.table_status()) == Some(&TableStatus::Active) {
                return Ok(());
            }
            self.calls.sleep.sleep(std::time::Duration::from_secs(1)).await;
        }
        Err(StoreError::Unavailable {
            operation: "CreateTable",
            cause: format!("{table} did not become active"),
        })
    }

    async fn set_time_to_live(&self, table: &str) -> Result<(), StoreError> {
        let answer = self.calls.client.describe_time_to_live().table_name(table).send().await;
        let answer = answer.map_err(StoreError::from_sdk("DescribeTimeToLive"))?;
        let attribute = answer.time_to_live_description().and_then(|ttl| ttl.attribute_name());
        if attribute == Some("expires_at") {
            return Ok(());
        }
        let setting = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires_at");
        self.calls
            .client
            .update_time_to_live()
            .table_name(table)
            .time_to_live_specification(setting.build().map_err(unbuildable("UpdateTimeToLive"))?)
            .send()
            .await
            .map_err(StoreError::from_sdk("UpdateTimeToLive"))?;
        Ok(())
    }
}

fn unbuildable<E: std::error::Error>(operation: &'static str) -> impl Fn(E) -> StoreError {
    move |error| StoreError::Unavailable { operation, cause: DisplayErrorContext(&error).to_string() }
}
