"""Command families that are imported only when the command line names them.

`./egate --help` and shell completion of the first word must answer at once, so a family that
is not asked for is shown from the table below and never imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import typer


@dataclass(frozen=True, slots=True)
class Family:
    """One word of the command line and the module that answers it.

    The module offers, first found wins: `<name>_app` or `app` (a `typer.Typer`),
    `build(words)` (returns one, given the words after the family's own), or `command`
    (a function, which typer turns into a single command).
    """

    name: str
    module: str
    help: str

    @property
    def present(self) -> bool:
        """Whether the module is there; asks the import system without importing it."""
        try:
            return importlib.util.find_spec(self.module) is not None
        except ModuleNotFoundError:
            return False


def words_of_this_call() -> list[str]:
    """Return the words after `egate`, of a call or of a line being completed."""
    if "_EGATE_COMPLETE" not in os.environ:
        return sys.argv[1:]
    # bash hands over COMP_WORDS, the other shells _TYPER_COMPLETE_ARGS (typer's scripts).
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    return line.split()[1:]


def attach(root: typer.Typer, families: Iterable[Family], words: Sequence[str]) -> None:
    """Add the families that are present to `root`, importing only the one that `words` names."""
    named, rest = first_word(words)
    for family in families:
        if not family.present:
            continue
        if family.name == named:
            _attach_loaded(root, family, rest)
        else:
            root.command(family.name, help=family.help)(_not_asked_for)


def first_word(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the first word that is no option, and the words after it."""
    for position, word in enumerate(words):
        if not word.startswith("-"):
            return word, list(words[position + 1 :])
    return None, []


def _not_asked_for() -> None:
    raise AssertionError("a family named on the command line is always loaded")


def _attach_loaded(root: typer.Typer, family: Family, rest: list[str]) -> None:
    module = importlib.import_module(family.module)
    app = _offered_app(module, family.name, rest)
    single = _Single(module.command) if app is None else _single_command(app, family.name)
    if single is not None:
        told = None if single.function.__doc__ else family.help
        root.command(family.name, help=told, context_settings=single.settings)(single.function)
    elif app is not None:
        root.add_typer(app, name=family.name, help=family.help)


def _offered_app(module: ModuleType, name: str, rest: list[str]) -> typer.Typer | None:
    for attribute in (f"{name}_app", "app"):
        app = getattr(module, attribute, None)
        if isinstance(app, typer.Typer):
            return app
    build: Callable[[list[str]], typer.Typer] | None = getattr(module, "build", None)
    return build(rest) if build is not None else None


@dataclass(frozen=True, slots=True)
class _Single:
    """A family that is one command without words of its own."""

    function: Callable[..., Any]
    settings: dict[Any, Any] | None = None


def _single_command(app: typer.Typer, name: str) -> _Single | None:
    """Return the only command of an app that means itself, so that nobody types a word twice."""
    commands, callback = app.registered_commands, app.registered_callback
    if app.registered_groups or len(commands) > 1 or (commands and callback):
        return None
    only = commands[0] if commands else callback
    if only is None or only.callback is None:
        return None
    named = getattr(only, "name", None)
    own_name = named if isinstance(named, str) else only.callback.__name__
    if commands and own_name not in (name, "main", "command"):
        return None
    # typer keeps a placeholder where nothing was given.
    given = only.context_settings
    return _Single(only.callback, given if isinstance(given, dict) else None)
