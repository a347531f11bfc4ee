"""Releases: what was submitted, kept once and for all in resources/releases/TAG/."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from prismake import __version__
from prismake.config import checked_text, read_config
from prismake.errors import PrismakeError
from prismake.previous import FORMAT, MANIFEST, RELEASES
from prismake.prisma.layout import lay_out
from prismake.prisma.settings import settings_of
from prismake.prisma.svg import draw_svg
from prismake.publish import write_bytes, write_json
from prismake.report.load import load
from prismake.report.status import assess, last_search

_TAG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
# What a release holds: its path there, and where it comes from in the review's folder.
_RESULTS = {
    **{f"flow.{kind}": f"results/prisma/flow.{kind}" for kind in ("json", "csv", "svg", "png", "pdf", "html")},
    **{f"{table}.csv": f"results/prisma/{table}.csv" for table in ("records", "reports", "report_study")},
    "prisma_flow.zip": "results/prisma/prisma_flow.zip",
    "report.html": "results/report/report.html",
}
_SHOWN = 3  # reasons why a review is a draft
_RUN = "Run `snakemake`, then make the release."


def make_release(review: Path, tag: str, *, draft: bool = False) -> Path:
    """Keep what the review's last run made as resources/releases/TAG/; returns that folder.

    It is whole or not there. Raises PrismakeError for a TAG that is taken or no safe name of a folder, when the results
    are missing or made from another configuration, and for a draft, unless `draft` says that one is wanted.
    """
    folder = _folder(review, tag)
    config = read_config(review)
    files = _files(review, config)
    _check_results(review, config, files)
    loaded = load(config, review / "results")
    reasons = assess(loaded).draft
    if reasons and not draft:
        more = f"\n  - and {len(reasons) - _SHOWN} more, see `prismake status`" if len(reasons) > _SHOWN else ""
        listed = "".join(f"\n  - {reason}" for reason in reasons[:_SHOWN])
        hint = "Mend this and run `snakemake`, or release the draft as one with --draft."
        raise PrismakeError(f"the review is a draft{listed}{more}", place=review.as_posix(), hint=hint)
    contents = {name: path.read_bytes() for name, path in files.items()}
    manifest = {
        "format": FORMAT,
        "tag": tag,
        "title": config["review"]["title"],
        "prismake": __version__,
        "last_search": last_search(loaded),
        "previous": config["review"]["previous"],
        "draft": reasons,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())},
    }
    _write(folder, contents, manifest)
    return folder


def _folder(review: Path, tag: str) -> Path:
    if not _TAG.fullmatch(tag):
        hint = "Use letters of a to z, digits, '.', '_' and '-', at most 64, with a letter or digit first and last."
        raise PrismakeError(f"'{tag}' cannot name a release", hint=hint)
    folder = review / RELEASES / tag
    there = [path.name for path in (review / RELEASES).glob("*") if path.name.casefold() == tag.casefold()]
    if there:
        hint = "A release never changes; choose another name."
        raise PrismakeError("this release is there already", place=(folder.parent / there[0]).as_posix(), hint=hint)
    return folder


def _files(review: Path, config: dict[str, Any]) -> dict[str, Path]:
    """Where each file of the release comes from, by its path there."""
    files = {name: review / path for name, path in _RESULTS.items()}
    results = review / "results"
    tables = [*(results / "extraction").glob("*.csv"), *(results / "risk_of_bias").rglob("*.csv")]
    for path in sorted([*tables, *(results / "report/checklists").glob("*")]):
        files[path.relative_to(results).as_posix()] = path
    settings = {path for pattern in ("*.yaml", "*.yml") for path in (review / "config").rglob(pattern)}
    if config["extraction"]["form"]:
        settings.add(review / config["extraction"]["form"])
    for path in sorted(settings):
        inside = path.is_relative_to(review / "config")
        files[path.relative_to(review).as_posix() if inside else f"config/forms/{path.name}"] = path
    return files


def _check_results(review: Path, config: dict[str, Any], files: dict[str, Path]) -> None:
    """Raises PrismakeError unless results/ is there and was made from this configuration."""
    for path in files.values():
        if not path.is_file():
            raise PrismakeError("nothing to release: this file is missing", place=path.as_posix(), hint=_RUN)
    report = files["report.html"]
    digest = hashlib.sha256(checked_text(config).encode()).hexdigest()[:12]
    if f"<code>{digest}</code>" not in report.read_text(encoding="utf-8"):
        problem = "this was made from another configuration than config/config.yaml as it is now"
        raise PrismakeError(problem, place=report.as_posix(), hint=_RUN)
    flow = json.loads(files["flow.json"].read_text(encoding="utf-8"))
    picture = files["flow.svg"].read_text(encoding="utf-8")
    if picture != draw_svg(lay_out(flow, settings_of(config))) or picture.strip() not in report.read_text(
        encoding="utf-8"
    ):
        problem = "the last run did not finish: flow.svg or report.html do not show these numbers"
        raise PrismakeError(problem, place=files["flow.json"].as_posix(), hint=_RUN)


def _write(folder: Path, contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        for name, data in contents.items():
            write_bytes(temporary / name, data)
        write_json(temporary / MANIFEST, manifest)
        temporary.rename(folder)  # fails when somebody else has made it meanwhile
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
