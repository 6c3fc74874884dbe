"""Pages for people without an API client."""
