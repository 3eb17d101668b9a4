"""The template with its parameters filled in: intrinsic functions resolved, resources under false conditions gone."""

import re
from pathlib import Path

import cfnlint.decode

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "liveinsight.yaml"

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::URLSuffix": "amazonaws.com",
}

# The property that a resource's `Ref` is, where that is not what its own name says.
NAMES = {
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::User": "UserName",
}


def load():
    """The template as it is written."""
    template, problems = cfnlint.decode.decode(str(TEMPLATE))
    assert not problems, problems
    return template


class Resolved:
    """The template under parameters. Resources that do not exist yet are named `<LogicalId>`, attributes `<LogicalId.Name>`."""

    def __init__(self, **given):
        self.template = load()
        declared = self.template["Parameters"]
        unknown = set(given) - set(declared)
        assert not unknown, f"no such parameters: {unknown}"
        self.parameters = {name: given.get(name, spec["Default"]) for name, spec in declared.items()}
        self.physical = {}
        self.resources = {
            name: resource
            for name, resource in self.template["Resources"].items()
            if self.holds(resource.get("Condition"))
        }

    def of_type(self, kind):
        """Properties of all resources of a type, by logical id."""
        return {
            name: self.properties(name) for name, resource in self.resources.items() if resource["Type"] == kind
        }

    def properties(self, name):
        return self.value(self.resources[name].get("Properties", {}))

    def holds(self, condition):
        return condition is None or self.value(self.template["Conditions"][condition])

    def value(self, node):
        if isinstance(node, list):
            values = [self.value(item) for item in node]
            return [value for value in values if value is not None]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(name, argument)] = node.items()
            function = getattr(self, "fn_" + name.removeprefix("Fn::").lower(), None)
            if function and (name == "Ref" or name.startswith("Fn::")):
                return function(argument)
        values = {str(key): self.value(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not None}

    def fn_ref(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        if name in self.physical:
            return self.physical[name]
        resource = self.template["Resources"][name]
        named = NAMES.get(resource["Type"])
        return self.value(resource["Properties"][named]) if named else f"<{name}>"

    def fn_getatt(self, argument):
        name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        if self.template["Resources"][name]["Type"] == "AWS::DynamoDB::Table" and attribute == "Arn":
            place = f"{PSEUDO['AWS::Region']}:{PSEUDO['AWS::AccountId']}"
            return f"arn:aws:dynamodb:{place}:table/{self.fn_ref(name)}"
        return f"<{name}.{attribute}>"

    def fn_sub(self, text):
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(self.fn_ref(found[1])), text)

    def fn_if(self, argument):
        condition, then, otherwise = argument
        return self.value(then if self.holds(condition) else otherwise)

    def fn_equals(self, pair):
        first, second = (str(self.value(value)) for value in pair)
        return first == second

    def fn_not(self, argument):
        return not self.value(argument[0])
