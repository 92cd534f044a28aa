"""Server-side apply: who owns which field, and what happens when two want the same one."""

from __future__ import annotations

from tests.contract.api import Api, Obj
from tests.contract.objects import deployment


def body(data: dict[str, str], **metadata: object) -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", **metadata}, "data": data}


def owned(obj: Obj) -> dict[str, tuple[str, Obj]]:
    return {f["manager"]: (f["operation"], f["fieldsV1"]) for f in obj["metadata"]["managedFields"]}


def test_applying_creates(api: Api, core: str) -> None:
    answer = api.apply(f"{core}/configmaps/one", body({"a": "1"}))
    assert answer.status == 201
    (entry,) = answer.json["metadata"]["managedFields"]
    assert entry["manager"] == "tester"
    assert (entry["operation"], entry["apiVersion"], entry["fieldsType"]) == ("Apply", "v1", "FieldsV1")
    assert entry["fieldsV1"] == {"f:data": {"f:a": {}}}
    assert entry["time"] == answer.json["metadata"]["creationTimestamp"]


def test_applying_again_changes_nothing(api: Api, core: str) -> None:
    first = api.apply(f"{core}/configmaps/one", body({"a": "1"})).ok()
    again = api.apply(f"{core}/configmaps/one", body({"a": "1"}))
    assert again.status == 200
    assert again.json["metadata"] == first["metadata"]


def test_what_is_no_longer_applied_is_removed(api: Api, core: str) -> None:
    api.apply(f"{core}/configmaps/one", body({"a": "1", "b": "2"}, labels={"x": "y"})).ok()
    after = api.apply(f"{core}/configmaps/one", body({"a": "1"})).ok()
    assert after["data"] == {"a": "1"}
    assert "labels" not in after["metadata"]


def test_two_managers_own_their_own_fields(api: Api, core: str) -> None:
    api.apply(f"{core}/configmaps/one", body({"a": "1"}), "first").ok()
    both = api.apply(f"{core}/configmaps/one", body({"b": "2"}), "second").ok()
    assert both["data"] == {"a": "1", "b": "2"}
    assert owned(both) == {
        "first": ("Apply", {"f:data": {"f:a": {}}}),
        "second": ("Apply", {"f:data": {"f:b": {}}}),
    }
    assert api.apply(f"{core}/configmaps/one", body({}), "first").ok()["data"] == {"b": "2"}


def test_a_field_of_anothers_is_a_conflict(api: Api, core: str) -> None:
    api.apply(f"{core}/configmaps/one", body({"a": "1"}), "first").ok()
    status = api.apply(f"{core}/configmaps/one", body({"a": "2"}), "second").refused(409, "Conflict")
    assert status["message"] == 'Apply failed with 1 conflict: conflict with "first": .data.a'
    assert status["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "first"', "field": ".data.a"}
    ]
    assert api.get(f"{core}/configmaps/one").ok()["data"] == {"a": "1"}


def test_force_takes_the_field(api: Api, core: str) -> None:
    api.apply(f"{core}/configmaps/one", body({"a": "1", "b": "1"}), "first").ok()
    taken = api.apply(f"{core}/configmaps/one", body({"a": "2"}), "second", force="true").ok()
    assert taken["data"] == {"a": "2", "b": "1"}
    assert owned(taken) == {
        "first": ("Apply", {"f:data": {"f:b": {}}}),
        "second": ("Apply", {"f:data": {"f:a": {}}}),
    }


def test_the_same_value_is_shared(api: Api, core: str) -> None:
    api.apply(f"{core}/configmaps/one", body({"a": "1"}), "first").ok()
    shared = api.apply(f"{core}/configmaps/one", body({"a": "1"}), "second").ok()
    assert {
        manager for manager, (_, fields) in owned(shared).items() if fields == {"f:data": {"f:a": {}}}
    } == {
        "first",
        "second",
    }
    left = api.apply(f"{core}/configmaps/one", body({}), "second").ok()
    assert left["data"] == {"a": "1"}, "the other one still wants it"


