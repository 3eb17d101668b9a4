"""The stack in an account that moto simulates: what AWS would have after it was created.

moto's CloudFormation makes tables, users, policies, roles, topic, rules and dashboard. What it does not know is made of
the same properties by the API of its service, whose model checks them."""

import json
import os
import unittest
import warnings

import boto3
from moto import mock_aws

import worker_code as worker
from template import TEMPLATE, Resolved

REGION = "eu-west-1"
STACK = "liveinsight-production"
GIVEN = {
    "AlarmEmail": "ops@shop.example",
    "AlarmWebhook": "https://hooks.shop.example/alarms",
    "GuardDuty": "create",
    "MonthlyBudget": 50,
}


class Stack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        cls.aws = mock_aws()
        cls.aws.start()
        cls.addClassCleanup(cls.aws.stop)
        cls.resolved = Resolved(**GIVEN)
        cloudformation = boto3.client("cloudformation", REGION)
        cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=TEMPLATE.read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": str(value)} for key, value in GIVEN.items()],
        )
        [cls.stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        made = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        # What moto does not know it lists without a name.
        cls.resolved.physical = {
            one["LogicalResourceId"]: one["PhysicalResourceId"] for one in made if "LogicalResourceId" in one
        }

    def client(self, name):
        return boto3.client(name, REGION)

    def test_it_is_complete_and_says_what_the_worker_needs(self):
        self.assertEqual(self.stack["StackStatus"], "CREATE_COMPLETE")
        outputs = {output["OutputKey"]: output["OutputValue"] for output in self.stack["Outputs"]}
        self.assertEqual(outputs["TablePrefix"], "liveinsight-production-")
        self.assertEqual(outputs["Region"], REGION)
        self.assertEqual(outputs["WorkerUserName"], "liveinsight-production-worker")

    def test_tables_are_there_and_protected(self):
        dynamodb = self.client("dynamodb")
        names = dynamodb.list_tables()["TableNames"]
        self.assertCountEqual(names, [f"liveinsight-production-{name}" for name in worker.table_names()])
        for name in names:
            table = dynamodb.describe_table(TableName=name)["Table"]
            self.assertEqual(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
            self.assertIs(table["DeletionProtectionEnabled"], True)
            self.assertEqual([part["AttributeName"] for part in table["KeySchema"]], ["pk", "sk"])
        for name, table in self.resolved.of_type("AWS::DynamoDB::Table").items():
            dynamodb.update_time_to_live(
                TableName=table["TableName"], TimeToLiveSpecification=table["TimeToLiveSpecification"]
            )
            dynamodb.update_continuous_backups(
                TableName=table["TableName"],
                PointInTimeRecoverySpecification=table["PointInTimeRecoverySpecification"],
            )
            described = dynamodb.describe_time_to_live(TableName=table["TableName"])["TimeToLiveDescription"]
            self.assertEqual(described["TimeToLiveStatus"], "ENABLED", name)

    def test_tables_cannot_be_deleted(self):
        dynamodb = self.client("dynamodb")
        with self.assertRaises(dynamodb.exceptions.ClientError):
            dynamodb.delete_table(TableName="liveinsight-production-Events")

    def test_user_of_the_worker_has_the_policy_and_no_key_yet(self):
        iam = self.client("iam")
        user = "liveinsight-production-worker"
        [policy] = iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)["PolicyVersion"]
        allowed = {
            action.removeprefix("dynamodb:")
            for statement in document["Document"]["Statement"]
            if statement["Sid"] in ("Tables", "Sweep")
            for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        }
        self.assertEqual(allowed, worker.operations(worker.worker_files()))
        self.assertEqual(iam.list_access_keys(UserName=user)["AccessKeyMetadata"], [])

    def test_alarms_are_accepted_and_publish_to_the_topic(self):
        cloudwatch = self.client("cloudwatch")
        alarms = self.resolved.of_type("AWS::CloudWatch::Alarm")
        for properties in alarms.values():
            cloudwatch.put_metric_alarm(**properties)
        described = cloudwatch.describe_alarms()["MetricAlarms"]
        self.assertEqual(len(described), len(alarms))
        [topic] = self.client("sns").list_topics()["Topics"]
        for alarm in described:
            self.assertEqual(alarm["AlarmActions"], [topic["TopicArn"]], alarm["AlarmName"])

    def test_topic_tells_by_mail_and_by_https(self):
        sns = self.client("sns")
        topic = self.resolved.physical["AlarmTopic"]
        for properties in self.resolved.of_type("AWS::SNS::Subscription").values():
            sns.subscribe(**properties)
        told = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        self.assertEqual(
            {(one["Protocol"], one["Endpoint"]) for one in told},
            {("email", "ops@shop.example"), ("https", "https://hooks.shop.example/alarms")},
        )
        policy = self.resolved.properties("AlarmTopicPolicy")["PolicyDocument"]
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
        [statement] = policy["Statement"]
        self.assertEqual(statement["Resource"], topic)
        self.assertEqual(statement["Condition"]["StringEquals"], {"aws:SourceAccount": "123456789012"})

    def test_failed_backups_and_threats_reach_the_topic(self):
        events = self.client("events")
        topic = self.resolved.physical["AlarmTopic"]
        for kind in ("backup-failed", "threat-found"):
            rule = f"liveinsight-production-{kind}"
            [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
            self.assertEqual(target["Arn"], topic)
        pattern = json.loads(events.describe_rule(Name="liveinsight-production-backup-failed")["EventPattern"])
        self.assertEqual(pattern["detail"]["backupVaultName"], ["liveinsight-production"])

    def test_backup_plan_detector_and_budget_are_accepted(self):
        backup = self.client("backup")
        backup.create_backup_vault(**self.resolved.properties("BackupVault"))
        plan = self.resolved.properties("BackupPlan")["BackupPlan"]
        [rule] = plan.pop("BackupPlanRule")
        # The API says vault and rules where the template says target and rule.
        rule["TargetBackupVaultName"] = rule.pop("TargetBackupVault")
        made = backup.create_backup_plan(BackupPlan=plan | {"Rules": [rule]})
        found = backup.get_backup_plan(BackupPlanId=made["BackupPlanId"])["BackupPlan"]
        self.assertEqual(found["Rules"][0]["Lifecycle"]["DeleteAfterDays"], 35)
        guardduty = self.client("guardduty")
        guardduty.create_detector(**self.resolved.properties("ThreatDetector"))
        self.assertEqual(len(guardduty.list_detectors()["DetectorIds"]), 1)
        budget = self.resolved.properties("Budget")
        budget["Budget"]["BudgetLimit"]["Amount"] = str(budget["Budget"]["BudgetLimit"]["Amount"])
        budgets = boto3.client("budgets", "us-east-1")
        budgets.create_budget(AccountId="123456789012", **budget)
        [made] = budgets.describe_budgets(AccountId="123456789012")["Budgets"]
        self.assertEqual(made["BudgetLimit"]["Amount"], "50")

    def test_dashboard_is_there(self):
        listed = self.client("cloudwatch").list_dashboards()["DashboardEntries"]
        self.assertEqual([one["DashboardName"] for one in listed], ["liveinsight-production"])


if __name__ == "__main__":
    unittest.main()
