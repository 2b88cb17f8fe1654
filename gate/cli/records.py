"""`egate ban|emergency|enrol|permit|member`: records entered by hand, judged as any other."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gate.store import Record, Store

ban_app = typer.Typer(no_args_is_help=True)
emergency_app = typer.Typer(no_args_is_help=True)
enrol_app = typer.Typer(no_args_is_help=True)
permit_app = typer.Typer(no_args_is_help=True)
member_app = typer.Typer(no_args_is_help=True)

Person = Annotated[str, typer.Option("--person", help="The person's id.")]
Source = Annotated[str, typer.Option("--source", help="The agency that states this.")]
Stored = Annotated[
    Path | None, typer.Option("--store", help="The store; default: the state directory's.")
]


@ban_app.command("add")
def add_ban(
    person: Person,
    ban_id: Annotated[str, typer.Option("--id", help="The ban's own id.")],
    ground: Annotated[str, typer.Option(help="4(1)1 to 4(1)5, 4(2), 4(2)1, 4(2)2, 29(1).")],
    start: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")],
    decided: Annotated[str, typer.Option(help="Instant of the decision, with offset.")],
    source: Source,
    last_day: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD.")] = None,
    months: Annotated[int | None, typer.Option(help="Length in months.")] = None,
    days: Annotated[int | None, typer.Option(help="Length in days.")] = None,
    request: Annotated[bool, typer.Option(help="Only asked for, not decided.")] = False,
    store: Stored = None,
) -> None:
    """Enter a departure prohibition (or, of an alien, suspension)."""
    if sum(stated is not None for stated in (last_day, months, days)) > 1:
        raise typer.BadParameter("give one of --last-day, --months and --days")
    content: dict[str, Any] = {
        "ban_id": ban_id,
        "ground": ground,
        "start_date": start,
        "decided_at": decided,
        "record_type": "request" if request else "decision",
        **({"last_day": last_day} if last_day else {}),
        **({"unit": "month", "length": months} if months is not None else {}),
        **({"unit": "day", "length": days} if days is not None else {}),
    }
    _take("departure_ban", content, person, source, store)


@ban_app.command("lift")
def lift_ban(
    person: Person,
    ban_id: Annotated[str, typer.Option("--id")],
    at: Annotated[str, typer.Option(help="Instant of the revocation, with offset.")],
    source: Source,
    store: Stored = None,
) -> None:
    """Enter the revocation of one ban; it touches no other."""
    _change("departure_ban", ban_id, person, {"revoked_at": at}, source, store)


@ban_app.command("extend")
def extend_ban(
    person: Person,
    ban_id: Annotated[str, typer.Option("--id")],
    last_day: Annotated[str, typer.Option(help="New last day, YYYY-MM-DD.")],
    decided: Annotated[str, typer.Option(help="Instant of the decision, with offset.")],
    source: Source,
    store: Stored = None,
) -> None:
    """Enter an extension of one ban."""
    from gate.cli.state import open_store

    with open_store(store) as opened:
        content = _held(opened, person, "departure_ban", ban_id)
        extension = {"decided_at": decided, "last_day": last_day}
        content["extensions"] = [*content.get("extensions", []), extension]
        _take_into(opened, "departure_ban", content, person, source)


@ban_app.command("add-entry")
def add_entry_ban(
    person: Person,
    ban_id: Annotated[str, typer.Option("--id")],
    ground: Annotated[str, typer.Option(help="11(1)1 to 11(1)8, or 11(2).")],
    start: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")],
    source: Source,
    last_day: Annotated[str | None, typer.Option(help="Last day; none: until lifted.")] = None,
    store: Stored = None,
) -> None:
    """Enter an entry prohibition."""
    content = {"id": ban_id, "ground": ground, "from": start, "last_day": last_day}
    _take("entry_ban", content, person, source, store)


@ban_app.command("lift-entry")
def lift_entry_ban(
    person: Person,
    ban_id: Annotated[str, typer.Option("--id")],
    at: Annotated[str, typer.Option(help="Instant of the revocation, with offset.")],
    source: Source,
    store: Stored = None,
) -> None:
    """Enter the revocation of one entry prohibition."""
    _change("entry_ban", ban_id, person, {"revoked_at": at}, source, store)


@emergency_app.command("request")
def request_emergency(
    person: Person,
    form: Annotated[Path, typer.Option(help="JSON file with the fields of the intake form.")],
    source: Source,
    store: Stored = None,
) -> None:
    """Enter an emergency request; a doubtful one is kept in quarantine, and blocks."""
    _take("emergency_request", _json_of(form), person, source, store)


@emergency_app.command("update")
def update_emergency(
    person: Person,
    request_id: Annotated[str, typer.Option("--id")],
    source: Source,
    lodged: Annotated[str | None, typer.Option(help="Approval was lodged at.")] = None,
    decided: Annotated[str | None, typer.Option(help="Approval was decided at.")] = None,
    result: Annotated[str | None, typer.Option(help="approved or refused.")] = None,
    last_day: Annotated[str | None, typer.Option(help="Approved last day.")] = None,
    revoked: Annotated[str | None, typer.Option(help="Revoked at.")] = None,
    basis: Annotated[str | None, typer.Option(help="Of the revocation: 4-6(4) or 4-3.")] = None,
    intake: Annotated[str | None, typer.Option(help="active or rejected, after review.")] = None,
    store: Stored = None,
) -> None:
    """Enter what became of an emergency request: lodged, approved, revoked, reviewed."""
    stated = {
        "approval_lodged_at": lodged,
        "approval_decided_at": decided,
        "approval_result": result,
        "approved_last_day": last_day,
        "revoked_at": revoked,
        "revoked_basis": basis,
        "intake_state": intake,
    }
    changes = {name: value for name, value in stated.items() if value is not None}
    _change("emergency_ban", request_id, person, changes, source, store)


@enrol_app.command("add")
def enrol(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="JSON lines: person, passport, enrolment ..."
        ),
    ],
    store: Stored = None,
) -> None:
    """Enter the records of travellers from a file of JSON lines or CSV."""
    from gate.cli.store import import_records

    import_records(file, store=store)


@permit_app.command("add")
def add_permit(
    person: Person,
    kind: Annotated[str, typer.Option(help="visa, reentry, alien_entry_permit ...")],
    source: Source,
    valid_from: Annotated[str | None, typer.Option()] = None,
    valid_until: Annotated[str | None, typer.Option()] = None,
    entries: Annotated[str | None, typer.Option(help="single or multiple.")] = None,
    status_code: Annotated[str | None, typer.Option()] = None,
    issued_on: Annotated[str | None, typer.Option()] = None,
    store: Stored = None,
) -> None:
    """Enter a visa, a re-entry permission or another permit."""
    stated = {
        "kind": kind,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "entries": entries,
        "status_code": status_code,
        "issued_on": issued_on,
    }
    content = {name: value for name, value in stated.items() if value is not None}
    _take("permit", content, person, source, store)


@permit_app.command("end")
def end_permit(
    person: Person,
    record_id: Annotated[str, typer.Option("--id", help="As `permit add` printed it.")],
    source: Source,
    status: Annotated[str, typer.Option(help="revoked or used.")] = "revoked",
    store: Stored = None,
) -> None:
    """Enter that a permit was revoked or used up."""
    _change("permit", record_id, person, {"status": status}, source, store)


@member_app.command("cancel")
def cancel_membership(
    person: Person,
    source: Source,
    at: Annotated[str, typer.Option(help="Where it was asked for.")] = "enrolment_centre",
    in_person: Annotated[bool, typer.Option(help="The member came in person.")] = True,
    store: Stored = None,
) -> None:
    """End a membership at the member's own wish: in person, at an enrolment centre."""
    asked = {"operation": "membership", "action": "cancel", "in_person": in_person, "at": at}
    _end_membership(
        person, asked, {"status": "cancelled", "cancelled_in_person": True}, source, store
    )


