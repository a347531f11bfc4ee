"""Asking a service: at its pace, with timeouts, again when something can pass, and with one message when it cannot."""

import email.utils
import html
import random
import re
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from prismake import __version__
from prismake.errors import PrismakeError
from prismake.search.pace import Pace
from prismake.search.services import Service

ATTEMPTS = 7
TIMEOUT = httpx.Timeout(60, connect=10)
_LONGEST_WAIT = 300  # seconds; a service that asks for more is asked another day
_KEPT = "What was retrieved is kept: run again later and it goes on from there."
T = TypeVar("T")


class PassingError(Exception):
    """Something that may be over when one asks again; `after` = seconds the service wants to be left alone."""

    def __init__(self, problem: str, after: float | None = None) -> None:
        super().__init__(problem)
        self.after = after


class Transport:
    """The way to one service, with e-mail and key where the service wants them."""

    def __init__(self, service: Service, identity: Mapping[str, str]) -> None:
        self.service = service
        self._identity = dict(identity)
        self._pace = Pace(service.host, service.per_second)
        agent = f"prismake/{__version__} (mailto:{service.email})"
        self._client = httpx.Client(timeout=TIMEOUT, headers={"User-Agent": agent})
        set_on_retry_hooks([self._tell])

    def ask(self, path: str, parameters: Mapping[str, Any], read: Callable[[bytes], T], *, post: bool = False) -> T:
        """What `read` makes of the answer's body. `read` raises PassingError for a body that is not whole.

        Waits grow from two intervals of the service's pace to seventy-five, with jitter. Raises PrismakeError when the
        service refuses, or still fails in the last attempt.
        """
        interval = self._pace.interval
        tries = stamina.retry_context(
            self._again,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=2 * interval,
            wait_max=75 * interval,
            wait_jitter=2 * interval,
        )
        try:
            for attempt in tries:
                with attempt:
                    return read(self._send(path, parameters, post))
        except PassingError as error:
            what = f"{self.service.name} could not be searched: {error}, {ATTEMPTS} times in a row"
            raise PrismakeError(what, hint=_KEPT) from None
        raise AssertionError("unreachable")

    def _send(self, path: str, parameters: Mapping[str, Any], post: bool) -> bytes:
        address = f"{self.service.address}/{path}"
        told = {**parameters, **self._identity}
        self._pace.wait()
        try:
            answer = self._client.post(address, data=told) if post else self._client.get(address, params=told)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise PrismakeError(f"{self.service.name} cannot be asked ({self._clean(str(error))})") from None
        except httpx.TimeoutException:
            raise PassingError("no answer in time") from None
        except httpx.ConnectError as error:
            raise PassingError(f"no connection to {self.service.host} ({self._clean(str(error))})") from None
        except httpx.RequestError as error:
            raise PassingError(f"the connection broke ({self._clean(str(error)) or type(error).__name__})") from None
        return self._sound(answer)

    def _sound(self, answer: httpx.Response) -> bytes:
        """The body of an answer that the service means as one."""
        code = answer.status_code
        if code == 200:
            return answer.content
        text = self._clean(answer.text)
        if code in (408, 429) or code >= 500:
            after = _wanted_wait(answer.headers)
            if after and after > _LONGEST_WAIT:
                why = "its allowance is used up" if code == 429 else f"its server failed ({code})"
                what = f"{self.service.name} wants no further requests for {after / 3600:.1f} hours: {why}"
                raise PrismakeError(what, hint=_KEPT)
            self._pace.postpone(after or 0)
            raise PassingError("too many requests (429)" if code == 429 else f"its server failed ({code})", after)
        if "unable to route request" in text.lower():
            raise PassingError("its server could not route the request (400)")
        hint = "Correct the strategy or the settings of this source."
        if code in (401, 403) or re.search(r"(?i)api.?key", text):
            hint = f"Check {self.service.key_name} in your environment." if self.service.key_name else ""
        problem = f"{self.service.name} refused the request ({code}): {text or 'without a reason'}"
        raise PrismakeError(problem, hint=hint)

    def _clean(self, text: str) -> str:
        """A line of plain text without tags and without secrets."""
        text = html.unescape(re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^>]*>", " ", self.service.redact(text)[:5000]))
        text = re.sub(r"[\x00-\x1f\x7f]+|\s+", " ", text).strip()
        return text if len(text) <= 300 else text[:300] + " ..."

    def _again(self, error: Exception) -> bool | float:
        if not isinstance(error, PassingError):
            return False
        return True if error.after is None else error.after + random.uniform(0, 2 * self._pace.interval)

    def _tell(self, details: RetryDetails) -> None:
        wait = f"{details.wait_for:.1f} s"
        print(f"{self.service.name}: {details.caused_by}; asking again in {wait}", file=sys.stderr, flush=True)


def _wanted_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by Retry-After (seconds or a date), or until a used-up allowance is renewed."""
    wanted = headers.get("retry-after", "")
    if not wanted and headers.get("x-ratelimit-remaining") == "0":
        wanted = headers.get("x-ratelimit-reset", "")
    try:
        seconds = float(wanted)
        return max(0.0, seconds - time.time() if seconds > 1e9 else seconds)  # some give the time of day
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(wanted).timestamp() - time.time())
    except ValueError:
        return None
