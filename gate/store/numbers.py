"""The numbers of the law that past decisions rested on, kept in the log under their hash."""

from __future__ import annotations

from gate.store.chain import Segment
from gate.store.engine import Engine
from gate.store.keyring import REFERENCE_SCOPE, Keyring
from gate.store.log import Appender, Draft, canonical, read_events
from gate.vocabulary.parameters import Parameters, parameters_back, parameters_to

PARAMETERS = "parameters"


def keep(appender: Appender, parameters: Parameters, source: str) -> None:
    """Append the parameters, in the caller's write transaction."""
    payload = canonical(parameters_to(parameters))
    name = parameters.text_hash
    appender.add(Draft(Segment.KEEPING, PARAMETERS, name, 0, payload, REFERENCE_SCOPE, source))


def kept(engine: Engine, keyring: Keyring, text_hash: str) -> Parameters | None:
    """Return the parameters of this hash; None where none are held, or of another version."""
    condition = "segment = 'keeping' AND person_ref IS NULL AND kind = ? AND record_id = ?"
    for event in read_events(engine, keyring, (condition, (PARAMETERS, text_hash))):
        if event.payload is not None:
            try:
                return parameters_back(event.content)
            except (KeyError, TypeError, ValueError):
                return None
    return None
