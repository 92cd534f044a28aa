"""Make lain_tui/demo/protobuf/fields.txt from the public definitions of the Kubernetes API.

    python -m tests.demo.wire_table FOLDER_OF_K8S_IO_MODULES > lain_tui/demo/protobuf/fields.txt

The folder holds the Go modules k8s.io/api and k8s.io/apimachinery (as `go mod download` leaves them). Field numbers
and types are those of their generated.proto; which fields are pointers (so that a zero is a value) and which are
inlined in JSON is told by the tags in their types.go.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOTS = (
    *("core/v1", "apps/v1", "batch/v1", "autoscaling/v1", "autoscaling/v2", "networking/v1", "policy/v1"),
    *("rbac/v1", "discovery/v1", "coordination/v1", "storage/v1", "scheduling/v1", "authorization/v1"),
    *("authentication/v1",),
)
_META = "meta/v1"
_SPECIAL = {
    "k8s.io.apimachinery.pkg.api.resource.Quantity": "Q",
    "k8s.io.apimachinery.pkg.util.intstr.IntOrString": "I",
    "k8s.io.apimachinery.pkg.runtime.RawExtension": "R",
    "k8s.io.apimachinery.pkg.apis.meta.v1.Time": "T",
    "k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime": "M",
    "k8s.io.apimachinery.pkg.apis.meta.v1.FieldsV1": "F",
}
_SCALARS = {"string": "s", "bytes": "b", "bool": "t", "int32": "i", "int64": "i", "uint32": "i"}
_FIELD = re.compile(
    r"^  (optional|repeated) ([.\w]+) (\w+) = (\d+);|^  map<string, ([.\w]+)> (\w+) = (\d+);", re.MULTILINE
)
_MESSAGE = re.compile(r"^message (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_TAG = re.compile(
    r"^\t(?:(\w+) +)?(\*?)[\w.\[\]*]+ +`json:\"([^\"]*)\".*?protobuf:\"(?:bytes|varint),(\d+)", re.MULTILINE
)


def _type(name: str, room: str) -> str:
    if name in _SCALARS:
        return _SCALARS[name]
    bare = name.lstrip(".")
    if bare in _SPECIAL:
        return _SPECIAL[bare]
    if bare.startswith("k8s.io.apimachinery.pkg.apis.meta.v1."):
        kind = bare.rpartition(".")[2]
        return _SPECIAL.get(f"k8s.io.apimachinery.pkg.apis.meta.v1.{kind}", f"{_META}.{kind}")
    outside = re.fullmatch(r"k8s\.io\.api\.(\w+)\.(\w+)\.(\w+)", bare)
    if outside:
        return f"{outside[1]}/{outside[2]}.{outside[3]}"
    if room == _META and bare in ("Time", "MicroTime", "FieldsV1"):
        return {"Time": "T", "MicroTime": "M", "FieldsV1": "F"}[bare]
    return f"{room}.{bare}"


def _tags(types: str) -> dict[tuple[str, int], tuple[str, bool, bool]]:
    """By struct and field number: the JSON name, whether it is a pointer, whether it is inlined."""
    found = {}
    for struct, body in _STRUCT.findall(types):
        for _, pointer, json_tag, number in _TAG.findall(body):
            name, _, options = json_tag.partition(",")
            found[struct, int(number)] = (name, bool(pointer), not name and "inline" in options)
    return found


def _room(folder: Path, room: str) -> list[str]:
    proto = (folder / "generated.proto").read_text(encoding="utf-8")
    tags = _tags((folder / "types.go").read_text(encoding="utf-8"))
    lines = []
    for message, body in _MESSAGE.findall(proto):
        parts = []
        for label, kind, name, number, mapped, map_name, map_number in _FIELD.findall(body):
            key = int(number or map_number)
            json_name, pointer, inline = tags.get((message, key), (name or map_name, False, False))
            mark = "~" if inline else "*" if pointer else ""
            shape = "{}" if mapped else "[]" if label == "repeated" else ""
            parts.append(f"{key}={json_name}:{mark}{shape}{_type(mapped or kind, room)}")
        lines.append(f"{room}.{message} {' '.join(parts)}".rstrip())
    return lines


def _newest(modules: Path, name: str) -> Path:
    return max(modules.glob(f"{name}@v*"))


def table(modules: Path) -> list[str]:
    """Give the lines of the table: the messages that the kinds of the cluster are made of."""
    api, machinery = _newest(modules, "api"), _newest(modules, "apimachinery")
    lines = _room(machinery / "pkg/apis/meta/v1", _META)
    for room in ROOTS:
        lines += _room(api / room, room)
    return [line for line in lines if not re.match(r"\S+List ", line)]


if __name__ == "__main__":
    print("\n".join(table(Path(sys.argv[1]))))
