"""What all stand-ins share: a server with a log of requests, a limit per second, and faults on demand."""

import json
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FAULTS = {  # those of the transport, which any service can have
    "429": "too many requests, with Retry-After",
    "500": "a page of HTML with 500",
    "502": "a plain 502",
    "route": "400 Unable to route request",
    "html": "a page of HTML with 200",
    "empty": "200 without a body",
    "cut": "half of the body, then the end of the connection, with Content-Length",
    "cut chunked": "the same, chunked",
    "cut without length": "the same, and nothing says how long it is",
    "half": "half of the body as if it were all of it",
    "drop": "the end of the connection before the headers",
    "slow": "a slow first byte",
    "drip": "the body in drops",
}


@dataclass
class Answer:
    body: bytes
    status: int = 200
    kind: str = "text/plain; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    time: float
    method: str
    path: str
    parameters: dict[str, str]
    agent: str
    fault: str  # "" when it was answered well


class StandIn:
    """A service on the loopback. Use as a context manager; `address` is its base address."""

    prefix = ""

    def __init__(self, *, per_second: float | None = None) -> None:
        self.per_second = per_second
        self.log: list[Asked] = []
        self.faults: deque[str] = deque()  # for the next requests, one each; "" = none
        self.always = ""  # a fault of every request
        self.chance = 0.0  # of a fault at any request, by a generator with a seed
        self.dice = random.Random(0)
        self.storm = list(FAULTS)
        self.lock = threading.Lock()

    def answer(self, path: str, parameters: dict[str, str], fault: str) -> Answer:
        """The answer to a request; `fault` may be one that the service itself has to make."""
        raise NotImplementedError(path)

    def limit(self, parameters: dict[str, str]) -> float | None:
        return self.per_second

    def __enter__(self):
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                standin.serve(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *arguments) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}{self.prefix}"
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        now = time.monotonic()
        length = int(handler.headers.get("Content-Length") or 0)
        query = urlsplit(handler.path).query + "&" + handler.rfile.read(length).decode()
        parameters = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        path = urlsplit(handler.path).path
        with self.lock:
            limit = self.limit(parameters)
            recent = sum(1 for asked in self.log if asked.time > now - 1 and asked.fault != "pace")
            if limit and recent >= limit:
                fault = "pace"
            else:
                fault = self.faults.popleft() if self.faults else self.always
                if not fault and self.dice.random() < self.chance:
                    fault = self.dice.choice(self.storm)
            agent = handler.headers.get("User-Agent", "")
            self.log.append(Asked(now, handler.command, path, parameters, agent, fault))
        if not path.startswith(self.prefix):
            return _send(handler, Answer(b"no such tool", 404))
        if fault == "drop":
            handler.close_connection = True
            return None
        if refusal := _refusal(fault):
            return _send(handler, refusal)
        answer = self.answer(path.removeprefix(self.prefix).strip("/"), parameters, fault)
        if fault == "half":
            answer.body = answer.body[: len(answer.body) // 2]
        return _send(handler, answer, fault)


def _refusal(fault: str) -> Answer | None:
    page = b"<!DOCTYPE html><html><head><title>WWW Error 500 Diagnostic</title></head><body>Server Error</body></html>"
    match fault:
        case "429":
            return Answer(b'{"error":"API rate limit exceeded"}', 429, headers={"Retry-After": "1"})
        case "pace":
            told = {"error": "API rate limit exceeded", "api-key": "127.0.0.1", "count": "5", "limit": "3"}
            return Answer(json.dumps(told).encode(), 429, headers={"X-RateLimit-Limit": "3"})
        case "500":
            return Answer(page, 500, "text/html")
        case "502":
            return Answer(b"Bad Gateway", 502)
        case "route":
            return Answer(b"Unable to route request!\n\nservice name: /http/service/ratecontrol", 400)
        case "html":
            return Answer(page, 200, "text/html")
        case "empty":
            return Answer(b"")
    return None


def _send(handler: BaseHTTPRequestHandler, answer: Answer, fault: str = "") -> None:
    body = answer.body
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.kind)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if fault == "slow":
        time.sleep(0.3)
    if fault.startswith("cut"):
        handler.close_connection = True
        half = body[: len(body) // 2]
        if fault == "cut chunked":
            handler.send_header("Transfer-Encoding", "chunked")
            half = b"%x\r\n%s\r\n" % (len(half), half)
        elif fault == "cut":
            handler.send_header("Content-Length", str(len(body)))
        else:
            handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(half)
        return
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if fault == "drip":
        step = max(1, len(body) // 10)
        for start in range(0, len(body), step):
            handler.wfile.write(body[start : start + step])
            handler.wfile.flush()
            time.sleep(0.02)
        return
    handler.wfile.write(body)


def in_one_second(log: list[Asked]) -> int:
    """The most requests that came within any one second."""
    times = [asked.time for asked in log]
    return max((sum(1 for other in times if time <= other < time + 1) for time in times), default=0)
