"""The services that are searched live: addresses, paces, and who is asking. Secrets never leave this process's memory
but to the service itself: no file, log or message holds them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from prismake.data_files import read_data
from prismake.errors import PrismakeError

EMAIL = "PRISMAKE_EMAIL"


@dataclass(frozen=True)
class Service:
    """One service as it is asked now."""

    name: str
    platform: str
    address: str  # without / at the end
    per_second: float
    key_name: str  # environment variable of the key; "" when the service has none
    email: str
    key: str

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc.rpartition("@")[2]

    def redact(self, text: str) -> str:
        """The text without e-mail address and key."""
        for secret in filter(None, (self.key, self.email)):
            for spelling in {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}:
                text = text.replace(spelling, "***")
        return text


@cache
def read_services() -> dict[str, dict[str, Any]]:
    """The table data/search/services.yaml."""
    return read_data("search/services.yaml")


def open_service(kind: str, address: str = "", environment: Mapping[str, str] | None = None) -> Service:
    """The service of this kind (a key of services.yaml), with e-mail, key and address of the environment.

    What the environment lacks is taken from the credentials file. Raises PrismakeError when the e-mail address, or a
    key that the service requires, is nowhere.
    """
    environment = os.environ if environment is None else environment
    known = {**_credentials(environment), **{name: value for name, value in environment.items() if value}}
    told = read_services()[kind]
    key_name = told.get("key_from", "")
    email, key = known.get(EMAIL, ""), known.get(key_name, "")
    if not email:
        hint = f"Set the environment variable {EMAIL}=you@example.org and run again."
        raise PrismakeError(f"a search of {told['name']} says who is asking, and no e-mail address is set", hint=hint)
    if told.get("key_required") and not key:
        hint = f"Get one from the service, set {key_name} and run again."
        raise PrismakeError(f"{told['name']} answers only with an API key, and none is set", hint=hint)
    chosen = (known.get(told["address_from"]) or address or told["address"]).rstrip("/")
    if urlsplit(chosen).scheme not in ("http", "https") or not urlsplit(chosen).hostname:
        raise PrismakeError(f"'{chosen}' is not a web address", hint=f"Correct {told['address_from']} or `address`.")
    pace = told.get("per_second_with_key") if key else None
    return Service(
        name=told["name"],
        platform=told["platform"],
        address=chosen,
        per_second=_pace(known, chosen != told["address"]) or pace or told["per_second"],
        key_name=key_name,
        email=email,
        key=key,
    )


def _pace(known: Mapping[str, str], elsewhere: bool) -> float | None:
    """Requests per second at another address than the service's own, whose pace is not for us to choose."""
    try:
        return float(known["PRISMAKE_PACE"]) if elsewhere and known.get("PRISMAKE_PACE") else None
    except ValueError as error:
        raise PrismakeError("PRISMAKE_PACE is not a number of requests per second") from error


def _credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """NAME=value lines of the file that PRISMAKE_CREDENTIALS names, or of ~/.config/prismake/credentials."""
    named = environment.get("PRISMAKE_CREDENTIALS")
    path = Path(named) if named else Path("~/.config/prismake/credentials").expanduser()
    if not path.is_file():
        if named:
            raise PrismakeError("no such file", place=named, hint="Correct PRISMAKE_CREDENTIALS.")
        return {}
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs if value.strip()}
