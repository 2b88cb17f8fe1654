"""The law's answer to an operation on the records of the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gate.law import (
    ban_records,
    conditional_records,
    emergency_records,
    membership_records,
    notices,
    permit_records,
)
from gate.vocabulary.decisions import StoreDecision
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records_operations import (
    AlienEntryPermit,
    BioExemptionRequest,
    Bond,
    ConditionalEntryPermit,
    CrewMultiPermit,
    EmergencyIntake,
    EmergencyStatus,
    ExtensionFiling,
    LandingPermission,
    Membership,
    NoticeDecision,
    ObjectionDecisionDeadline,
    ObjectionFiling,
    Operation,
    PeriodLastDay,
    ValidateBan,
    ValidateEntryBan,
    ValidateExtension,
    ValidateGrantPolicy,
)

Judge = Callable[[Any, datetime, Parameters], StoreDecision]

_JUDGES: dict[type, Judge] = {
    PeriodLastDay: ban_records.period_last_day,
    ValidateBan: ban_records.validate_ban,
    ValidateExtension: ban_records.validate_extension,
    ExtensionFiling: ban_records.extension_filing,
    NoticeDecision: notices.notice_decision,
    ObjectionFiling: notices.objection_filing,
    ObjectionDecisionDeadline: notices.objection_decision,
    EmergencyIntake: emergency_records.emergency_intake,
    EmergencyStatus: emergency_records.emergency_status,
    AlienEntryPermit: permit_records.alien_entry_permit,
    CrewMultiPermit: permit_records.crew_multi_permit,
    LandingPermission: permit_records.landing_permission,
    ConditionalEntryPermit: conditional_records.conditional_entry,
    Bond: conditional_records.bond,
    BioExemptionRequest: permit_records.bio_exemption_request,
    Membership: membership_records.membership,
    ValidateEntryBan: permit_records.validate_entry_ban,
    ValidateGrantPolicy: permit_records.validate_grant_policy,
}


def operate(operation: Operation, at: datetime, parameters: Parameters) -> StoreDecision:
    """Judge one life-cycle operation of the store at the aware instant `at`.

    Raises `ValueError` where `at` is naive.
    """
    if at.tzinfo is None:
        raise ValueError("at: a timestamp needs its offset (for Seoul +09:00)")
    return _JUDGES[type(operation)](operation, at, parameters)
