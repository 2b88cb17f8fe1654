"""The cuts that no training sees stay apart from those that it does."""

import hashlib
from pathlib import Path

import numpy as np

from models.mrz.training.atlas import load
from models.mrz.training.fixtures import split
from models.mrz.training.outlines import UNSEEN_CUTS, draw
from models.mrz.training.train import RECIPES, UNSEEN_ATLAS_CUT, training_glyphs

ROOT = Path(__file__).parents[3]
SOURCES = (ROOT / "fixtures" / "mrz" / "SOURCES.md").read_text()


def test_sources_hold_the_checksums_of_files_and_cuts() -> None:
    """What SOURCES.md says of pictures, weights and cuts is true of what is shipped."""
    files = [*(ROOT / "fixtures" / "mrz").glob("*.jpg"), *(ROOT / "models/mrz/data").glob("*.npz")]
    for file in files:
        assert f"| {file.name} | {hashlib.sha256(file.read_bytes()).hexdigest()} |" in SOURCES
    for name, sha, role in split():
        assert f"| {name} | {sha} | {role} |" in SOURCES


def test_no_recipe_draws_an_unseen_cut() -> None:
    """Cuts drawn for training differ from each unseen one in more than a bent stroke."""
    unseen = [load()[UNSEEN_ATLAS_CUT], *(draw(x) for x in UNSEEN_CUTS.values())]
    rng = np.random.default_rng(11)
    for recipe in RECIPES.values():
        for _ in range(6):
            masks = training_glyphs(rng, recipe.is_varied).astype(int)
            assert min(np.abs(masks - other).mean() for other in unseen) > 1
