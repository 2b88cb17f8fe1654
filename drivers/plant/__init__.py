"""The physical gate, pure and event-driven: what every emulator of a bench shares."""

from drivers.plant.leaf import Mode
from drivers.plant.parameters import (
    DoorPlace,
    LeafParameters,
    Obstacle,
    PlantParameters,
    Unpowered,
)
from drivers.plant.plant import Plant
from drivers.plant.sensors import Bounce
from drivers.plant.truth import Crossing, DoorChange, DoorTruth, LoopChange, PlantEvent, PlantTruth

__all__ = [
    "Bounce",
    "Crossing",
    "DoorChange",
    "DoorPlace",
    "DoorTruth",
    "LeafParameters",
    "LoopChange",
    "Mode",
    "Obstacle",
    "Plant",
    "PlantEvent",
    "PlantParameters",
    "PlantTruth",
    "Unpowered",
]
