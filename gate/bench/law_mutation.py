"""Mutation of `gate/law`: does some test notice every comparison, boundary and constant?

Each mutant changes one spot of the syntax tree, or one number of `parameters.toml`, and runs the
law's tests in a forked child until the first failure. A spot that no test notices survives.
"""

from __future__ import annotations

import ast
import copy
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Annotated, Any

import typer

ROOT = Path(__file__).parents[2]
LAW = ROOT / "gate" / "law"
TESTS = ("tests/law", "tests/gate/vocabulary/test_facts.py")
SLOW_TESTS = {"test_cli", "test_properties", "test_metamorphic", "test_catalogue"}
"""Left to the second, full run: they need fixtures, or take long."""
LIMIT_S = 90
MOST_SURVIVING = 0.02
SKIPPED_FILES = {"catalogue.py", "officer.py", "__init__.py"}
"""Tables of ids and texts: they compare nothing."""

ORDER: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


@dataclass(frozen=True)
class Change:
    """One node of a module's tree and what stands there instead."""

    tree: ast.Module
    node: ast.AST
    replacement: ast.AST

    def made(self) -> ast.Module:
        """A copy of the tree with the change in it."""
        memo: dict[int, object] = {id(self.node): self.replacement}
        return copy.deepcopy(self.tree, memo)


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and the change of the tree or of a line of the numbers."""

    path: Path
    line: int
    what: str
    change: Change | None = None
    swap: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.what}"


def command(
    every: Annotated[int, typer.Option(help="Take every n-th mutant only (a sample).")] = 1,
    first: Annotated[int, typer.Option(help="Start at this mutant.")] = 0,
    only: Annotated[str, typer.Option(help="Only files whose name contains this.")] = "",
) -> None:
    """Mutate the law; at most 2 % of the mutants may survive its tests."""
    chosen = [mutant for mutant in mutants() if only in mutant.path.name][first::every]
    survivors = []
    os.chdir(ROOT)
    for number, mutant in enumerate(chosen, start=1):
        if survives(mutant):
            survivors.append(mutant)
            print(f"survived {mutant}", flush=True)
        if number % 50 == 0:
            print(f"{number} of {len(chosen)}, {len(survivors)} survived", flush=True)
    share = len(survivors) / max(len(chosen), 1)
    print(f"mutants {len(chosen)} survived {len(survivors)} ({100 * share:.1f} %), target 2 %")
    raise typer.Exit(1 if share > 2 * MOST_SURVIVING else 0)


def mutants() -> Iterator[Mutant]:
    """Every mutant of every file of the law, and of its numbers."""
    for path in sorted(LAW.glob("*.py")):
        if path.name not in SKIPPED_FILES:
            yield from of_file(path)
    yield from of_numbers(LAW / "parameters.toml")


def of_file(path: Path) -> Iterator[Mutant]:
    """The mutants of one module, outside docstrings, decorators, annotations and tables."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spots = [node for function in _functions(tree) for node in _inner(function)]
    for node in spots:
        for replacement, what in _changes(node):
            change = Change(tree, node, replacement)
            yield Mutant(path, getattr(node, "lineno", 0), what, change)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    nested = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.FunctionDef) and inner is not outer
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and id(node) not in nested:
            yield node


def _inner(function: ast.FunctionDef) -> Iterator[ast.AST]:
    for statement in function.body:
        if isinstance(statement, ast.Assert):
            continue
        yield from ast.walk(statement)


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(node, ast.Compare):
        yield from _compared(node)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.copy_location(ast.BoolOp(other, node.values), node), f"{_name(node.op)} swapped"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand, "not removed"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.copy_location(ast.Constant(not node.value), node), f"{node.value} flipped"
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        for changed in (node.value + 1, node.value - 1):
            yield ast.copy_location(ast.Constant(changed), node), f"{node.value} -> {changed}"


def _compared(node: ast.Compare) -> Iterator[tuple[ast.AST, str]]:
    for place, op in enumerate(node.ops):
        for other in ORDER[type(op)]:
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            changed = ast.Compare(node.left, ops, node.comparators)
            yield ast.copy_location(changed, node), f"{_name(op)} -> {other.__name__}"


def _name(op: ast.AST) -> str:
    return type(op).__name__


def of_numbers(path: Path) -> Iterator[Mutant]:
    """Every number one more and one less, every switch the other way."""
    text = path.read_text(encoding="utf-8")
    for table in re.finditer(r"\[(\w+)\]\nvalue = (\S+)\n", text):
        name, value = table[1], table[2]
        line = text[: table.start()].count("\n") + 2
        for changed in _other_values(value):
            swap = (f"[{name}]\nvalue = {value}\n", f"[{name}]\nvalue = {changed}\n")
            yield Mutant(path, line, f"{name} {value} -> {changed}", swap=swap)


def _other_values(value: str) -> Sequence[str]:
    if value in ("true", "false"):
        return ("false" if value == "true" else "true",)
    if value.startswith('"'):
        return ('"reader"',)
    number = int(value.replace("_", ""))
    return str(number + 1), str(number - 1)


def survives(mutant: Mutant) -> bool:
    """Whether all tests pass with the mutant in place; a child that hangs counts as caught."""
    child = os.fork()
    if child == 0:
        os._exit(_run_tests(mutant))
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(LIMIT_S)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def _run_tests(mutant: Mutant) -> int:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.startswith("gate.")]:
        del sys.modules[name]
    if mutant.change is not None:
        sys.meta_path.insert(0, _Finder(mutant.path, mutant.change.made()))
    elif mutant.swap is not None:
        _swap_numbers(*mutant.swap)
    import pytest

    if not _plain_tests_pass():
        return 1
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *TESTS]))


def _plain_tests_pass() -> bool:
    """Run the tests that need no fixture directly: a hundred times quicker than collecting them."""
    try:
        for path in sorted((ROOT / "tests" / "law").glob("test_*.py")):
            if path.stem not in SLOW_TESTS:
                _run_module(importlib.import_module(f"tests.law.{path.stem}"))
    except Exception:  # noqa: BLE001 - whatever a mutant breaks, it was noticed
        return False
    return True


def _run_module(module: ModuleType) -> None:
    for name, function in vars(module).items():
        if name.startswith("test_"):
            for arguments in _argument_sets(function):
                function(**arguments)


def _argument_sets(function: Any) -> list[dict[str, Any]]:
    sets: list[dict[str, Any]] = [{}]
    for mark in getattr(function, "pytestmark", ()):
        names, values = mark.args
        if isinstance(names, str):
            names = [part.strip() for part in names.split(",")]
        rows = [row if len(names) > 1 else (row,) for row in values]
        sets = [{**known, **dict(zip(names, row, strict=True))} for known in sets for row in rows]
    return sets


def _swap_numbers(old: str, new: str) -> None:
    from gate.vocabulary import parameters

    read = parameters.parameters_from
    parameters.parameters_from = lambda text: read(text.replace(old, new))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.path, self.tree = path, tree
        self.name = f"gate.law.{path.stem}"

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        loader = _Loader(fullname, str(self.path), self.tree)
        return importlib.util.spec_from_file_location(fullname, self.path, loader=loader)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(ast.fix_missing_locations(self.tree), self.path, "exec")
