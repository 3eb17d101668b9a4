"""What the worker's code says of DynamoDB: which operations it calls, which keys its tables have."""

import re

import botocore.session

from template import ROOT

STORE = ROOT / "edge-worker" / "src" / "store"

# Makes and describes tables. Only native programs have it: the worker could not if it wanted to.
TABLE_TOOL = STORE / "tables.rs"

# TransactWriteItems needs the permissions of its parts and has none of its own.
PARTS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def operations(files):
    """The permissions that the calls in these files need, by the SDK's own list of operations."""
    service = botocore.session.get_session().get_service_model("dynamodb")
    by_method = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): name for name in service.operation_names}
    found = set()
    for file in files:
        # Tests look at tables in ways that the worker does not.
        text = file.read_text().split("#[cfg(test)]")[0]
        for method in re.findall(r"\.\s*(\w+)\(\)", text):
            if method in by_method:
                found.add(by_method[method])
        for part in re.findall(r"\b(ConditionCheck|Delete|Put|Update)::builder\(\)", text):
            found.add(PARTS[part])
    found.discard("TransactWriteItems")
    return found


def worker_files():
    return [file for file in sorted(STORE.rglob("*.rs")) if file != TABLE_TOOL]


def table_names():
    """The tables of `Tables::new`."""
    body = re.search(r"impl Tables \{(.*?)\n\}", (STORE / "mod.rs").read_text(), re.S)[1]
    return re.findall(r'name\("(\w+)"\)', body)


def keys():
    """Names and kinds of the key's parts, as the table tool makes them."""
    return dict(re.findall(r'\("(\w+)", KeyType::(Hash|Range)\)', TABLE_TOOL.read_text()))


def time_to_live():
    return re.search(r'enabled\(true\)\.attribute_name\("(\w+)"\)', TABLE_TOOL.read_text())[1]
