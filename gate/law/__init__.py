"""The law as pure functions: facts, an instant and the numbers in, a decision out.

`decide` answers at a gate, `decide_enrolment` at the enrolment desk, `recheck` for both checks
of a passage, `operate` on an operation of the store. Nothing here reads a clock, a file or a network.
"""

from gate.law.decide import RULE_SET_VERSION, decide, decide_enrolment, recheck
from gate.law.operate import operate

__all__ = ["RULE_SET_VERSION", "decide", "decide_enrolment", "operate", "recheck"]
