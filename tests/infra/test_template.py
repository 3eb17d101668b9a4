"""The template by itself, and beside the worker's code."""

import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

import worker_code as worker
from template import ROOT, TEMPLATE, Resolved, load

ALARMS = "AWS::CloudWatch::Alarm"
TABLES = "AWS::DynamoDB::Table"


class Template(unittest.TestCase):
    def test_cfn_lint_has_nothing_to_say(self):
        lint = Path(sys.executable).with_name("cfn-lint")
        done = subprocess.run([lint, TEMPLATE], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_it_is_small_enough_to_be_sent_without_a_bucket(self):
        self.assertLess(TEMPLATE.stat().st_size, 51_200)

    def test_every_parameter_says_what_it_is_for_and_has_a_default(self):
        for name, parameter in load()["Parameters"].items():
            self.assertTrue(parameter["Description"], name)
            self.assertIn("Default", parameter, name)

    def test_no_secret_can_be_read_from_it(self):
        kinds = {resource["Type"] for resource in load()["Resources"].values()}
        self.assertNotIn("AWS::IAM::AccessKey", kinds)


class Tables(unittest.TestCase):
    def test_they_are_those_that_the_code_makes(self):
        tables = Resolved(Environment="staging").of_type(TABLES)
        prefix = "liveinsight-staging-"
        self.assertEqual(
            sorted(table["TableName"] for table in tables.values()),
            sorted(prefix + name for name in worker.table_names()),
        )
        self.assertEqual(len(tables), 5)
        for name, table in tables.items():
            kinds = {part["AttributeName"]: part["KeyType"].capitalize() for part in table["KeySchema"]}
            self.assertEqual(kinds, worker.keys(), name)
            self.assertEqual(
                {part["AttributeName"]: part["AttributeType"] for part in table["AttributeDefinitions"]},
                {"pk": "S", "sk": "S"},
                name,
            )
            expiry = {"AttributeName": worker.time_to_live(), "Enabled": True}
            self.assertEqual(table["TimeToLiveSpecification"], expiry, name)

    def test_they_cannot_be_lost_by_accident(self):
        resolved = Resolved(RecoveryDays=20)
        for name, table in resolved.of_type(TABLES).items():
            recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 20}
            self.assertEqual(table["PointInTimeRecoverySpecification"], recovery, name)
            self.assertIs(table["DeletionProtectionEnabled"], True, name)
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                self.assertEqual(resolved.resources[name][policy], "Retain", name)

    def test_they_are_encrypted_with_a_key_of_ones_own_if_there_is_one(self):
        key = "arn:aws:kms:eu-west-1:123456789012:key/abc"
        for given, expected in [("", None), (key, key)]:
            resolved = Resolved(KmsKeyArn=given)
            for name, table in resolved.of_type(TABLES).items():
                self.assertIs(table["SSESpecification"]["SSEEnabled"], True, name)
                self.assertEqual(table["SSESpecification"].get("KMSMasterKeyId"), expected, name)
            self.assertEqual("WorkerKeyPolicy" in resolved.resources, bool(given))

    def test_on_demand_has_a_ceiling_and_provisioned_follows_the_use(self):
        on_demand = Resolved(MaxWriteUnits=100, MaxReadUnits=200)
        for name, table in on_demand.of_type(TABLES).items():
            self.assertEqual(table["BillingMode"], "PAY_PER_REQUEST", name)
            ceiling = {"MaxReadRequestUnits": 200, "MaxWriteRequestUnits": 100}
            self.assertEqual(table["OnDemandThroughput"], ceiling, name)
            self.assertNotIn("ProvisionedThroughput", table, name)
        self.assertFalse(on_demand.of_type("AWS::ApplicationAutoScaling::ScalableTarget"))

        provisioned = Resolved(BillingMode="provisioned", LargestCapacity=77)
        hot = {
            table["TableName"]
            for table in provisioned.of_type(TABLES).values()
            if table["BillingMode"] == "PROVISIONED"
        }
        names = {f"liveinsight-production-{name}" for name in ("Events", "Sessions", "ActiveSessions")}
        self.assertEqual(hot, names)
        targets = provisioned.of_type("AWS::ApplicationAutoScaling::ScalableTarget").values()
        scaled = {(target["ResourceId"].removeprefix("table/"), target["ScalableDimension"]) for target in targets}
        dimensions = [f"dynamodb:table:{kind}CapacityUnits" for kind in ("Read", "Write")]
        self.assertEqual(scaled, {(name, dimension) for name in names for dimension in dimensions})
        self.assertEqual({target["MaxCapacity"] for target in targets}, {77})
        policies = provisioned.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
        self.assertEqual(len(policies), len(scaled))


