"""What schemathesis needs to know of impactd: how a line of JSON is sent."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context, value):
    """A list as a line an item, anything else as one line."""
    if isinstance(value, bytes | str):
        return value.encode() if isinstance(value, str) else value
    lines = value if isinstance(value, list) else [value]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()
