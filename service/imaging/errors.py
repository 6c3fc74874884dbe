"""Why a picture was refused: one error, one closed list of reasons, one plain sentence each."""

from enum import StrEnum


class Refusal(StrEnum):
    """The closed list of reasons. Codes are permanent: they are stored, counted and shown."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    NOT_AN_IMAGE = "not-an-image"
    UNSUPPORTED = "unsupported"
    VIDEO = "video"
    TRUNCATED = "truncated"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_MANY_FRAMES = "too-many-frames"
    UNDECODABLE = "undecodable"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    UNCLEAN = "unclean"
    UNREADABLE_METADATA = "unreadable-metadata"

    @property
    def sentence(self) -> str:
        """What a teacher reads: what is wrong and what to do. Echoes nothing of the file."""
        return _SENTENCES[self]


_ACCEPTED = "JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC or AVIF"
_SENTENCES = {
    Refusal.EMPTY: "This file is empty. Please upload the picture again.",
    Refusal.TOO_LARGE: "This file is too large. Please upload a picture of at most 100 MB.",
    Refusal.NOT_AN_IMAGE: f"This file is not a picture. Please upload a photo as {_ACCEPTED}.",
    Refusal.UNSUPPORTED: (
        "This kind of picture (for example a raw camera file) cannot be accepted. "
        f"Please save it as {_ACCEPTED} and upload it again."
    ),
    Refusal.VIDEO: "This is a video. Videos are not accepted in this version: please upload photos only.",
    Refusal.TRUNCATED: "Part of this picture is missing: it was cut off while being copied. Please copy and upload it again.",
    Refusal.TOO_MANY_PIXELS: (
        "This picture is too big. Please upload a JPEG or HEIC of at most 60 megapixels, or another picture of at most 40."
    ),
    Refusal.TOO_MANY_FRAMES: "This file holds several pictures, or one that moves. Please upload a single still picture.",
    Refusal.UNDECODABLE: "This picture is damaged and could not be opened. Please take a new copy from the camera.",
    Refusal.TIMEOUT: "This picture took too long to open. Please take a new copy from the camera, or a smaller one.",
    Refusal.CRASHED: "This picture could not be opened safely. Please take a new copy from the camera.",
    Refusal.UNCLEAN: "This picture could not be proven free of hidden details, so it was not used.",
    Refusal.UNREADABLE_METADATA: "What the camera wrote into this picture could not be read, so a person must look at it first.",
}


class ImagingError(Exception):
    """The one error of ``service.imaging``: nothing was made from these bytes, for ``reason``.

    Its text is the reason's code alone, so that a log line echoes nothing of the file.
    """

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason
