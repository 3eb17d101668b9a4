"""The part of a deployment that speaks to AWS: one command and its arguments as JSON on standard input, one answer as JSON
on standard output. Credentials are found as every tool of AWS finds them: environment, profile, single sign-on.

| command | does |
|---|---|
| identity | says whose credentials these are |
| plan | makes a change set and says what it would change |
| apply, discard | carries a change set out and waits; throws it away |
| keys, new-key, delete-key | the access keys of the worker's user |
| destroy | deletes the stack; with `tables` also the tables and what is in them |
"""

import json
import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

# CloudFormation says so when there is nothing to do.
UNCHANGED = ("didn't contain changes", "No updates are to be performed")

TABLES = ("Events", "Sessions", "ActiveSessions", "Segments", "Accounts")


class Refused(Exception):
    """What a person has to be told."""


def identity(given):
    caller = boto3.client("sts", given["region"]).get_caller_identity()
    return {"account": caller["Account"], "arn": caller["Arn"]}


def plan(given):
    cloudformation = boto3.client("cloudformation", given["region"])
    stack = given["stack"]
    state = status(cloudformation, stack)
    kind = "CREATE" if state in (None, "REVIEW_IN_PROGRESS") else "UPDATE"
    if state and state.endswith("_IN_PROGRESS") and state != "REVIEW_IN_PROGRESS":
        raise Refused(f"the stack {stack} is being changed ({state}): wait until that is over")
    if state == "ROLLBACK_COMPLETE":
        raise Refused(f"the stack {stack} could never be created: delete it, then deploy again")
    name = f"deploy-{int(time.time() * 1000)}"
    with open(given["template"], encoding="utf-8") as file:
        template = file.read()
    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=name,
        ChangeSetType=kind,
        TemplateBody=template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given["parameters"].items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "liveinsight", "Value": given["parameters"]["Environment"]}],
    )
    described = wait_for_change_set(cloudformation, stack, name)
    if described["Status"] == "FAILED":
        reason = described.get("StatusReason", "")
        if any(text in reason for text in UNCHANGED):
            cloudformation.delete_change_set(StackName=stack, ChangeSetName=name)
            return {"change_set": None, "kind": kind, "changes": []}
        raise Refused(f"CloudFormation refuses the template: {reason}")
    changes = [change["ResourceChange"] for page in pages(cloudformation, stack, name) for change in page["Changes"]]
    return {
        "change_set": name,
        "kind": kind,
        "changes": [
            {
                "action": change["Action"],
                "id": change["LogicalResourceId"],
                "type": change["ResourceType"],
                "replacement": change.get("Replacement", "False"),
            }
            for change in changes
        ],
    }


def wait_for_change_set(cloudformation, stack, name):
    while True:
        described = cloudformation.describe_change_set(StackName=stack, ChangeSetName=name)
        if described["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            return described
        time.sleep(2)


def pages(cloudformation, stack, name):
    return cloudformation.get_paginator("describe_change_set").paginate(StackName=stack, ChangeSetName=name)


def apply(given):
    cloudformation = boto3.client("cloudformation", given["region"])
    stack = given["stack"]
    cloudformation.execute_change_set(StackName=stack, ChangeSetName=given["change_set"])
    waiter = "stack_create_complete" if given["kind"] == "CREATE" else "stack_update_complete"
    try:
        cloudformation.get_waiter(waiter).wait(StackName=stack, WaiterConfig={"Delay": 5, "MaxAttempts": 360})
    except WaiterError as error:
        raise Refused(f"{why(cloudformation, stack)} (the stack went back to what it was)") from error
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {"outputs": {one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", [])}}


def why(cloudformation, stack):
    """The first thing that went wrong."""
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    if not failed:
        return f"the stack {stack} did not become ready"
    first = failed[-1]
    return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', first['ResourceStatus'])}"


def discard(given):
    cloudformation = boto3.client("cloudformation", given["region"])
    cloudformation.delete_change_set(StackName=given["stack"], ChangeSetName=given["change_set"])
    if given["kind"] == "CREATE":
        # A stack that was never created but has a name.
        cloudformation.delete_stack(StackName=given["stack"])
    return {}


def keys(given):
    listed = boto3.client("iam", given["region"]).list_access_keys(UserName=given["user"])
    return {"keys": [key["AccessKeyId"] for key in listed["AccessKeyMetadata"]]}


def new_key(given):
    if len(keys(given)["keys"]) >= 2:
        raise Refused(f"{given['user']} has two access keys already: delete the one that is not in use")
    made = boto3.client("iam", given["region"]).create_access_key(UserName=given["user"])["AccessKey"]
    return {"id": made["AccessKeyId"], "secret": made["SecretAccessKey"]}


def delete_key(given):
    iam = boto3.client("iam", given["region"])
    iam.delete_access_key(UserName=given["user"], AccessKeyId=given["id"])
    return {}


def destroy(given):
    cloudformation = boto3.client("cloudformation", given["region"])
    stack = given["stack"]
    deleted = []
    if status(cloudformation, stack):
        take_access(given)
        cloudformation.delete_stack(StackName=stack)
        try:
            cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)
        except WaiterError as error:
            raise Refused(why(cloudformation, stack)) from error
        deleted.append(stack)
    if given["tables"]:
        dynamodb = boto3.client("dynamodb", given["region"])
        for name in (given["prefix"] + table for table in TABLES):
            try:
                dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
                dynamodb.get_waiter("table_exists").wait(TableName=name)
                dynamodb.delete_table(TableName=name)
            except dynamodb.exceptions.ResourceNotFoundException:
                continue
            deleted.append(name)
    return {"deleted": deleted}


def take_access(given):
    """The worker's user can do nothing any more, and nothing of it keeps the stack from being deleted."""
    iam = boto3.client("iam", given["region"])
    try:
        for key in keys(given)["keys"]:
            delete_key(given | {"id": key})
        for policy in iam.list_attached_user_policies(UserName=given["user"])["AttachedPolicies"]:
            iam.detach_user_policy(UserName=given["user"], PolicyArn=policy["PolicyArn"])
    except iam.exceptions.NoSuchEntityException:
        # It was deleted by an attempt before.
        pass


def status(cloudformation, stack):
    """`None` when there is no such stack."""
    try:
        [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    return described["StackStatus"]


COMMANDS = {
    "identity": identity,
    "plan": plan,
    "apply": apply,
    "discard": discard,
    "keys": keys,
    "new-key": new_key,
    "delete-key": delete_key,
    "destroy": destroy,
}


def main():
    given = json.load(sys.stdin)
    try:
        answer = COMMANDS[given["command"]](given)
    except (Refused, BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
