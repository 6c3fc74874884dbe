"""Files that are a picture and something else at once, and files that only call themselves pictures."""

import io
import zipfile
from functools import partial

from tests.corpus import gifs, jpegs, pngs
from tests.corpus.canaries import ascii_canary
from tests.corpus.specimens import Planted, Specimen, plain, specimen

_SCRIPT = b"<script>alert('" + ascii_canary("script") + b"')</script>"
_PAGE = b"<!DOCTYPE html><html><body>" + _SCRIPT + b"</body></html>"
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Title(" + ascii_canary("pdf") + b")>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(" + ascii_canary("postscript") + b") show\n"
_DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64"><text>' + ascii_canary("svg") + b"</text></svg>"


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("pupils.txt", (2024, 1, 1, 0, 0, 0)), ascii_canary("zip"))
    return buffer.getvalue()


def _behind(form: str, more: bytes, place: str) -> Planted:
    return Planted(plain(form) + more, (place,))


def _comment(more: bytes, place: str) -> Planted:
    return Planted(jpegs.dressed((0xFE, more)), (place,))


def _header_page() -> Planted:
    """The page stands in the first segment, as browsers that guess would find it."""
    jpeg = plain("JPEG")
    return Planted(jpeg[:2] + jpegs.segment(0xE0, b"JFIF\x00" + jpeg[11:20] + _PAGE) + jpeg[20:], ("script",))


def _png_document() -> Planted:
    return Planted(pngs.dressed((b"tEXt", b"Comment\x00" + _PDF), behind=_PDF), ("pdf",))


def _gif_script() -> Planted:
    return Planted(gifs.gif(gifs.extension(0xFE, b"*/=1;alert('" + ascii_canary("gif-script") + b"')/*")), ("gif-script",))


def _bmp_script() -> Planted:
    return Planted(gifs.bmp(gap=b"*/=1;" + _SCRIPT + b"/*"), ("script",))


def _alone(content: bytes, place: str) -> Planted:
    return Planted(content, (place,))


POLYGLOTS: tuple[Specimen, ...] = (
    specimen("jpeg-and-zip.jpg", lambda: _behind("JPEG", _archive(), "zip")),
    specimen("png-and-zip.png", lambda: _behind("PNG", _archive(), "zip")),
    specimen("heic-and-zip.heic", lambda: _behind("HEIF", _archive(), "zip")),
    specimen("webp-and-page.webp", partial(_behind, "WEBP", _PAGE, "script")),
    specimen("jpeg-and-page.jpg", partial(_behind, "JPEG", _PAGE, "script")),
    specimen("jpeg-with-page-in-comment.jpg", partial(_comment, _PAGE, "script")),
    specimen("jpeg-with-page-in-header.jpg", _header_page),
    specimen("jpeg-with-postscript-in-comment.jpg", partial(_comment, _POSTSCRIPT, "postscript")),
    specimen("jpeg-and-postscript.jpg", partial(_behind, "JPEG", _POSTSCRIPT, "postscript")),
    specimen("jpeg-and-program.jpg", lambda: _behind("JPEG", b"\x7fELF\x02\x01\x01" + ascii_canary("elf"), "elf")),
    specimen("png-and-pdf.png", _png_document),
    specimen("gif-and-script.gif", _gif_script),
    specimen("bmp-and-script.bmp", _bmp_script),
    specimen("zip-and-jpeg.jpg", lambda: _alone(_archive() + plain("JPEG"), "zip")),
    specimen("pdf-and-jpeg.jpg", lambda: _alone(_PDF + plain("JPEG"), "pdf")),
    specimen("page.jpg", partial(_alone, _PAGE, "script")),
    specimen("postscript.jpg", partial(_alone, _POSTSCRIPT, "postscript")),
    specimen("postscript-in-binary-wrapping.jpg", lambda: _alone(b"\xc5\xd0\xd3\xc6" + bytes(28) + _POSTSCRIPT, "postscript")),
    specimen("postscript.eps", partial(_alone, _POSTSCRIPT, "postscript")),
    specimen("drawing.svg", partial(_alone, _DRAWN, "svg")),
    specimen("drawing-as.png", partial(_alone, b'<?xml version="1.0"?>' + _DRAWN, "svg")),
)
