"""Content made smaller before it is sealed; sealed bytes do not shrink any more.

Raw DEFLATE (RFC 1951) with a dictionary of what records look like, behind one byte that no JSON
text begins with. Content of older stores lacks that byte and is read as it stands. All that the
packing tells whoever has no key is how long a content is, as the plain form did.
"""

from __future__ import annotations

import zlib

MARK = b"\x01"
_WINDOW_BITS = -12
_LEVEL = 6
_MEMORY = 5
_DICTIONARY = (
    b'"amounts":{"customs":"local_tax":"national_tax":"surcharge":"fine":'
    b'"approval_decided_at":"approval_lodged_at":"approval_result":"approved","approved_last_day":'
    b'"revoked_basis":"4-6(4)","crime_id":"C-","agency":"intake_state":"active","requested_at":'
    b'"request_id":"E-","emergency_ban":{"objection":{"filed_at":"extension_request":'
    b'"extensions":[{"decided_at":"20","last_day":"20"}]"notice":{"excluded_ground":"4-4(3)2"}'
    b'"unit":"month","length":1"unit":"day","warrant_valid_until":"revoked_at":"20'
    b'"entry_ban":{"from":"20","ground":"11(1)3","id":"deportation":{"departed_on":"order_id":'
    b'"biometric_source":{"value":"art12_2""art38""resident_cert""ses"'
    b'"landing":{"landed_on":"permit_issued_on":"permit_kind":"crew_multi","permit_status":'
    b'"military_permission":{"form":"e_notice","conditional_entry":{"granted_at":"hours":72'
    b'"penalty":{"amount_krw":"decided_on":"paid_on":"designation":{"basis":"PRIORITY_CARD",'
    b'"kis_record":{"dob":"19","name":"<<","nationality":"passport_number":"sex":"F"}'
    b'"permit":{"entries":"multiple","issued_on":"issuer":"kind":"reentry""visa","status":"valid",'
    b'"status_code":"used":"valid_from":"20","valid_until":"20"alien_entry_permit'
    b'"alien_registration":{"overseas_korean_report":{"status":"valid","valid_until":"20'
    b'"stay":{"permanent":true"stay_until":"20'
    b'"consent":{"family_certificate":true,"given_at":"20","kind":"guardian","kind":"self",'
    b'"withdrawn_at":"20'
    b'"departure_ban":{"ban_id":"B-","decided_at":"20","ground":"4(1)1","last_day":"20",'
    b'"notice":{"given_at":"20"},"record_type":"decision","start_date":"20-01T:00:00+09:00"'
    b'"category":"alien","crew":{"travelling_as_crew":true},"other_nationalities":["'
    b'"resident_cert_holder":true,"examined_by":"chip","authenticity":"ok","mrz_ok":true,'
    b'"status":"valid","usage":"multiple"'
    b'"enrolment":{"enrolled_at":"20T10:00:00+09:00","has_face":true,"has_finger":true,'
    b'"status":"active"},null]},"passport":{"dob":"19","expiry":"203-01","issuing_state":"KOR",'
    b'"name":"<<","nationality":"KOR","number":"M0","sex":"F"},"'
    b'"person":{"category":"national","dob":"20-01","military_status":"not_liable","name":"<<",'
    b'"nationality":"KOR","person_id":"P-","resident_registered":true,"sex":"M"}'
)
"""Part of the format: a store can only be read with the dictionary that it was written with."""


def pack(content: bytes) -> bytes:
    """Return the shorter form of a content, or the content where there is none."""
    packer = zlib.compressobj(
        _LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY
    )
    packed = MARK + packer.compress(content) + packer.flush()
    return packed if len(packed) < len(content) or content[:1] == MARK else content


def unpack(stored: bytes) -> bytes:
    """Return the content of what `pack` returned, or of an older store's plain content."""
    if stored[:1] != MARK:
        return stored
    return zlib.decompressobj(_WINDOW_BITS, _DICTIONARY).decompress(stored[1:])
