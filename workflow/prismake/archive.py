"""Zip files whose bytes depend on nothing but what is in them: no times, no user, and the parts in the order given."""

import io
import zipfile
from collections.abc import Iterable

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold


def zip_bytes(parts: Iterable[tuple[str, bytes]], *, stored: bool = False) -> bytes:
    """The zip of these named parts. `stored` leaves them uncompressed: what a compressor makes differs by version."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for name, data in parts:
            part = zipfile.ZipInfo(name, _EPOCH)
            part.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            part.create_system, part.external_attr = 0, 0
            target.writestr(part, data)
    return packed.getvalue()


def repacked(data: bytes, *, stored: bool = False) -> bytes:
    """The zip `data` (an Office file, say) with its parts as they are and no trace of when it was made."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return zip_bytes(((name, source.read(name)) for name in source.namelist()), stored=stored)
