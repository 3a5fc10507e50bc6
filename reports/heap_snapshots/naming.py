"""What a node of the heap is called, as the browser's tools call it, and what it can own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """Who owns what is kept: the lower is asked first."""

    NAMED = 0
    """An instance of a class, or a closure: a place in somebody's code."""
    PLAIN = 1
    """`Object`, `Map`, `Promise`: everywhere, so it is asked only where nothing named holds it."""
    CARRIER = 2
    """Arrays and buffers, which hold the bytes of others."""
    DATA = 3
    """Strings, numbers, the memory behind arrays and buffers."""
    INTERNAL = 4
    """V8's own: code, contexts, shapes. Nobody's leak, though a leak may hang on them."""


@dataclass(frozen=True, slots=True)
class Constructor:
    """A row of a snapshot's summary."""

    name: str
    kind: Kind


PLAIN = frozenset({"Object", "Map", "Set", "WeakMap", "WeakSet", "WeakRef", "Promise", "Date"})
PLAIN |= {"Arguments", "Generator", "AsyncGenerator", "Iterator", "Module", "Proxy", "RegExp"}
CARRIERS = frozenset({"Array", "ArrayBuffer", "SharedArrayBuffer", "DataView", "Buffer"})
CARRIERS |= {"FastBuffer", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array"}
CARRIERS |= {"Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array"}
CARRIERS |= {"BigInt64Array", "BigUint64Array"}

NAMED_TYPES = frozenset({"object", "native", "closure"})
"""Types whose node's name says what it is; a string's name is its text."""

DATA_TYPES = frozenset({"string", "concatenated string", "sliced string", "array", "number"})
DATA_TYPES |= {"bigint", "symbol"}

_OTHERS = {
    "concatenated string": "(string)",
    "sliced string": "(string)",
    "code": "(compiled code)",
    "hidden": "(system)",
}


def constructor_of(node_type: str, name: str) -> Constructor:
    """The constructor of a node by its type and its name in the snapshot."""
    if node_type == "closure":
        return Constructor(f"closure {name or '(anonymous)'}", Kind.NAMED)
    if node_type == "native":
        return Constructor(name or "(native)", Kind.DATA)
    if node_type == "object":
        return Constructor(name or "(object)", _kind_of_object(name))
    if node_type == "regexp":
        return Constructor("RegExp", Kind.PLAIN)
    kind = Kind.DATA if node_type in DATA_TYPES else Kind.INTERNAL
    return Constructor(_OTHERS.get(node_type, f"({node_type})"), kind)


def _kind_of_object(name: str) -> Kind:
    if name in PLAIN:
        return Kind.PLAIN
    if name in CARRIERS:
        return Kind.CARRIER
    # "system / Context" and the like, "Node / Environment": no class of anybody's code.
    return Kind.INTERNAL if not name or " / " in name or name[0] in "(<" else Kind.NAMED
