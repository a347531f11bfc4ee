"""The hash of the code behind a rule.

Snakemake does not notice edits inside an installed package, so each rule has this hash among its parameters: an edit
reruns the rules whose command uses the edited module, and no others. Light imports only.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_IMPORT = re.compile(
    r"^[ \t]*from (prismake(?:\.\w+)*) import ([^\n(]+|\([^)]*\))|^[ \t]*import (prismake(?:\.\w+)*)", re.M
)


def source(*modules: str, data: Iterable[str] = ()) -> str:
    """12 hexadecimal digits over these modules of the package, all modules of it that they import, and their data.

    A module is named from the package on, as in "screening.collect". The data of a package x are the files of data/x;
    `data` names further folders there.
    """
    paths: set[Path] = set()
    for module in modules:
        paths |= _closure(_file(f"prismake.{module}"))
    folders = {path.relative_to(HERE).parts[0] for path in paths} | set(data)
    for folder in folders:
        paths |= _files(HERE / "data" / folder)
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + _digest(path) + b"\0")
    return digest.hexdigest()[:12]


def _file(name: str) -> Path:
    parts = name.split(".")[1:]
    module = HERE.joinpath(*parts)
    return module / "__init__.py" if module.is_dir() else module.with_suffix(".py")


@cache
def _files(folder: Path) -> frozenset[Path]:
    return frozenset(path for path in folder.rglob("*") if path.is_file())


@cache
def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


@cache
def _imports(path: Path) -> frozenset[Path]:
    found = set()
    for package, names, module in _IMPORT.findall(path.read_text(encoding="utf-8")):
        if module:
            found.add(_file(module))
            continue
        found.add(_file(package))
        for name in re.findall(r"\w+", re.sub(r" as \w+|#[^\n]*", "", names)):
            submodule = HERE.joinpath(*package.split(".")[1:], name)
            if submodule.with_suffix(".py").is_file() or submodule.is_dir():
                found.add(_file(f"{package}.{name}"))
    return frozenset(p for p in found if p.is_file())


def _closure(path: Path) -> set[Path]:
    todo, done = [path], set()
    while todo:
        path = todo.pop()
        if path not in done:
            done.add(path)
            todo += _imports(path)
    return done