class Policy(unittest.TestCase):
    def setUp(self):
        self.statements = {
            statement["Sid"]: statement
            for statement in Resolved().properties("WorkerPolicy")["PolicyDocument"]["Statement"]
        }

    def test_worker_may_do_what_its_code_does_and_nothing_else(self):
        called = {f"dynamodb:{name}" for name in worker.operations(worker.worker_files())}
        # Only the table of what happens now is ever scanned.
        self.assertEqual(set(self.statements["Tables"]["Action"]), called - {"dynamodb:Scan"})
        self.assertIn("dynamodb:Scan", called)
        self.assertEqual(self.statements["Sweep"]["Action"], "dynamodb:Scan")
        self.assertTrue(self.statements["Sweep"]["Resource"].endswith("-ActiveSessions"))

    def test_worker_may_not_make_or_change_tables(self):
        of_tool = {f"dynamodb:{name}" for name in worker.operations([worker.TABLE_TOOL])}
        self.assertIn("dynamodb:CreateTable", of_tool)
        self.assertFalse(of_tool & set(self.statements["Tables"]["Action"]))

    def test_worker_reaches_its_own_tables_only(self):
        place = "arn:aws:dynamodb:eu-west-1:123456789012:table/liveinsight-production-"
        expected = sorted(place + name for name in worker.table_names())
        self.assertEqual(sorted(self.statements["Tables"]["Resource"]), expected)

    def test_worker_publishes_under_its_own_namespace_only(self):
        metrics = self.statements["Metrics"]
        self.assertEqual(metrics["Action"], "cloudwatch:PutMetricData")
        self.assertEqual(metrics["Condition"]["StringEquals"], {"cloudwatch:namespace": "LiveInsight"})

    def test_worker_sends_mail_from_its_own_address_only_and_from_none_unless_it_is_given(self):
        self.assertNotIn("WorkerMailPolicy", Resolved().resources)
        resolved = Resolved(MailSender="stats@shop.example")
        [mail] = resolved.properties("WorkerMailPolicy")["PolicyDocument"]["Statement"]
        self.assertEqual(mail["Action"], "ses:SendEmail")
        self.assertEqual(mail["Condition"]["StringEquals"], {"ses:FromAddress": "stats@shop.example"})
        self.assertEqual(mail["Condition"]["Bool"], {"aws:SecureTransport": "true"})

    def test_restored_tables_are_reached_when_there_are_some(self):
        self.assertNotIn("WorkerRestoredPolicy", Resolved().resources)
        resolved = Resolved(RestoredPrefix="liveinsight-restored1-")
        [statement, sweep] = resolved.properties("WorkerRestoredPolicy")["PolicyDocument"]["Statement"]
        self.assertEqual(set(statement["Action"]), set(self.statements["Tables"]["Action"]))
        self.assertTrue(statement["Resource"].endswith(":table/liveinsight-restored1-*"))
        self.assertEqual(sweep["Action"], self.statements["Sweep"]["Action"])
        self.assertTrue(sweep["Resource"].endswith(":table/liveinsight-restored1-ActiveSessions"))

    def test_everything_needs_tls(self):
        self.assertEqual(set(self.statements), {"Metrics", "Sweep", "Tables"})
        for name, statement in self.statements.items():
            self.assertEqual(statement["Condition"]["Bool"], {"aws:SecureTransport": "true"}, name)


class Watching(unittest.TestCase):
    def test_every_alarm_tells_somebody_and_has_its_section_in_the_runbook(self):
        runbook = (ROOT / "docs" / "runbook.md").read_text()
        sections = re.findall(r"^## (.+)$", runbook, re.M)
        for name, alarm in Resolved(Environment="staging").of_type(ALARMS).items():
            short = alarm["AlarmName"].removeprefix("liveinsight-staging-")
            self.assertEqual(alarm["AlarmActions"], ["<AlarmTopic>"], name)
            self.assertEqual(alarm["OKActions"], ["<AlarmTopic>"], name)
            self.assertIn(f"docs/runbook.md#{short}", alarm["AlarmDescription"], name)
            self.assertIn(short, sections, "a section for each alarm in docs/runbook.md")

    def test_each_table_has_an_alarm_for_throttling(self):
        watched = [
            {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
            for alarm in Resolved().of_type(ALARMS).values()
            if alarm["MetricName"] == "ThrottledRequests"
        ]
        expected = [{"Environment": "production", "Table": name} for name in worker.table_names()]
        self.assertCountEqual(watched, expected)

    def test_percentiles_are_of_values_not_of_averages(self):
        alarm = Resolved(ProcessingTimeLimit=900).properties("ProcessingTimeAlarm")
        self.assertEqual((alarm["ExtendedStatistic"], alarm["Threshold"]), ("p95", 900))
        self.assertNotIn("Statistic", alarm)

    def test_worker_that_does_not_run_is_noticed(self):
        alarm = Resolved().properties("CompactionLagAlarm")
        self.assertEqual((alarm["MetricName"], alarm["TreatMissingData"]), ("CompactionLag", "breaching"))

    def test_dashboard_is_json_about_this_environment(self):
        body = json.loads(Resolved(Environment="staging").properties("Dashboard")["DashboardBody"])
        text = json.dumps(body)
        self.assertNotIn("${", text)
        self.assertIn('"Environment", "staging"', text)
        for name in (
            *("EventsProcessed", "EventsFiltered", "EventsRejected", "ProcessingTime", "ProcessingErrors"),
            *("Invocations", "Duration", "Errors", "StoreLatency", "ConsumedWriteCapacity", "QueueDepth"),
            *("ConsumedReadCapacity", "ThrottledRequests", "CompactionLag", "LiveConnections", "SilentSites"),
        ):
            self.assertIn(f'"{name}"' if name != "EventsRejected" else name, text)


class ByParameter(unittest.TestCase):
    def test_nothing_is_made_that_was_not_asked_for(self):
        kinds = {resource["Type"] for resource in Resolved().resources.values()}
        for kind in ("AWS::SNS::Subscription", "AWS::GuardDuty::Detector", "AWS::Budgets::Budget"):
            self.assertNotIn(kind, kinds)

    def test_backups_are_kept_as_long_as_asked(self):
        resolved = Resolved(BackupRetentionDays=90)
        [rule] = resolved.properties("BackupPlan")["BackupPlan"]["BackupPlanRule"]
        self.assertEqual(rule["Lifecycle"], {"DeleteAfterDays": 90})
        saved = resolved.properties("BackupSelection")["BackupSelection"]["Resources"]
        self.assertEqual(len(saved), len(worker.table_names()))


if __name__ == "__main__":
    unittest.main()
