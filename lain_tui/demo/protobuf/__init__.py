"""Request bodies in the API's protobuf form, which Go clients with generated types send whatever a server says it likes.

Only reading: every such client takes JSON for an answer. ``fields.txt`` lists, for each message, its field numbers with
their JSON names and types: ``s`` string, ``b`` bytes, ``i`` number, ``t`` truth, ``Q`` quantity, ``I`` int-or-string, ``T``
and ``M`` times, ``F`` managed fields, ``R`` raw JSON, or another message; ``[]`` repeated, ``{}`` a map from strings, ``*``
a pointer (so that zero is a value), ``~`` inlined in JSON. Made from the public API definitions by
``tests/demo/wire_table.py``.
"""

from .decode import MAGIC, MalformedError, decode

__all__ = ["MAGIC", "MalformedError", "decode"]
