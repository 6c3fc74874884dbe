"""Pictures in which a photo manager has named people: face regions, keywords, captions."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from tests.parts.cameras import jpeg_with
from tests.parts.world import picture


def tagged(*faces: str, keywords: Iterable[str] = (), caption: str = "", seed: int = 1) -> tuple[str, bytes]:
    """A JPEG with a named region for each face, with these keywords and this caption."""
    regions = "".join(f'<rdf:li rdf:parseType="Resource"><mwg-rs:Name>{escape(one)}</mwg-rs:Name></rdf:li>' for one in faces)
    bag = "".join(f"<rdf:li>{escape(one)}</rdf:li>" for one in keywords)
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/">'
        f"<dc:subject><rdf:Bag>{bag}</rdf:Bag></dc:subject>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(caption)}</rdf:li></rdf:Alt></dc:description>'
        '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>'
        f"{regions}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return "IMG_0007.JPG", jpeg_with(picture(seed), xmp=xmp.encode())
