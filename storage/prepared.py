"""Clean renditions that wait for a decision, sealed under the key of their own photo.

Each image is one object: the renditions' contents, one after another, behind a header in JSON that says where each one ends.
"""

import hashlib
import json
from typing import Final

from consent.people import SchoolId
from consent.photo import PhotoId, Rendition
from storage.objects.errors import ContentRefused, ObjectDisposed, ObjectMissing, SealBroken
from storage.objects.keys import photo_identity, photo_key
from storage.objects.protocol import ObjectStore, Put
from storage.sealing import Sealed, WrappingKey, open_sealed, seal_again

_HEADER_LENGTH: Final = 4
"""Bytes, big-endian, before the header."""


class Prepared:
    """The clean images of every school, in one object store that nothing else uses.

    It gives back renditions, never a CleanImage: whoever reads them MUST have them verified again before they go out.
    """

    def __init__(self, *, objects: ObjectStore, wrapping_key: WrappingKey) -> None:
        self._objects = objects
        self._wrapping_key = wrapping_key

    def keep(
        self,
        *,
        school_id: SchoolId,
        photo_id: PhotoId,
        image_digest: str,
        renditions: tuple[Rendition, ...],
        wrapped_key: bytes,
    ) -> None:
        """Keep the renditions of one image, durably, sealed under the photo's key; running it again changes nothing.

        Raises ContentRefused when there are none, or one is empty or not what its sha256 says; ObjectDisposed when this image
        was disposed of before, since no key is used twice; SealBroken when what stands there is not these renditions, which
        is never silently taken for them; KeyRefused, StoreUnavailable.
        """
        _check(renditions)
        key = photo_key(school_id, photo_id, image_digest)
        sealed = seal_again(
            _pack(renditions),
            wrapped_key=wrapped_key,
            aad=photo_identity(school_id, photo_id),
            label=image_digest.encode(),
            school_key=self._wrapping_key.of_school(school_id),
        )
        match self._objects.put_if_absent(key, sealed):
            case Put.WRITTEN | Put.SAME:
                return
            case Put.FENCED:
                raise ObjectDisposed("this image was disposed of")
            case Put.TAKEN:
                # Sealing twice never gives the same bytes, so an earlier run looks like a stranger's until it is opened.
                there = self.renditions(
                    school_id=school_id, photo_id=photo_id, image_digest=image_digest, wrapped_key=wrapped_key
                )
                if there != renditions:
                    raise SealBroken("other renditions are kept under this image's digest")

    def renditions(
        self, *, school_id: SchoolId, photo_id: PhotoId, image_digest: str, wrapped_key: bytes
    ) -> tuple[Rendition, ...]:
        """Return the renditions of one image, in the order in which they were kept, each hashed again.

        Raises ObjectDisposed, ObjectMissing, StoreUnavailable, and SealBroken when the bytes were altered, or are another
        school's, photo's or image's.
        """
        content = self._objects.get(photo_key(school_id, photo_id, image_digest))
        if content is None:
            raise ObjectMissing("a clean image is not where it was kept")
        if not content:
            raise ObjectDisposed("the clean image was disposed of")
        plaintext = open_sealed(
            Sealed(content=content, wrapped_key=wrapped_key),
            aad=photo_identity(school_id, photo_id),
            label=image_digest.encode(),
            school_key=self._wrapping_key.of_school(school_id),
        )
        found = _unpack(plaintext)
        if not all(_is_whole(rendition) for rendition in found):
            raise SealBroken("a rendition is not what its digest says")
        return found

    def dispose(self, *, school_id: SchoolId, photo_id: PhotoId, image_digest: str) -> None:
        """Leave a tombstone where the image's renditions were, or would have come, for ever."""
        self._objects.tombstone(photo_key(school_id, photo_id, image_digest))

    def dispose_all(self, *, school_id: SchoolId, photo_id: PhotoId) -> None:
        """Leave a tombstone on every image of a photo that is kept: one that was prepared again has several."""
        identity = photo_identity(school_id, photo_id).decode()
        for key in sorted({entry.key for entry in self._objects.list(f"{identity}/") if entry.size}):
            self._objects.tombstone(key)


def _check(renditions: tuple[Rendition, ...]) -> None:
    if not renditions:
        raise ContentRefused("an image has at least one rendition")
    if not all(rendition.content and _is_whole(rendition) for rendition in renditions):
        raise ContentRefused("a rendition is empty or not what its digest says")


def _is_whole(rendition: Rendition) -> bool:
    return hashlib.sha256(rendition.content).hexdigest() == rendition.sha256


def _pack(renditions: tuple[Rendition, ...]) -> bytes:
    header = json.dumps(
        [
            {
                "name": rendition.name,
                "width": rendition.width,
                "height": rendition.height,
                "media_type": rendition.media_type,
                "sha256": rendition.sha256,
                "size": len(rendition.content),
            }
            for rendition in renditions
        ]
    ).encode()
    contents = (rendition.content for rendition in renditions)
    return b"".join((len(header).to_bytes(_HEADER_LENGTH, "big"), header, *contents))


def _unpack(packed: bytes) -> tuple[Rendition, ...]:
    """Undo ``_pack``. The bytes came out of a seal, so only we can have packed them."""
    at = _HEADER_LENGTH + int.from_bytes(packed[:_HEADER_LENGTH], "big")
    renditions: list[Rendition] = []
    for entry in json.loads(packed[_HEADER_LENGTH:at]):
        size = entry.pop("size")
        renditions.append(Rendition(content=packed[at : at + size], **entry))
        at += size
    return tuple(renditions)
