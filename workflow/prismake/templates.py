"""The templates of pages (data/*/*.html.j2). Every text in them is escaped unless it is marked as markup."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def environment(folder: Path) -> Environment:
    """For the templates of a folder; what a template names and nobody gives is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def policy_hash(text: str) -> str:
    """How a content security policy names the one script or style that it allows: sha256, in base64."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
