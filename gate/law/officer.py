"""Rules that only an officer or the Minister applies; the gate records what they decided."""

from __future__ import annotations

from gate.law.rule import RULES, Role, Rule, Who

_ACTS = (
    ("NDEP-01", "Act 3(1); Ordinance 1(1), (2)", "A national leaves with a passport after an inspection at the port: the manual lane."),
    ("NDEP-02", "Act 3(1) proviso", "With regional permission a national may leave elsewhere; never at a gate."),
    ("NDEP-04", "Ordinance 1(1)1-3", "An officer may ask for the card where the device finds no records, elsewhere than at a port, and in other listed cases."),
    ("NDEP-05", "Ordinance 1(3)", "After a manual inspection the passport is stamped unless the Minister lets the stamp be left out."),
    ("CREW-N-01", "Ordinance 1(4)", "A crew card or seafarer's document may replace card and stamp of national crew."),
    ("NENT-01", "Act 6(1)", "A national enters with a passport after an inspection at the port, elsewhere with permission."),
    ("NENT-02", "Act 6(2); Ordinance 1(8), (9)", "Without a valid passport an officer verifies nationality, looks for a past departure and takes a card."),
    ("DEP-BAN-01", "Act 4(1)1", "Ground of a ban: pending in a criminal trial."),
    ("DEP-BAN-02", "Act 4(1)2", "Ground of a ban: imprisonment not completed."),
    ("DEP-BAN-05", "Act 4(1)5", "Ground of a ban: a comparable case under the Ministry's rules."),
    ("DEP-BAN-14", "Ordinance 2(1)", "Before banning of its own motion the Ministry asks the agencies concerned."),
    ("DEP-REV-04", "Ordinance 3(4), (5)", "A request to revoke is decided at once; a refusal is notified with reasons."),
    ("DEP-OBJ-03", "Act 4-5(3)", "A well-founded objection leads to revocation, or to withdrawal of the extension and so back to the earlier last day; else it is dismissed in writing."),
    ("DEP-OBJ-04", "Ordinance 3-4", "Documents and opinions may be asked for; objector or agency learn the decision."),
    ("DEP-EMB-10", "Ordinance 5-3(4)", "Where an emergency ban is not approved the agency is told why."),
    ("AENT-15", "Act 12(4)", "An officer may refuse entry where the requirements are not proven."),
    ("AENT-17", "Ordinance 15(8)", "An officer may correct a clearly wrong visa, or an H-2 stay beyond its visa."),
    ("AENT-18", "Ordinance 15(6)", "An important refusal is reported to the Minister."),
    ("AENT-19", "Ordinance 15(1)", "In the manual lane registered aliens and overseas Koreans may leave out the entry card."),
    ("AENT-21", "Act 12(2) with 6(1) proviso, 6(3)", "An alien's entry away from a port is never at a gate; a device inspection replaces the manual one."),
    ("ABIO-01", "Act 12-2(1)", "Every alien gives biometrics on entry."),
    ("ABIO-03", "Act 12-2(1)2", "Exempt: duty for a foreign government or international organisation, with family."),
    ("ABIO-04", "Act 12-2(1)3; Ordinance 15-2(1)", "Exempt: prominent persons at an agency's request, status A-3, other ministerial cases."),
    ("ABIO-06", "Act 12-2(2)", "Who refuses biometrics may be refused entry; at a gate a missing capture refers (GATE-BIO-01)."),
    ("FORG-03", "Ordinance 6(2)", "A paper in custody may be sent on to the investigator or issuer who asks."),
    ("STAY-05", "Act 10-3(2)-(4); Ordinance 12", "Qualification for permanent residency and the table of statuses are judged by officers."),
    ("PROH-01", "Act 7-2", "False invitations and applications are offences; staff look out for them."),
    ("PROH-02", "Act 12-3", "Providing ships or papers and harbouring are offences; staff look out for them."),
    ("COND-01", "Act 13(1)", "The regional head may permit entry under conditions while papers are cured or a suspicion is checked."),
    ("LAND-CREW-03", "Act 14(2), (4); Ordinance 18", "Crew landings need their documents; crew changing ships is inspected as entrants are."),
    ("LAND-CREW-07", "Act 14(7)", "Landing crew gives biometrics unless that is impracticable for a seafarer."),
    ("LAND-TOUR-04", "Act 14-2(2)-(5); Ordinance 18-3, 18-4", "Tourism landings: passport, plan to return, category, the operator's record, group permits."),
    ("LAND-BIO-01", "Act 14-2(4), 16-2(3)", "Tourism and refugee landings: biometrics as on entry, for tourism unless impracticable."),
)  # fmt: skip
"""Rule id, article, what is done, in our own words."""

RULES.extend(
    Rule(rule_id, article, Who.OFFICER, Role.OFFICER, __name__, "", text)
    for rule_id, article, text in _ACTS
)
