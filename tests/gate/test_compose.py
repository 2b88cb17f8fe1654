"""What the configuration says reaches the law that decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gate.compose import parameters_of, settings_of
from gate.config import AuthenticityEvidence, Config, load
from gate.vocabulary.records import Evidence


def demanding(evidence: AuthenticityEvidence) -> Config:
    """A configuration that asks for this examination of passports."""
    config = load(None, {})
    return replace(config, policy=replace(config.policy, authenticity_evidence=evidence))


def test_the_policy_on_authenticity_reaches_the_law() -> None:
    """A demand of the configuration is the core's, and the hash tells it from the shipped text."""
    plain = parameters_of(demanding(AuthenticityEvidence.NONE))
    assert plain.authenticity_evidence is Evidence.NONE
    for asked in (AuthenticityEvidence.READER, AuthenticityEvidence.CHIP):
        config = demanding(asked)
        found = settings_of(config, parameters_of(config)).parameters
        assert found.authenticity_evidence.value == asked.value
        assert found.source("authenticity_evidence").value == asked.value
        assert found.text_hash != plain.text_hash


def test_a_configuration_never_asks_for_less_than_the_numbers(tmp_path: Path) -> None:
    """`none` in gate.toml does not undo `chip` in the parameter file."""
    import importlib.resources

    text = importlib.resources.files("gate.law").joinpath("parameters.toml").read_text("utf-8")
    file = tmp_path / "numbers.toml"
    file.write_text(text.replace('value = "none"', 'value = "chip"'), "utf-8")
    config = demanding(AuthenticityEvidence.NONE)
    config = replace(config, law=replace(config.law, parameters=str(file)))
    assert parameters_of(config).authenticity_evidence is Evidence.CHIP
