"""`egate doctor`: is this machine fit for the gate, and if not, which command mends it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gate.config import Config
    from gate.doctor import Finding


def command(
    config: Annotated[Path | None, typer.Option("--config", help="The gate.toml to go by.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on one line.")] = False,
) -> None:
    """Say what is there, what is missing, what that switches off, and the mend; exit 1 if required."""
    from gate.config import load
    from gate.doctor import examine

    settings = load(config)
    findings = [*examine(settings), *_comparing(settings)]
    fit = all(finding.there for finding in findings if finding.required)
    if json:
        import json as codec
        from dataclasses import asdict

        print(codec.dumps({"fit": fit, "findings": [asdict(finding) for finding in findings]}))
    else:
        _tell(findings, fit)
    raise typer.Exit(0 if fit else 1)


def _comparing(config: Config) -> list[Finding]:
    """The rates that the worker would hold to; none where a package is missing, which is told already."""
    from gate.config_recognition import RecognitionMode
    from gate.doctor import Finding

    try:
        from gate.cli.recognise import promise_of

        there, detail = True, promise_of(config)
    except ImportError:
        return []
    except ValueError as error:
        there, detail = False, str(error)
    return [
        Finding(
            "policy",
            "false matches",
            there,
            detail,
            required=config.recognition.mode is RecognitionMode.WORKER,
            switches_off="the recognition worker: it does not start, everybody is referred",
            mend="give [recognition] rates that the calibrations can show, or calibrate on more people",
        )
    ]


def _tell(findings: list[Finding], fit: bool) -> None:
    for finding in findings:
        word = "ok" if finding.there else "MISSING" if finding.required else "absent"
        print(f"{word:8}{finding.group:8}{finding.name}: {finding.detail}")
        if not finding.there:
            print(f"{'':16}switches off {finding.switches_off}")
            print(f"{'':16}mend: {finding.mend}")
    print("fit" if fit else "not fit: mend what is MISSING")
