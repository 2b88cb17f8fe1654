"""The root of the command line: the table of families, and what an error looks like.

Exit codes: 0 fine, 1 the result is negative, 2 the call or the configuration is wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gate.cli.lazy import Family, attach, words_of_this_call
from gate.config_paths import state_directory

FAMILIES = (
    Family("demo", "gate.cli.demo", "Run emulated travellers through an emulated gate."),
    Family("run", "gate.cli.run", "Run one gate as its configuration says."),
    Family("watch", "gate.cli.watch", "Watch over a gate whose controller is down."),
    Family("recognise", "gate.cli.recognise", "Run the recognition worker of one gate."),
    Family("selftest", "gate.cli.selftest", "Let a running gate test itself."),
    Family("test", "gate.cli.test", "Run the tests, ruff and mypy --strict."),
    Family("doctor", "gate.cli.doctor", "Say what is there, what is missing, and the mend."),
    Family("config", "gate.cli.config", "Check a gate.toml, or print every key with its default."),
    Family("emulate", "gate.cli.emulate", "Run one device's emulator behind a pseudo-terminal."),
    Family("simulate", "gate.cli.simulate", "Run a hall of gates in virtual time."),
    Family("replay", "gate.cli.replay", "Decide recorded passages again and report differences."),
    Family("audit", "gate.cli.audit", "Verify the hash chain of a store."),
    Family("store", "gate.cli.store", "Create, back up and restore the store of a gate."),
    Family("export", "gate.cli.export", "Write the journal out for inspection."),
    Family("ban", "gate.cli.records", "Enter or lift a ban on departure or entry."),
    Family("emergency", "gate.cli.records", "Enter an emergency departure suspension."),
    Family("enrol", "gate.cli.records", "Enrol a traveller, or end an enrolment."),
    Family("permit", "gate.cli.records", "Enter or end a permit."),
    Family("member", "gate.cli.records", "Enter or end a membership."),
    Family("law", "gate.cli.law", "Ask the rules, or run the law cases."),
    Family("mrz", "gate.cli.mrz", "Read a machine readable zone."),
    Family("finger", "gate.cli.finger", "Extract and compare fingerprints."),
    Family("face", "gate.cli.face", "Detect and compare faces."),
    Family("bench", "gate.cli.bench", "Measure; exits 1 past twice a target."),
    Family("completion", "gate.cli.completion", "Print the completion script of a shell."),
)


def root_app(words: Sequence[str]) -> typer.Typer:
    """Return the command line for a call with these words after `egate`."""
    app = typer.Typer(
        name="egate",
        help="An automated border gate and its simulator.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # rich help would cost 0.3 s of import on every --help
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    attach(app, FAMILIES, words)
    return app


def run() -> None:
    """Run the call in `sys.argv`; never returns normally."""
    # numba's compiled kernels outlive a process; the checkout may be read-only.
    os.environ.setdefault("NUMBA_CACHE_DIR", os.path.join(state_directory(), "numba"))
    command = typer.main.get_command(root_app(words_of_this_call()))
    try:
        command.main(prog_name="egate")
    except Exception as error:
        refusal = _operating_error(error)
        if refusal is None:
            raise
        message, exit_code = refusal
        print(f"egate: {message}", file=sys.stderr)
        sys.exit(exit_code)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(version("egate"))
        except PackageNotFoundError:
            print("0.1.0 (from a checkout)")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Hold the options that come before a family."""


# An operating error is told in one line; anything else is a programmer's error and keeps its
# traceback. Named, not imported: a module that was never loaded cannot have raised.
_OPERATING_ERRORS: dict[tuple[str, str], int] = {
    ("gate.config", "ConfigError"): 2,
    ("gate.ports", "DeviceError"): 1,
    ("gate.ports", "StoreError"): 1,
    ("gate.store.errors", "StoreError"): 1,
}


def _operating_error(error: Exception) -> tuple[str, int] | None:
    for (module_name, class_name), exit_code in _OPERATING_ERRORS.items():
        kind: Any = getattr(sys.modules.get(module_name), class_name, None)
        if kind is not None and isinstance(error, kind):
            return str(error), exit_code
    return None
