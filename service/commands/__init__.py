"""The commands of ``gatekeeper``, by what they need; each writes for a person, or JSON lines for a program."""
