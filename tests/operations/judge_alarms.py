"""Creates the alarms and the topic of the template in an account, and does what CloudWatch would: judges each alarm for
throttling by its own metric, period, statistic and threshold, sets its state and publishes to its actions. moto keeps
alarms and metrics, and does not bring them together."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "infra"))
from template import Resolved  # noqa: E402

REGION = "us-east-1"


def main(hook):
    cloudwatch = boto3.client("cloudwatch", REGION)
    sns = boto3.client("sns", REGION)
    resolved = Resolved(Environment="staging", AlarmWebhook="https://hooks.shop.example")
    topic = sns.create_topic(Name=resolved.properties("AlarmTopic")["TopicName"])["TopicArn"]
    resolved.physical["AlarmTopic"] = topic
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook)
    breached = []
    for properties in resolved.of_type("AWS::CloudWatch::Alarm").values():
        cloudwatch.put_metric_alarm(**properties)
    for alarm in cloudwatch.describe_alarms()["MetricAlarms"]:
        if alarm["MetricName"] == "ThrottledRequests" and is_breached(cloudwatch, alarm):
            breached.append(alarm["AlarmName"])
            cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="judged")
    for alarm in cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]:
        message = {"AlarmName": alarm["AlarmName"], "NewStateValue": alarm["StateValue"]}
        for action in alarm["AlarmActions"]:
            sns.publish(TopicArn=action, Subject=alarm["AlarmName"], Message=json.dumps(message))
    json.dump({"breached": sorted(breached), "throttled": sorted(throttled(cloudwatch))}, sys.stdout)


def is_breached(cloudwatch, alarm):
    now = datetime.now(timezone.utc)
    points = cloudwatch.get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=alarm["Period"],
        Statistics=[alarm["Statistic"]],
    )["Datapoints"]
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    above = [point for point in points if point[alarm["Statistic"]] >= alarm["Threshold"]]
    return len(above) >= alarm["DatapointsToAlarm"]


def throttled(cloudwatch):
    """Names of the alarms of the tables that the worker says were throttled."""
    short = {"ActiveSessions": "active-sessions"}
    for metric in cloudwatch.list_metrics(Namespace="LiveInsight", MetricName="ThrottledRequests")["Metrics"]:
        [table] = [one["Value"] for one in metric["Dimensions"] if one["Name"] == "Table"]
        yield f"liveinsight-staging-throttled-{short.get(table, table.lower())}"


if __name__ == "__main__":
    main(sys.argv[1])
