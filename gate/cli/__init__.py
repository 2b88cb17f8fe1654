"""The command line: one file per command family, heavy things imported inside the command."""


def main() -> None:
    """Run the command line; the entry point of the script `egate`."""
    from gate.cli.main import run

    run()