def test_a_field_written_by_update_conflicts_too(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", body({"a": "1"}), fieldManager="editor").ok()
    status = api.apply(f"{core}/configmaps/one", body({"a": "2"})).refused(409, "Conflict")
    assert status["message"].startswith('Apply failed with 1 conflict: conflict with "editor" using v1')
    assert status["message"].endswith(": .data.a")
    (cause,) = status["details"]["causes"]
    assert cause["message"].startswith('conflict with "editor" using v1')


def test_updates_are_owned_by_their_manager(api: Api, core: str) -> None:
    made = api.post(f"{core}/configmaps", body({"a": "1"}), fieldManager="editor").ok()
    assert owned(made) == {"editor": ("Update", {"f:data": {".": {}, "f:a": {}}})}
    patched = api.patch(f"{core}/configmaps/one", {"data": {"b": "2"}}, fieldManager="patcher").ok()
    assert owned(patched)["patcher"] == ("Update", {"f:data": {"f:b": {}}})


def test_an_update_takes_ownership_from_an_applier(api: Api, core: str) -> None:
    api.apply(f"{core}/configmaps/one", body({"a": "1", "b": "1"})).ok()
    patched = api.patch(f"{core}/configmaps/one", {"data": {"a": "2"}}, fieldManager="editor").ok()
    assert owned(patched) == {
        "tester": ("Apply", {"f:data": {"f:b": {}}}),
        "editor": ("Update", {"f:data": {"f:a": {}}}),
    }


def test_the_status_is_owned_apart(api: Api, apps: str) -> None:
    api.post(f"{apps}/deployments", deployment("web", "a:1", replicas=0), fieldManager="editor").ok()
    done = api.eventually(f"{apps}/deployments/web", lambda d: d["status"].get("observedGeneration") == 1)
    subresources = {f["manager"]: f.get("subresource", "") for f in done["metadata"]["managedFields"]}
    assert subresources["editor"] == ""
    assert "status" in subresources.values()


def test_containers_are_owned_by_name(api: Api, apps: str) -> None:
    def web(image: str, *names: str) -> Obj:
        made = deployment("web", image, replicas=0)
        made["spec"]["template"]["spec"] = {"containers": [{"name": name, "image": image} for name in names]}
        return made

    path = f"{apps}/deployments/web"
    api.apply(path, web("a:1", "main"), "first").ok()
    side = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "side", "image": "b:1"}]}}},
    }
    both = api.apply(path, side, "second").ok()
    assert [c["name"] for c in both["spec"]["template"]["spec"]["containers"]] == ["main", "side"]
    fields = owned(both)["second"][1]
    assert fields["f:spec"]["f:template"]["f:spec"]["f:containers"] == {
        'k:{"name":"side"}': {".": {}, "f:name": {}, "f:image": {}}
    }
    status = api.apply(path, web("a:2", "main"), "third").refused(409, "Conflict")
    fields_in_conflict = [cause["field"] for cause in status["details"]["causes"]]
    assert fields_in_conflict == ['.spec.template.spec.containers[name="main"].image']


def test_applying_as_a_dry_run(api: Api, core: str) -> None:
    assert api.apply(f"{core}/configmaps/one", body({"a": "1"}), dryRun="All").ok()["data"] == {"a": "1"}
    api.get(f"{core}/configmaps/one").refused(404, "NotFound")


def test_yaml_is_taken(api: Api, core: str) -> None:
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '1'} # why\n"
    answer = api.request(
        "PATCH", f"{core}/configmaps/one", text, type="application/apply-patch+yaml", fieldManager="tester"
    )
    assert answer.ok()["data"] == {"a": "1"}


def test_a_manager_is_needed(api: Api, core: str) -> None:
    answer = api.request(
        "PATCH", f"{core}/configmaps/one", body({"a": "1"}), type="application/apply-patch+yaml"
    )
    status = answer.refused(422, "Invalid")
    assert "fieldManager: Required value: is required for apply patch" in status["message"]


def test_the_body_must_not_hold_managed_fields(api: Api, core: str) -> None:
    made = api.apply(f"{core}/configmaps/one", body({"a": "1"})).ok()
    status = api.apply(f"{core}/configmaps/one", {**made, "data": {"a": "2"}}).refused(400, "BadRequest")
    assert status["message"] == "metadata.managedFields must be nil"


def test_the_body_says_what_it_is(api: Api, core: str) -> None:
    answer = api.apply(f"{core}/configmaps/one", {"metadata": {"name": "one"}, "data": {}})
    assert answer.status in (400, 422), answer.text
