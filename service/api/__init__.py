"""JSON in and out, under ``/v1`` (docs/api.md, docs/openapi.json)."""
