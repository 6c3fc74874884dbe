"""The fields of XMP that name people, list keywords or hold other words: which kind each is, and which place of a person tag."""

from collections.abc import Iterable

from service.imaging.metadata.people import PersonPlace
from service.imaging.metadata.removed import RemovedKind

RDF, XML = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/XML/1998/namespace"
TIFF, EXIF = "http://ns.adobe.com/tiff/1.0/", "http://ns.adobe.com/exif/1.0/"
EXIF_NOW, AUX = "http://cipa.jp/exif/1.0/", "http://ns.adobe.com/exif/1.0/aux/"
EXTENDED = "http://ns.adobe.com/xmp/note/ HasExtendedXMP"
"""Names the rest of the document, which stands in segments of its own."""
THUMBNAIL = "http://ns.adobe.com/xap/1.0/g/img/ image"
GRAMMAR = {f"{RDF} about", f"{RDF} parseType", f"{RDF} resource", f"{XML} lang"}
"""Attributes that say nothing about the picture."""

_DC, _PHOTOSHOP, _LIGHTROOM = (
    "http://purl.org/dc/elements/1.1/",
    "http://ns.adobe.com/photoshop/1.0/",
    "http://ns.adobe.com/lightroom/1.0/",
)
_IPTC_CORE, _IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_REGIONS, _MICROSOFT_REGION, _ACDSEE_REGIONS = (
    "http://www.metadataworkinggroup.com/schemas/regions/",
    "http://ns.microsoft.com/photo/1.2/t/Region#",
    "http://ns.acdsee.com/regions/",
)
_MWG_KEYWORDS = "http://www.metadataworkinggroup.com/schemas/keywords/"
_MICROSOFT, _DIGIKAM, _ACDSEE = (
    "http://ns.microsoft.com/photo/1.0/",
    "http://www.digikam.org/ns/1.0/",
    "http://ns.acdsee.com/iptc/1.0/",
)
_MEDIAPRO, _EXPRESSION = "http://ns.iview-multimedia.com/mediapro/1.0/", "http://ns.microsoft.com/expressionmedia/1.0/"
_PRISM, _GETTY, _PDF = (
    "http://prismstandard.org/namespaces/basic/2.0/",
    "http://xmp.gettyimages.com/gift/1.0/",
    "http://ns.adobe.com/pdf/1.3/",
)

Field = tuple[RemovedKind, PersonPlace]


def _fields(kind: RemovedKind, place: PersonPlace, space: str, names: Iterable[str]) -> dict[str, Field]:
    return {f"{space} {name}": (kind, place) for name in names}


_PEOPLE, _KEYWORDS, _WORDS = RemovedKind.PERSON_NAMES, RemovedKind.KEYWORDS, RemovedKind.WORDS

