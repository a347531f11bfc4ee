"""The flow diagram as PNG, from its SVG, with the shipped fonts alone: the same bytes on every machine."""

import struct
import zlib

import resvg_py

from prismake.text_metrics import FONT_FILES

DPI = 300


def draw_png(svg: str) -> bytes:
    """The SVG at its printed size and 300 dpi on white. Characters that the fonts lack are empty boxes."""
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        dpi=DPI,
        background="#ffffff",
        skip_system_fonts=True,
        font_files=[str(path) for path in FONT_FILES.values()],
        font_family="Liberation Sans",
    )
    return _with_resolution(bytes(png))


def _with_resolution(png: bytes) -> bytes:
    """The PNG with a pHYs chunk (PNG specification, 11.3.4.3) behind its header, so that it prints at its size."""
    per_metre = round(DPI / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    header_end = 8 + 4 + 4 + 13 + 4  # signature; length, type, data and checksum of IHDR
    return png[:header_end] + chunk + png[header_end:]
