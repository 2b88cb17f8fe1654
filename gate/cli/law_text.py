"""What `egate law` prints and writes: explanations, the coverage list, the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gate.law.catalogue import SUBJECTS, all_ids, rules_of
from gate.law.rule import RULES, Role, Rule

if TYPE_CHECKING:
    from gate.cli.law_cases import Result
    from gate.vocabulary.decisions import Finding
    from gate.vocabulary.parameters import Parameters


def explanation(result: Result) -> str:
    """A decision as a person reads it: what, why by article, on which facts."""
    got = result.got
    assert got is not None, "only a case that was decided is explained"
    lines = [
        f"{result.name}: {result.case.get('title', '')}",
        f"{result.case.get('direction')} at {result.case.get('now')}",
        f"Outcome: {got.outcome}"
        + (f"; primary rule {got.primary_rule}" if got.primary_rule else ""),
    ]
    if got.traveller_message:
        lines.append(f"The traveller sees only: {got.traveller_message}")
    lines += [f"{name}: {value}" for name, value in got.values.items()]
    if got.gate_blocks is not None:
        lines.append(f"The record makes a gate refer: {'yes' if got.gate_blocks else 'no'}")
    lines += _because("Because", got.findings) + _because("It rests on", got.grounds)
    lines.append("As expected." if result.passed else "NOT as the case expects.")
    return "\n".join(lines)


def _because(head: str, findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    lines = [f"{head}:"]
    for finding in findings:
        lines.append(f"  {finding.rule_id} ({finding.article}): {_text_of(finding.rule_id)}")
        if finding.facts_used:
            lines.append(f"    facts used: {'; '.join(finding.facts_used)}")
    return lines


def _text_of(rule_id: str) -> str:
    for rule in rules_of(rule_id):
        if rule.role is not Role.COMPUTES:
            return rule.text
    return next((rule.text for rule in rules_of(rule_id)), "")


def coverage_lines(exercised: Mapping[str, Sequence[str]], *, with_cases: bool) -> Iterator[str]:
    """One line per rule id: who decides, where it stands, the cases that exercise it."""
    traces = sorted({rule.rule_id for rule in RULES} - set(all_ids()))
    for rule_id in (*all_ids(), *traces):
        rules = rules_of(rule_id)
        places = ", ".join(dict.fromkeys(_place(rule) for rule in rules)) or "NOWHERE"
        line = f"{rule_id:14} {places}"
        if with_cases:
            cases = exercised.get(rule_id, ())
            line += f"  [{len(cases)}] {' '.join(cases[:8])}{' ...' if len(cases) > 8 else ''}"
        yield line


def _place(rule: Rule) -> str:
    if rule.role is Role.OFFICER:
        return "officer"
    return f"{rule.module.removeprefix('gate.')}.{rule.function}"


def documentation(parameters: Parameters) -> str:
    """`docs/law/rules.md`: every rule under its subject, then every number with its source."""
    lines = [
        "# The rules of the gate",
        "",
        "Written by `egate law docs` from the code; do not edit. The words are those above each",
        "function in `gate/law`. Act = Immigration Control Act, Ordinance = its Enforcement",
        "Ordinance, SeS page = the eligibility page of the Smart Entry Service.",
        "",
    ]
    for subject, ids in SUBJECTS.items():
        lines += [f"## {subject}", ""]
        for rule_id in ids:
            for rule in _one_per_text(rules_of(rule_id)):
                lines.append(_entry(rule))
        lines.append("")
    lines += _numbers(parameters)
    return "\n".join(lines)


def _one_per_text(rules: Sequence[Rule]) -> list[Rule]:
    return list({rule.text: rule for rule in rules}.values())


def _entry(rule: Rule) -> str:
    place = "an officer's act" if rule.role is Role.OFFICER else f"`{_place(rule)}`"
    return (
        f"- **{rule.rule_id}** ({rule.article}; decided by: {rule.who.value}; {rule.role.value}; "
        f"{place}): {rule.text}"
    )


def _numbers(parameters: Parameters) -> list[str]:
    lines = [
        "## Numbers",
        "",
        f"Version {parameters.version} of `gate/law/parameters.toml`.",
        "",
        "| name | value | unit | source | in force since |",
        "|---|---|---|---|---|",
    ]
    for name, source in parameters.sources:
        lines.append(
            f"| {name} | {source.value} | {source.unit} | {source.article} | {source.in_force} |"
        )
    lines.append("")
    return lines
