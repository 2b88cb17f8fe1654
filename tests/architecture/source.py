"""The project's source as syntax trees: modules, and what each of them imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gate", "drivers", "models")


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the project and its dotted name."""

    name: str
    path: Path
    tree: ast.Module


@dataclass(frozen=True, slots=True)
class Import:
    """One imported dotted name, where it stands, and whether a function does it."""

    target: str
    line: int
    lazy: bool

    @property
    def top(self) -> str:
        """The top-level package."""
        return self.target.partition(".")[0]


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the three packages."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return tuple(parse(path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in paths)


def parse(path: Path, text: str) -> Module:
    """A module from its path below the root and its text."""
    parts = path.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, ast.parse(text))


def imports(module: Module) -> Iterator[Import]:
    """Everything a module imports anywhere, functions and TYPE_CHECKING blocks included."""
    at_top = {id(node) for node in _outside_functions(module.tree)}
    for node in ast.walk(module.tree):
        lazy = id(node) not in at_top
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, lazy)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(_from(node, alias.name), node.lineno, lazy)


def _from(node: ast.ImportFrom, name: str) -> str:
    """`from gate.passage import step` is the module gate.passage.step where there is one."""
    base = node.module or ""
    if node.level:
        return f"(relative).{base}"
    below = ROOT.joinpath(*base.split("."), name)
    is_module = below.with_suffix(".py").exists() or below.is_dir()
    return f"{base}.{name}" if base.split(".")[0] in PACKAGES and is_module else base


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _outside_functions(child)