@member_app.command("revoke")
def revoke_membership(
    person: Person,
    reason: Annotated[
        str, typer.Option(help="false_information, became_ineligible, inappropriate.")
    ],
    source: Source,
    store: Stored = None,
) -> None:
    """End a membership by an officer's decision, for a reason."""
    asked = {"operation": "membership", "action": "revoke", "reason": reason}
    _end_membership(
        person, asked, {"status": "revoked", "revocation_reason": reason}, source, store
    )


@member_app.command("export")
def export_member(
    person: Person, file: Annotated[Path, typer.Argument()], store: Stored = None
) -> None:
    """Write all that is held about one person to a file that only its owner can read."""
    from gate.cli.state import open_store, writable

    with open_store(store) as opened:
        held = opened.export_person(person)
    if not held["records"]:
        print("nothing is held about this person")
        raise typer.Exit(1)
    with writable(file):
        file.touch(mode=0o600)
        file.write_text(json.dumps(held, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"{file}: {len(held['records'])} records, {len(held['passages'])} journal entries")


@member_app.command("erase")
def erase_member(
    person: Person,
    officer: Annotated[str, typer.Option("--officer")],
    reason: Annotated[str, typer.Option("--reason")],
    store: Stored = None,
) -> None:
    """Forget a person by destroying the key; refused while a ban stands."""
    from gate.cli.state import open_store

    with open_store(store) as opened:
        opened.erase_person(person, officer, reason)
    print("erased; the chain still verifies, and back-ups are erased when they are restored")


def _end_membership(
    person: str, asked: dict[str, Any], changes: dict[str, Any], source: str, store: Path | None
) -> None:
    from gate.cli.law import shipped_parameters
    from gate.cli.state import open_store
    from gate.law import operate
    from gate.vocabulary.decisions import RecordOutcome
    from gate.vocabulary.records_operations import operation_from

    try:
        operation = operation_from(asked)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    now = datetime.now().astimezone()
    decision = operate(operation, now, shipped_parameters())
    if decision.outcome is RecordOutcome.REJECTED:
        print(f"refused under {', '.join(decision.rule_ids)}")
        raise typer.Exit(1)
    with open_store(store) as opened:
        content = {**_held(opened, person, "enrolment", None), **changes}
        _take_into(opened, "enrolment", content, person, source)


def _take(kind: str, content: dict[str, Any], person: str, source: str, store: Path | None) -> None:
    """Enter a new record: an id that is held with other content is refused, not replaced."""
    from gate.cli.state import open_store
    from gate.store import Record

    with open_store(store) as opened:
        _judge(opened, Record(kind, content, person, version=1, source=source))


def _take_into(
    store: Store,
    kind: str,
    content: dict[str, Any],
    person: str,
    source: str,
    record_id: str | None = None,
) -> None:
    from gate.store import Record

    _judge(store, Record(kind, content, person, record_id=record_id, source=source))


def _judge(store: Store, record: Record) -> None:
    """Take the record in and say what became of it; exit 1 where it was refused."""
    from gate.cli.law import shipped_parameters

    (taken,) = store.take_in([record], shipped_parameters())
    if taken.sequence is None:
        print(f"{taken.outcome.value}: {taken.reason}")
        raise typer.Exit(1)
    rules = f" under {', '.join(taken.rule_ids)}" if taken.rule_ids else ""
    print(f"{taken.outcome.value}{rules}: {record.kind} {taken.record_id}, event {taken.sequence}")


def _change(
    kind: str,
    record_id: str,
    person: str,
    changes: dict[str, Any],
    source: str,
    store: Path | None,
) -> None:
    from gate.cli.state import open_store

    with open_store(store) as opened:
        content = {**_held(opened, person, kind, record_id), **changes}
        _take_into(opened, kind, content, person, source, record_id)


def _held(store: Store, person: str, kind: str, record_id: str | None) -> dict[str, Any]:
    """Return the latest content of a record; exit 1 where there is none."""
    versions = [
        record["content"]
        for record in store.export_person(person)["records"]
        if record["kind"] == kind and record_id in (None, record["record_id"])
    ]
    if not versions or versions[-1] is None:
        print(f"no {kind} {record_id or ''} is held about this person".replace("  ", " "))
        raise typer.Exit(1)
    return dict(versions[-1])


def _json_of(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from None
    except ValueError:
        raise typer.BadParameter(f"{path}: is no JSON") from None
    if not isinstance(content, dict):
        raise typer.BadParameter(f"{path}: must hold one JSON object")
    return content
