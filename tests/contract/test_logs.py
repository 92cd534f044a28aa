"""Logs, with every flag of the log door."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
import urllib3

from tests.conftest import Cluster
from tests.contract.api import Api, Obj
from tests.contract.objects import pod

TWENTY = [f"line {n}" for n in range(1, 21)]
STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)) (.*)")


@pytest.fixture
def talker(api: Api, core: str, cluster: Cluster) -> str:
    """The path of the log of a pod that has said its first twenty lines, and goes on."""
    api.post(f"{core}/pods", pod("talker", cluster.images["logs"])).ok()
    api.eventually(f"{core}/pods/talker", lambda p: p["status"]["phase"] == "Running")
    path = f"{core}/pods/talker/log"
    deadline = time.monotonic() + 180
    while "line 20\n" not in api.get(path).text:
        assert time.monotonic() < deadline
    return path


def lines(api: Api, path: str, **query: object) -> list[str]:
    answer = api.get(path, accept="*/*", **query)
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain"
    return answer.text.splitlines()


def first_line(api: Api, path: str, **query: object) -> None:
    """Wait for it: a container runs before it has said anything."""
    deadline = time.monotonic() + 180
    while not lines(api, path, **query):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def follow(response: urllib3.BaseHTTPResponse) -> Iterator[str]:
    buffer = b""
    for data in response.stream(1 << 16):
        *whole, buffer = (buffer + data).split(b"\n")
        yield from (line.decode() for line in whole)


def test_a_log_is_plain_text_from_its_first_line(api: Api, talker: str) -> None:
    assert lines(api, talker)[:20] == TWENTY


def test_the_tail_of_a_log(api: Api, talker: str) -> None:
    all_lines = lines(api, talker)
    tail = lines(api, talker, tailLines=3)
    assert len(tail) == 3
    assert int(tail[0].split()[1]) >= int(all_lines[-1].split()[1]) - 2
    assert lines(api, talker, tailLines=0) == []


def test_limit_bytes_cuts_anywhere(api: Api, talker: str) -> None:
    assert api.get(talker, limitBytes=10).text == "line 1\nlin"
    api.get(talker, limitBytes=0).refused(422, "Invalid")


def test_timestamps_before_each_line(api: Api, talker: str) -> None:
    stamped = [STAMPED.fullmatch(line) for line in lines(api, talker, timestamps="true")[:20]]
    assert [match[2] for match in stamped if match] == TWENTY
    times = [match[1] for match in stamped if match]
    assert times == sorted(times)


def test_since_a_time(api: Api, talker: str) -> None:
    """sinceTime is in whole seconds, and lines of that second are told again."""

    def seconds() -> list[str]:
        return [f"{line[:19]}Z" for line in lines(api, talker, timestamps="true")]

    deadline = time.monotonic() + 180
    while (since := seconds()[-1]) == seconds()[0]:
        assert time.monotonic() < deadline
    recent = lines(api, talker, sinceTime=since, timestamps="true")
    assert recent
    assert all(f"{line[:19]}Z" >= since for line in recent)
    assert "line 1" not in lines(api, talker, sinceTime=since)


def test_since_some_seconds(api: Api, talker: str) -> None:
    assert lines(api, talker, sinceSeconds=3600)[:20] == TWENTY
    deadline = time.monotonic() + 180
    while "line 1" in lines(api, talker, sinceSeconds=1):
        assert time.monotonic() < deadline
    api.get(talker, sinceSeconds=0).refused(422, "Invalid")


def test_both_sinces_are_refused(api: Api, talker: str) -> None:
    status = api.get(talker, sinceSeconds=1, sinceTime="2026-01-01T00:00:00Z").refused(422, "Invalid")
    assert "at most one of `sinceTime` or `sinceSeconds` may be specified" in status["message"]


def test_following_tells_what_comes(api: Api, talker: str) -> None:
    response = api.stream(talker, follow="true", tailLines=1)
    arriving = follow(response)
    first, second, third = (int(next(arriving).split()[1]) for _ in range(3))
    response.close()
    assert (second, third) == (first + 1, first + 2)


def test_following_ends_with_the_container(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["done"], spec={"restartPolicy": "Never"})).ok()
    api.eventually(f"{core}/pods/p", lambda p: p["status"]["phase"] == "Succeeded")
    assert list(follow(api.stream(f"{core}/pods/p/log", follow="true"))) == ["done"]


def test_standard_error_is_in_it(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["crash"], spec={"restartPolicy": "Never"})).ok()
    api.eventually(f"{core}/pods/p", lambda p: p["status"]["phase"] == "Failed")
    assert sorted(lines(api, f"{core}/pods/p/log")) == ["KeyError: 'MYSQL_HOST'", "starting"]


def test_the_log_of_the_run_before(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["crash"])).ok()

    def crashed_again(p: Obj) -> bool:
        return any(c["restartCount"] and c["lastState"] for c in p["status"].get("containerStatuses", []))

    api.eventually(f"{core}/pods/p", crashed_again)
    assert sorted(lines(api, f"{core}/pods/p/log", previous="true")) == ["KeyError: 'MYSQL_HOST'", "starting"]


def test_no_run_before(api: Api, talker: str, core: str) -> None:
    status = api.get(talker, previous="true").refused(400, "BadRequest")
    uid = api.get(f"{core}/pods/talker").ok()["metadata"]["uid"]
    assert status["message"] == 'previous terminated container "main" in pod "talker" not found'
    assert uid


def test_a_container_that_waits_says_so(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["missing"])).ok()
    api.eventually(f"{core}/pods/p", lambda p: p["status"].get("containerStatuses"))
    status = api.get(f"{core}/pods/p/log").refused(400, "BadRequest")
    waits = r"ContainerCreating|trying and failing to pull image|image can't be pulled"
    assert re.fullmatch(rf'container "main" in pod "p" is waiting to start: ({waits})', status["message"])


def test_two_containers_need_a_name(api: Api, core: str, cluster: Cluster) -> None:
    shell = cluster.images["shell"]
    body = pod(
        "p", shell, spec={"containers": [{"name": "a", "image": shell}, {"name": "b", "image": shell}]}
    )
    api.post(f"{core}/pods", body).ok()
    api.eventually(f"{core}/pods/p", lambda p: p["status"]["phase"] == "Running")
    status = api.get(f"{core}/pods/p/log").refused(400, "BadRequest")
    assert status["message"] == "a container name must be specified for pod p, choose one of: [a b]"
    first_line(api, f"{core}/pods/p/log", container="b")
    assert lines(api, f"{core}/pods/p/log", container="b") == ["ready"]


def test_a_container_that_is_not_there(api: Api, talker: str) -> None:
    status = api.get(talker, container="nope").refused(400, "BadRequest")
    assert status["message"] == "container nope is not valid for pod talker"


def test_a_pod_that_is_not_there(api: Api, core: str) -> None:
    status = api.get(f"{core}/pods/nope/log").refused(404, "NotFound")
    assert status["message"] == 'pods "nope" not found'


def test_a_pod_without_a_node_has_no_log_yet(api: Api, core: str) -> None:
    body = pod("p", "a:1", spec={"nodeSelector": {"example.com/nowhere": "yes"}})
    api.post(f"{core}/pods", body).ok()
    answer = api.get(f"{core}/pods/p/log")
    assert (answer.status, answer.data) == (204, b"")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"tailLines": -1}, "tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ({"sinceSeconds": -5}, "sinceSeconds: Invalid value: -5: must be greater than 0"),
        ({"stream": "Stdout"}, "stream: Forbidden: may not be specified"),
    ],
)
def test_what_may_not_be_asked(api: Api, talker: str, asked: Obj, words: str) -> None:
    status = api.get(talker, **asked).refused(422, "Invalid")
    assert status["message"] == f'PodLogOptions "talker" is invalid: {words}'


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"tailLines": "few"}, 'strconv.ParseInt: parsing "few": invalid syntax'),
        ({"sinceTime": "noon"}, 'parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"'),
    ],
)  # fmt: skip
def test_what_cannot_be_read(api: Api, talker: str, asked: Obj, words: str) -> None:
    assert api.get(talker, **asked).refused(400, "BadRequest")["message"] == words


def test_flags_work_together(api: Api, talker: str) -> None:
    assert api.get(talker, tailLines=1, limitBytes=4).text == "line"
    assert api.get(talker, sinceTime="2199-01-01T00:00:00Z").text == ""
    (stamped,) = lines(api, talker, tailLines=1, timestamps="true")
    assert STAMPED.fullmatch(stamped)


@pytest.mark.parametrize("asked", [{"insecureSkipTLSVerifyBackend": "true"}, {"pretty": "true"}, {"container": "main"}, {"follow": "false"}, {"previous": "0"}])  # fmt: skip
def test_flags_that_change_nothing_here(api: Api, talker: str, asked: Obj) -> None:
    assert lines(api, talker, **asked)[:20] == TWENTY


def test_following_with_all_that_can_be_asked_for(api: Api, talker: str) -> None:
    asked = {
        "follow": "true",
        "timestamps": "true",
        "sinceSeconds": 3600,
        "tailLines": 2,
        "container": "main",
    }
    response = api.stream(talker, **asked, limitBytes=100_000, insecureSkipTLSVerifyBackend="true")
    arriving = follow(response)
    matches = [STAMPED.fullmatch(next(arriving)) for _ in range(5)]
    response.close()
    numbers = [int(match[2].split()[1]) for match in matches if match]
    assert numbers == list(range(numbers[0], numbers[0] + 5))


def test_the_run_before_is_not_waited_for(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("crasher", cluster.images["crash"])).ok()
    path = f"{core}/pods/crasher"
    api.eventually(path, lambda p: any(c["restartCount"] for c in p["status"].get("containerStatuses", ())))
    told = sorted(follow(api.stream(f"{path}/log", follow="true", previous="true")))
    assert told == ["KeyError: 'MYSQL_HOST'", "starting"]


def test_following_ends_at_the_limit(api: Api, talker: str) -> None:
    response = api.stream(talker, follow="true", limitBytes=10)
    assert b"".join(response.stream(64)) == b"line 1\nlin"


def test_an_init_container_has_a_log_of_its_own(api: Api, core: str, cluster: Cluster) -> None:
    before = {"initContainers": [{"name": "before", "image": cluster.images["done"]}]}
    api.post(f"{core}/pods", pod("p", cluster.images["shell"], spec=before)).ok()
    api.eventually(f"{core}/pods/p", lambda p: p["status"]["phase"] == "Running")
    assert lines(api, f"{core}/pods/p/log", container="before") == ["done"]
    first_line(api, f"{core}/pods/p/log")
    assert lines(api, f"{core}/pods/p/log") == ["ready"], (
        "without a name: the only one that is no init container"
    )
