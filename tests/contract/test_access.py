"""What may I do: the reviews that answer it."""

from __future__ import annotations

import pytest

from tests.contract.api import Api

REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.mark.parametrize(("verb", "resource"), [("get", "pods"), ("delete", "secrets"), ("create", "pods")])
def test_an_administrator_may_do_all(api: Api, namespace: str, verb: str, resource: str) -> None:
    body = {"spec": {"resourceAttributes": {"namespace": namespace, "verb": verb, "resource": resource}}}
    answer = api.post(REVIEW, body)
    assert answer.status == 201
    review = answer.json
    assert (review["kind"], review["apiVersion"]) == ("SelfSubjectAccessReview", "authorization.k8s.io/v1")
    assert review["status"]["allowed"] is True
    assert review["spec"] == body["spec"]


def test_a_review_needs_a_question(api: Api) -> None:
    status = api.post(REVIEW, {"spec": {}}).refused(422, "Invalid")
    assert "exactly one of nonResourceAttributes or resourceAttributes must be specified" in status["message"]


def test_who_am_i(api: Api) -> None:
    review = api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}).ok()
    assert review["status"]["userInfo"]["username"]
    assert "system:authenticated" in review["status"]["userInfo"]["groups"]


def test_rules_are_listed(api: Api, namespace: str) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    review = api.post(path, {"spec": {"namespace": namespace}}).ok()
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} in review["status"]["resourceRules"]
    assert "incomplete" in review["status"]
