"""Bytes at rest: five operations over a folder or S3 (``protocol``), opened by address (``stores``)."""