FIELDS: dict[str, Field] = {
    **_fields(_PEOPLE, PersonPlace.REGION_NAME, _REGIONS, ("Name", "Description")),
    **_fields(_PEOPLE, PersonPlace.REGION_NAME, _ACDSEE_REGIONS, ("Name",)),
    **_fields(
        _PEOPLE,
        PersonPlace.MICROSOFT_REGION,
        _MICROSOFT_REGION,
        ("PersonDisplayName", "PersonEmailDigest", "PersonLiveIdCID", "PersonSourceID"),
    ),
    **_fields(_PEOPLE, PersonPlace.PERSON_IN_IMAGE, _IPTC_EXTENSION, ("PersonInImage", "PersonInImageWDetails", "PersonName")),
    **_fields(_PEOPLE, PersonPlace.PERSON_IN_IMAGE, _PRISM, ("person",)),
    **_fields(_PEOPLE, PersonPlace.PERSON_IN_IMAGE, _GETTY, ("Personality",)),
    **_fields(_PEOPLE, PersonPlace.MEDIAPRO_PEOPLE, _MEDIAPRO, ("People",)),
    **_fields(_PEOPLE, PersonPlace.MEDIAPRO_PEOPLE, _EXPRESSION, ("People",)),
    **_fields(_KEYWORDS, PersonPlace.MEDIAPRO_SETS, _MEDIAPRO, ("CatalogSets",)),
    **_fields(_KEYWORDS, PersonPlace.MEDIAPRO_SETS, _EXPRESSION, ("CatalogSets",)),
    **_fields(_KEYWORDS, PersonPlace.DC_SUBJECT, _DC, ("subject",)),
    **_fields(_KEYWORDS, PersonPlace.LR_HIERARCHICAL_SUBJECT, _LIGHTROOM, ("hierarchicalSubject", "weightedFlatSubject")),
    **_fields(_KEYWORDS, PersonPlace.DIGIKAM_TAGS, _DIGIKAM, ("TagsList",)),
    **_fields(_KEYWORDS, PersonPlace.MICROSOFT_KEYWORDS, _MICROSOFT, ("LastKeywordXMP", "LastKeywordIPTC")),
    **_fields(_KEYWORDS, PersonPlace.MICROSOFT_KEYWORDS, _MICROSOFT.rstrip("/"), ("LastKeywordXMP", "LastKeywordIPTC")),
    **_fields(_KEYWORDS, PersonPlace.ACDSEE, _ACDSEE, ("keywords", "categories")),
    **_fields(_KEYWORDS, PersonPlace.MWG_KEYWORDS, _MWG_KEYWORDS, ("Keywords",)),
    **_fields(_WORDS, PersonPlace.ACDSEE, _ACDSEE, ("author", "caption", "notes")),
    **_fields(_WORDS, PersonPlace.DC_TITLE, _DC, ("title",)),
    **_fields(_WORDS, PersonPlace.DC_DESCRIPTION, _DC, ("description",)),
    **_fields(_WORDS, PersonPlace.DC_CREATOR, _DC, ("creator", "contributor", "rights")),
    **_fields(_WORDS, PersonPlace.ALT_TEXT, _IPTC_CORE, ("AltTextAccessibility", "ExtDescrAccessibility")),
    **_fields(_WORDS, PersonPlace.IPTC_WORDS, _IPTC_CORE, ("Location",)),
    **_fields(_WORDS, PersonPlace.IPTC_WORDS, _IPTC_EXTENSION, ("LocationCreated", "LocationShown")),
    **_fields(
        _WORDS,
        PersonPlace.PHOTOSHOP_WORDS,
        _PHOTOSHOP,
        ("Headline", "Instructions", "City", "State", "Country"),
    ),
    **_fields(_WORDS, PersonPlace.PHOTOSHOP_CREATOR, _PHOTOSHOP, ("AuthorsPosition", "CaptionWriter", "Credit", "Source")),
    **_fields(_WORDS, PersonPlace.PDF_WORDS, _PDF, ("Author", "Title", "Subject", "Keywords")),
    **_fields(_WORDS, PersonPlace.USER_COMMENT, EXIF, ("UserComment",)),
    **_fields(_WORDS, PersonPlace.ARTIST, TIFF, ("Artist",)),
    **_fields(_WORDS, PersonPlace.ARTIST, EXIF_NOW, ("Photographer", "ImageEditor")),
    **_fields(_WORDS, PersonPlace.IMAGE_DESCRIPTION, TIFF, ("ImageDescription",)),
    **_fields(_WORDS, PersonPlace.IMAGE_DESCRIPTION, EXIF_NOW, ("ImageTitle",)),
    **_fields(_WORDS, PersonPlace.COPYRIGHT, TIFF, ("Copyright",)),
    **_fields(_WORDS, PersonPlace.OWNER_NAME, EXIF_NOW, ("CameraOwnerName",)),
    **_fields(_WORDS, PersonPlace.OWNER_NAME, AUX, ("OwnerName",)),
}
"""Each field as expat names it: namespace, blank, name."""

PLACES = {
    *(f"{_PHOTOSHOP} {name}" for name in ("City", "State", "Country")),
    *(f"{_IPTC_CORE} {name}" for name in ("Location", "CountryCode")),
    *(f"{_IPTC_EXTENSION} {name}" for name in ("LocationCreated", "LocationShown")),
}
"""The fields of them that say where; those of EXIF's GPS do so too."""
