"""The law as pure functions: facts, an instant and the numbers in, a decision out.

`decide` answers at a gate, `decide_enrolment` at the enrolment desk, `recheck` for both checks
of a passage. Nothing here reads a clock, a file or a network.
"""

from gate.law.decide import RULE_SET_VERSION, decide, decide_enrolment, recheck

__all__ = ["RULE_SET_VERSION", "decide", "decide_enrolment", "recheck"]
