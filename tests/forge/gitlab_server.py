"""A server that speaks GitLab's answers as docs.gitlab.com/api prints them, shortened to the fields around ours.

It keeps one project with one merge request; a test changes it while it is asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

PROJECT = "team/dummy"
TOKEN = "glpat-secret"
PAGE = 2
"""Members a page, so that paging is seen."""

Answer = tuple[int, Any, dict[str, str]]


def user(id: int, username: str, name: str = "", state: str = "active", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "username": username,
        "name": name or username.title(),
        "state": state,
        "locked": False,
        "avatar_url": None,
        "web_url": f"https://gitlab.example.com/{username}",
        **more,
    }


class GitLabServer:
    """A context manager; `url` is where it answers."""

    def __init__(self, *, edition: str = "ce") -> None:
        self.edition = edition
        self.members = [
            user(1, "author", access_level=40),
            user(2, "ada", "Ada Lovelace", access_level=30),
            user(3, "grace", "Grace Hopper", access_level=40),
            user(4, "gone", state="blocked", access_level=40),
            user(5, "project_7_bot_ab12", access_level=40),
            user(6, "guest", access_level=10),
            user(7, "manager", "Some Manager", access_level=50),
        ]
        self.contributors = [
            {
                "name": "Ada Lovelace",
                "email": "ada@example.com",
                "commits": 117,
                "additions": 0,
                "deletions": 0,
            },
            {
                "name": "G. Hopper",
                "email": "grace@example.com",
                "commits": 33,
                "additions": 0,
                "deletions": 0,
            },
            {"name": "gone", "email": "gone@example.com", "commits": 9, "additions": 0, "deletions": 0},
            {"name": "author", "email": "author@example.com", "commits": 5, "additions": 0, "deletions": 0},
        ]
        self.merge_request: dict[str, Any] = {
            "id": 1, "iid": 3, "project_id": 7, "title": "test1", "state": "opened", "draft": False,
            "work_in_progress": False, "author": user(1, "author"), "assignee": None, "assignees": [],
            "reviewers": [], "merge_status": "can_be_merged", "detailed_merge_status": "not_approved",
            "web_url": "http://gitlab.example.com/team/dummy/merge_requests/3",
        }  # fmt: skip
        self.approved_by: list[dict[str, Any]] = []
        self.required = 0
        """EE: approvals that the project's rules ask for."""
        self.failures: list[tuple[int, dict[str, str]]] = []
        """Statuses and headers that the next requests are answered with."""
        self.requests: list[tuple[str, str, Any]] = []
        self.on_request: Callable[[GitLabServer], None] = lambda _: None
        self.url = ""

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body, headers = owner.answer(self.command, self.path, self._body(), self.headers)
                content = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_PUT = do_GET

            def _body(self) -> Any:
                length = int(self.headers.get("Content-Length") or 0)
                return json.loads(self.rfile.read(length)) if length else None

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, target: str, body: Any, headers: Any) -> Answer:
        split = urlsplit(target)
        path = [unquote(part) for part in split.path.split("/") if part]
        self.requests.append((method, split.path, body))
        self.on_request(self)
        if self.failures:
            status, more = self.failures.pop(0)
            return status, {"message": f"{status} as ordered"}, more
        if headers.get("PRIVATE-TOKEN") != TOKEN:
            return 401, {"message": "401 Unauthorized"}, {}
        if path[:3] != ["api", "v4", "projects"] or path[3] != PROJECT:
            return 404, {"message": "404 Project Not Found"}, {}
        match method, path[4:]:
            case "GET", ["merge_requests", "3"]:
                return 200, self.merge_request, {}
            case "PUT", ["merge_requests", "3"]:
                return self._assign(body)
            case "GET", ["merge_requests", "3", "approvals"]:
                return 200, self._approvals(), {}
            case "GET", ["members", "all"]:
                return self._page(self.members, parse_qs(split.query))
            case "GET", ["repository", "contributors"]:
                return 200, self.contributors, {"X-Next-Page": ""}
        return 404, {"message": "404 Not found"}, {}

    def _assign(self, body: dict[str, Any]) -> Answer:
        known = {member["id"]: member for member in self.members}
        self.merge_request["assignees"] = [known[id] for id in body["assignee_ids"]]
        self.merge_request["reviewers"] = [known[id] for id in body["reviewer_ids"]]
        return 200, self.merge_request, {}

    def _approvals(self) -> dict[str, Any]:
        by = [{"user": person, "approved_at": "2026-03-05T08:04:35Z"} for person in self.approved_by]
        if self.edition == "ce":
            return {
                "user_has_approved": False,
                "user_can_approve": False,
                "approved": bool(by),
                "approved_by": by,
            }
        left = max(0, self.required - len(by))
        return {
            "id": 5, "iid": 3, "project_id": 7, "title": "test1", "state": "opened",
            "approved": left == 0, "approvals_required": self.required, "approvals_left": left,
            "approved_by": by, "suggested_approvers": [], "approvers": [], "approver_groups": [],
            "has_approval_rules": True, "multiple_approval_rules_available": False,
        }  # fmt: skip

    def _page(self, rows: list[Any], query: dict[str, list[str]]) -> Answer:
        page = int(query.get("page", ["1"])[0])
        following = str(page + 1) if page * PAGE < len(rows) else ""
        return 200, rows[(page - 1) * PAGE : page * PAGE], {"X-Next-Page": following, "X-Page": str(page)}
