"""The command line: ``gatekeeper ...`` (docs/operations.md). The commands themselves are in ``service/commands``."""

_INTERRUPTED = 130
"""128 and the number of SIGINT, as a shell has it."""


def main() -> None:
    """Run a command. Ctrl-C ends it without a word, even while its modules are being loaded; that is why they are loaded here."""
    try:
        from service.commands.tree import run  # noqa: PLC0415 - see above

        run()
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None


if __name__ == "__main__":
    main()
