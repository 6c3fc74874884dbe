"""Bytes at rest: four operations over a folder or S3 (``protocol``), opened by address (``stores``)."""
