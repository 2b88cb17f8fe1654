"""Synthetic travellers' faces: seeded, rendered without any weights, told apart by the network.

`draw_cast(seed, count)` gives people; `prepare(identity)` renders one, `enrolment_frames(sitter)`
is the desk's camera, `VirtualCamera(Scene(sitter), seed).frame(n)` the gate's. Thresholds for
them come from `calibration.DEMO` and never from photographs.
"""

from models.face.synthetic.camera import Scene, Sitter, VirtualCamera, let_go, prepare
from models.face.synthetic.cast import draw_cast, enrolment_frames
from models.face.synthetic.identity import Identity, draw_identity

__all__ = [
    "Identity",
    "draw_identity",
    "draw_cast",
    "Sitter",
    "prepare",
    "let_go",
    "enrolment_frames",
    "Scene",
    "VirtualCamera",
]
