"""The flow diagram as PNG, from its SVG, with the shipped fonts and those of this machine that it needs besides."""

import struct
import zlib
from collections.abc import Iterable

import resvg_py

from prismake.fonts import Font
from prismake.text_metrics import FONT_FILES


def draw_png(svg: str, dpi: int = 300, fallbacks: Iterable[Font] = ()) -> bytes:
    """The SVG at its printed size on white. Characters that none of the fonts has are empty boxes.

    Without `fallbacks` the bytes are the same on every machine.
    """
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        dpi=dpi,
        background="#ffffff",
        skip_system_fonts=True,
        font_files=[str(path) for path in (*FONT_FILES.values(), *(font.path for font in fallbacks))],
        font_family="Liberation Sans",
    )
    return _with_resolution(bytes(png), dpi)


def _with_resolution(png: bytes, dpi: int) -> bytes:
    """The PNG with a pHYs chunk (PNG specification, 11.3.4.3) behind its header, so that it prints at its size."""
    per_metre = round(dpi / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    header_end = 8 + 4 + 4 + 13 + 4  # signature; length, type, data and checksum of IHDR
    return png[:header_end] + chunk + png[header_end:]
