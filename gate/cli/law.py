"""`egate law`: run golden cases, explain one, show which rule stands where, write the docs."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from gate.cli.law_cases import Got, Result
    from gate.vocabulary.parameters import Parameters

app = typer.Typer(no_args_is_help=True, help="Ask the rules, or run the law cases.")

CaseFile = Annotated[Path, typer.Argument(help="JSON file with a list of golden cases.")]


@app.command()
def check(
    file: CaseFile,
    only: Annotated[str | None, typer.Option(help="Run the case with this id alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Decide golden cases with the code that the gate uses; exit 1 if any failed."""
    from gate.cli.law_cases import score

    parameters = shipped_parameters()
    cases = _cases(file)
    if only is not None:
        cases = [case for case in cases if case.get("id") == only]
        if not cases:
            _refuse(f"{file}: has no case {only}")
    results = [score(case, parameters) for case in cases]
    if as_json:
        print(json.dumps([_as_json(result) for result in results], ensure_ascii=False, indent=2))
    else:
        for result in results:
            if not result.passed:
                print(_failure(result))
    failed = sum(not result.passed for result in results)
    # With --json the count goes to standard error, so that standard output stays JSON.
    print(
        f"{len(results) - failed} passed, {failed} failed",
        file=sys.stderr if as_json else sys.stdout,
    )
    raise typer.Exit(1 if failed else 0)


@app.command()
def explain(
    case: Annotated[str, typer.Option(help="FILE#ID: a case of a golden case file.")],
) -> None:
    """Print a decision as a person would read it."""
    from gate.cli.law_cases import score
    from gate.cli.law_text import explanation

    path, _, name = case.rpartition("#")
    if not path:
        _refuse("--case must be FILE#ID")
    found = [entry for entry in _cases(Path(path)) if entry.get("id") == name]
    if not found:
        _refuse(f"{path}: has no case {name}")
    result = score(found[0], shipped_parameters())
    if result.got is None:
        _refuse(f"{name}: {result.fault}")
    print(explanation(result))


@app.command()
def coverage(
    file: Annotated[
        Path | None, typer.Argument(help="Golden cases to say which of them exercise a rule.")
    ] = None,
) -> None:
    """List every rule id, where it stands in the code, and the cases that exercise it."""
    from gate.cli.law_text import coverage_lines
    from gate.law.catalogue import unlisted, unspoken

    exercised: dict[str, list[str]] = {}
    if file is not None:
        exercised = _exercised(file)
    for line in coverage_lines(exercised, with_cases=file is not None):
        print(line)
    missing, odd = unspoken(), unlisted()
    for rule_id in missing:
        print(f"error: {rule_id} is neither implemented nor an officer's act", file=sys.stderr)
    for rule_id in odd:
        print(f"error: {rule_id} is in the code but not in the documents", file=sys.stderr)
    raise typer.Exit(1 if missing or odd else 0)


@app.command()
def docs(
    file: Annotated[
        Path, typer.Option("--out", help="Where the documentation of the rules goes.")
    ] = Path("docs/law/rules.md"),
    compare: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the file is stale.")
    ] = False,
) -> None:
    """Write the documentation of the rules from the code."""
    from gate.cli.law_text import documentation

    text = documentation(shipped_parameters())
    if compare:
        fresh = file.is_file() and file.read_text(encoding="utf-8") == text
        print(f"{file}: {'fresh' if fresh else 'stale; run: egate law docs'}")
        raise typer.Exit(0 if fresh else 1)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    print(f"{file}: {text.count(chr(10))} lines")


def shipped_parameters() -> Parameters:
    """The parameters that come with the package."""
    from gate.vocabulary.parameters import parameters_from

    return parameters_from(files("gate.law").joinpath("parameters.toml").read_text("utf-8"))


def _cases(path: Path) -> list[Any]:
    from gate.cli.law_cases import BadCase, read_cases

    try:
        return list(read_cases(path))
    except BadCase as error:
        _refuse(str(error))


def _refuse(text: str) -> NoReturn:
    print(f"egate law: {text}", file=sys.stderr)
    raise typer.Exit(2)


def _exercised(path: Path) -> dict[str, list[str]]:
    from gate.cli.law_cases import score

    exercised: dict[str, list[str]] = {}
    parameters = shipped_parameters()
    for case in _cases(path):
        result = score(case, parameters)
        named: set[str] = set()
        if result.got is not None:  # then what is expected could be read
            named = set(case["expected"].get("rule_ids") or ())
            named |= {f.rule_id for f in (*result.got.findings, *result.got.grounds)}
        for rule_id in named:
            exercised.setdefault(rule_id, []).append(result.name)
    return exercised


def _failure(result: Result) -> str:
    title = result.case.get("title", "")
    if result.got is None:
        return f"FAILED {result.name} {title}\n  bad input: {result.fault}"
    expected = json.dumps(result.case.get("expected"), ensure_ascii=False)
    return (
        f"FAILED {result.name} {title}\n  expected {expected}\n"
        f"  got      {json.dumps(_got(result.got), ensure_ascii=False)}"
    )


def _as_json(result: Result) -> dict[str, Any]:
    return {
        "id": result.name,
        "passed": result.passed,
        "expected": result.case.get("expected"),
        "got": _got(result.got) if result.got is not None else None,
        "fault": result.fault,
    }


def _got(got: Got) -> dict[str, Any]:
    parts = {
        "outcome": got.outcome,
        "rule_ids": list(got.rule_ids),
        "primary_rule": got.primary_rule,
        "traveller_message": got.traveller_message,
        "values": got.values,
        "gate_blocks": got.gate_blocks,
    }
    return {name: value for name, value in parts.items() if value not in (None, {})}
