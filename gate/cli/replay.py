"""`egate replay PASSAGE`: past decisions decided again, as of their own instant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gate.store.rejudge import Rejudged
    from gate.store.replay import Said
    from gate.vocabulary.parameters import Parameters
    from gate.vocabulary.passages import PassageId


def command(
    passage: Annotated[
        str, typer.Argument(help="BOOT.N, as the journal names it; `all`: every passage.")
    ],
    store: Annotated[
        Path | None, typer.Option("--store", help="The store; default: the state directory's.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="The gate.toml that names today's numbers.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Decide a recorded passage again with the facts and numbers of its own instant.

    What today's rules or numbers would decide otherwise is told apart and is no failure. Exit 1
    where a decision does not come out as recorded, or cannot be decided again.
    """
    from gate.cli.law import shipped_parameters
    from gate.cli.state import open_store

    chosen = None if passage == "all" else _passage_id(passage)
    today = _numbers_of(config) if config else shipped_parameters()
    failed = found = 0
    with open_store(store) as opened:
        for one in [chosen] if chosen is not None else opened.passages():
            for rejudged in opened.replay_checks(one, today):
                found += 1
                failed += not _holds(rejudged)
                _print_json(rejudged) if as_json else _tell(rejudged)
    if chosen is not None and not found:
        print(f"passage {passage}: the journal holds no decision on it that can be read")
        raise typer.Exit(1)
    if chosen is None and not as_json:
        print(f"{found} decisions, {found - failed} come out as recorded, {failed} do not")
    raise typer.Exit(1 if failed else 0)


def _numbers_of(config: Path) -> Parameters:
    from gate.compose import parameters_of
    from gate.config import load

    return parameters_of(load(config))


def _passage_id(text: str) -> PassageId:
    from gate.store.journal import passage_id_of

    try:
        return passage_id_of(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no passage: BOOT.N as in 3.17, or `all`", param_hint="PASSAGE"
        ) from None


def _holds(rejudged: Rejudged) -> bool:
    """Another rule set may decide otherwise; the same one may not."""
    return rejudged.reproduced or (rejudged.again is not None and not rejudged.same_rules)


def _tell(rejudged: Rejudged) -> None:
    check = rejudged.check
    print(f"passage {check.passage}, {check.stage.value} check at {check.at.isoformat()}")
    numbers = (check.parameters_hash or "unrecorded")[:16]
    print(f"  rested on   records up to event {check.store_seq}, numbers {numbers}, ", end="")
    print(f"rule set {check.rule_set or 'unrecorded'}")
    print(f"  recorded    {_words(check.said)}")
    print(f"  again       {_again(rejudged)}")
    if rejudged.today is None:
        print("  today       cannot be told")
    elif rejudged.differs_today:
        print(f"  today       DIFFERS: {_words(rejudged.today)}")
    else:
        print("  today       the same")


def _again(rejudged: Rejudged) -> str:
    if rejudged.again is None:
        return f"NOT POSSIBLE: {rejudged.why_not}"
    if rejudged.reproduced:
        return "the same"
    why = "" if rejudged.same_rules else " (the rule set has changed since)"
    return f"DIFFERS{why}: {_words(rejudged.again)}"


def _words(said: Said) -> str:
    rules = ", ".join(sorted(said.rule_ids))
    primary = f", first {said.primary_rule}" if said.primary_rule else ""
    examined = "" if said.document_examined else "; document not examined"
    return f"{said.verdict}{': ' if rules else ''}{rules}{primary}{examined}"


def _print_json(rejudged: Rejudged) -> None:
    import json

    check = rejudged.check
    told: dict[str, Any] = {
        "passage": str(check.passage),
        "stage": check.stage.value,
        "at": check.at.isoformat(),
        "store_seq": check.store_seq,
        "parameters_hash": check.parameters_hash,
        "rule_set": check.rule_set,
        "recorded": _form(check.said),
        "again": _form(rejudged.again),
        "today": _form(rejudged.today),
        "reproduced": rejudged.reproduced,
        "differs_today": rejudged.differs_today,
        "why_not": rejudged.why_not,
    }
    print(json.dumps(told, ensure_ascii=False))


def _form(said: Said | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {
        "verdict": said.verdict,
        "primary_rule": said.primary_rule,
        "rule_ids": sorted(said.rule_ids),
        "document_examined": said.document_examined,
    }
