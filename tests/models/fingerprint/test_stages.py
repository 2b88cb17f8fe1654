"""Extraction, stage by stage, against slow and plain versions of the same."""

import numpy as np
import pytest

from models.fingerprint import spectra
from models.fingerprint.enhancement import enhance
from models.fingerprint.extraction import Extraction, extract
from models.fingerprint.minutiae import find_minutiae
from models.fingerprint.normalisation import normalise
from models.fingerprint.orientation import ridge_orientation
from models.fingerprint.segmentation import segment
from models.fingerprint.thinning import NEIGHBOURS, deletable, thin
from models.fingerprint.values import Mask, MinutiaType, Plane


def stripes(angle_deg: float, period_px: float = 9.0, size: int = 160) -> Plane:
    """Ridges (positive) that run at an angle counter-clockwise from +x, y pointing down."""
    y, x = np.mgrid[:size, :size].astype(np.float32)
    across = x * np.sin(np.deg2rad(angle_deg)) + y * np.cos(np.deg2rad(angle_deg))
    return np.asarray(np.cos(2 * np.pi * across / period_px), np.float32)


def everywhere(plane: "np.typing.NDArray[np.generic]") -> Mask:
    """A mask that leaves nothing out."""
    return np.ones(plane.shape, np.bool_)


def plainly_thinned(ridge: "np.typing.NDArray[np.uint8]") -> "np.typing.NDArray[np.uint8]":
    """The same algorithm over whole arrays, without lists of candidates."""
    image = ridge.copy()
    quiet, turn = 0, 0
    while quiet < 2:
        code = sum(
            np.roll(image, (-dy, -dx), (0, 1)).astype(int) << i
            for i, (dy, dx) in enumerate(NEIGHBOURS)
        )
        gone = (image == 1) & (deletable()[turn][code] == 1)
        image[gone] = 0
        quiet = 0 if gone.any() else quiet + 1
        turn = 1 - turn
    return image


@pytest.mark.parametrize("angle_deg", [-80, -45, 0, 30, 90])
def test_orientation_follows_the_ridges(angle_deg: float) -> None:
    """Parallel ridges give their own direction everywhere, with full coherence."""
    field = ridge_orientation(stripes(angle_deg), sigma_px=7.0)
    inner = (slice(8, -8), slice(8, -8))
    off = np.angle(np.exp(2j * (field.angle[inner] - np.deg2rad(angle_deg)))) / 2
    assert np.abs(off).max() < 0.03
    assert field.coherence[inner].min() > 0.9


@pytest.mark.parametrize("period_px", [6.5, 9.0, 12.0])
def test_frequency_is_that_of_the_ridges(period_px: float) -> None:
    """Block spectra measure the spacing of ridges to a tenth."""
    ridges = stripes(20, period_px)
    enhanced = enhance(ridges, everywhere(ridges), ridge_orientation(ridges, 7.0))
    assert 1 / np.median(enhanced.frequency) == pytest.approx(period_px, rel=0.1)


def test_enhancement_brings_out_ridges_in_noise() -> None:
    """Filtered noisy ridges are nearer to the true ones than the noisy ones were."""
    true = stripes(35)
    noisy = true + np.random.default_rng(1).normal(0, 1.5, true.shape).astype(np.float32)
    filtered = enhance(noisy, everywhere(true), ridge_orientation(noisy, 7.0)).ridges
    inner = (slice(20, -20), slice(20, -20))
    likeness = [
        np.corrcoef(true[inner].ravel(), other[inner].ravel())[0, 1] for other in (noisy, filtered)
    ]
    assert likeness[1] > 0.9 > 0.6 > likeness[0]


def test_block_spectra_are_those_of_a_fourier_transform() -> None:
    """The kept bins equal numpy's transform of the windowed block, and come back to the same picture."""
    rng = np.random.default_rng(2)
    image = rng.standard_normal((64, 64)).astype(np.float32)
    blocks = spectra.spectra(image, everywhere(image))
    place = 12
    row, column = int(blocks.row[place]) * spectra.STEP, int(blocks.column[place]) * spectra.STEP
    tile = np.pad(image, 16)[row : row + 32, column : column + 32] * spectra.window()
    full = np.fft.fft2(tile)
    kept = full[np.ix_([y % 32 for y in range(-11, 12)], range(12))].ravel()
    assert np.allclose(blocks.real[place] + 1j * blocks.imaginary[place], kept, atol=1e-3)
    assert np.hypot(*(part[place].max() for part in (blocks.real, blocks.imaginary))) > 1


def test_overlap_add_gives_back_a_smooth_picture() -> None:
    """Unfiltered blocks of ridges add up to the ridges, evenly."""
    ridges = stripes(60)
    blocks = spectra.spectra(ridges, everywhere(ridges))
    back = spectra.overlap_add(blocks, np.ones_like(blocks.real), ridges.shape)
    inner = (slice(20, -20), slice(20, -20))
    scale = float((back[inner] * ridges[inner]).sum() / (ridges[inner] ** 2).sum())
    assert np.abs(back[inner] / scale - ridges[inner]).max() < 0.25


def test_thinning_equals_the_plain_version() -> None:
    """The compiled thinning with its lists removes exactly the pixels of the whole-array version."""
    rng = np.random.default_rng(3)
    blobs = np.zeros((90, 90), np.uint8)
    blobs[1:-1, 1:-1] = stripes(25, 9, 88) + rng.normal(0, 0.4, (88, 88)) > 0
    assert np.array_equal(thin(blobs), plainly_thinned(blobs))


def test_a_thinned_line_is_one_pixel_wide() -> None:
    """A bar becomes a line of about its own length."""
    bar = np.zeros((30, 80), np.uint8)
    bar[12:18, 10:70] = 1
    line = thin(bar)
    assert line.sum(axis=0).max() == 1
    assert 48 <= line.sum() <= 60


def drawn(points: list[tuple[int, int, int, int]]) -> "np.typing.NDArray[np.uint8]":
    """A skeleton of straight lines, from (x, y) to (x, y)."""
    import cv2

    skeleton = np.zeros((120, 120), np.uint8)
    for x0, y0, x1, y1 in points:
        cv2.line(skeleton, (x0, y0), (x1, y1), 1, 1)
    return skeleton


def test_an_ending_points_along_its_ridge() -> None:
    """A ridge that stops gives one ending that looks back along the ridge."""
    skeleton = drawn([(0, 60, 60, 60)])
    found = find_minutiae(skeleton, np.ones((120, 120), np.bool_), np.ones((30, 30), np.float32))
    assert (len(found), found.kind[0]) == (1, MinutiaType.ENDING)
    assert (found.x[0], found.y[0]) == (60, 60)
    assert found.angle[0] == pytest.approx(np.pi, abs=0.05)


def test_a_fork_points_along_its_valley() -> None:
    """Where a ridge forks, the direction is that of the valley between its branches."""
    skeleton = drawn([(0, 60, 60, 60), (60, 60, 119, 40), (60, 60, 119, 80)])
    found = find_minutiae(skeleton, np.ones((120, 120), np.bool_), np.ones((30, 30), np.float32))
    assert found.kind.tolist() == [MinutiaType.BIFURCATION]
    assert abs(np.angle(np.exp(1j * found.angle[0]))) < 0.15


def test_a_spur_and_a_gap_are_no_minutiae() -> None:
    """Short side branches and small breaks in a ridge are cleaned away."""
    skeleton = drawn([(0, 40, 119, 40), (50, 40, 52, 35), (0, 80, 55, 80), (60, 80, 119, 80)])
    assert (
        len(find_minutiae(skeleton, np.ones((120, 120), np.bool_), np.ones((30, 30), np.float32)))
        == 0
    )


def test_segmentation_finds_the_print() -> None:
    """A print on an empty ground is cut out, and nothing is found on the ground alone."""
    image = np.full((240, 240), 230, np.float32)
    image[50:190, 60:180] = 128 + 100 * stripes(30, 9, 240)[50:190, 60:180]
    mask = segment(image)
    assert mask[50:190, 60:180].mean() > 0.8
    assert mask.sum() < 1.6 * 140 * 120
    assert not segment(np.full((240, 240), 230, np.float32)).any()


def test_normalisation_evens_out_light() -> None:
    """Ridges under a strong slope of light have the same size on both sides."""
    light = np.linspace(0.3, 1.0, 160, dtype=np.float32)[None, :]
    image = (130 - 100 * stripes(90)) * light
    flat = normalise(image, everywhere(image))
    left, right = flat[:, 30:60].std(), flat[:, 100:130].std()
    assert left == pytest.approx(right, rel=0.15)
    assert np.corrcoef(flat.ravel(), stripes(90).ravel())[0, 1] > 0.9


def test_noise_gives_a_bounded_number_of_minutiae() -> None:
    """Thousands of crossings in noise end as no more than a record holds, without looking at all their pairs."""
    noise = np.random.default_rng(6).integers(0, 2, (700, 700)).astype(np.uint8)
    noise[[0, -1], :] = 0
    noise[:, [0, -1]] = 0
    found = find_minutiae(thin(noise), everywhere(noise), np.ones((175, 175), np.float32))
    assert len(found) <= 255


def test_extraction_is_repeatable_and_bounded(prints: list[list[Extraction]]) -> None:
    """Equal pixels give equal templates; minutiae lie in the contact area, in range."""
    found = prints[0][0]
    again = extract(found.image).template
    minutiae = found.template.minutiae
    assert np.array_equal(again.minutiae.x, minutiae.x)
    assert np.array_equal(again.minutiae.angle, minutiae.angle)
    assert 15 <= len(minutiae) <= 255
    assert found.mask[minutiae.y.astype(int), minutiae.x.astype(int)].all()
    assert ((minutiae.angle >= 0) & (minutiae.angle < 2 * np.pi)).all()
    assert ((minutiae.quality >= 1) & (minutiae.quality <= 100)).all()


def test_a_noisy_ground_is_no_print() -> None:
    """Noise beside ridges has contrast; only the ridges stay in the contact area, and no minutia lies in the noise."""
    image = 128 + 25 * np.random.default_rng(4).standard_normal((300, 300))
    image[60:240, 20:160] += 90 * stripes(30, 9, 300)[60:240, 20:160]
    found = extract(np.clip(image, 0, 255).astype(np.uint8))
    assert found.mask[90:210, 50:130].mean() > 0.9
    assert found.mask[:, 190:].mean() < 0.1
    assert (found.template.minutiae.x < 190).all()


def test_a_ridge_that_the_area_cuts_is_no_ending() -> None:
    """An ending right before the edge of the contact area is the area's end; one with skin behind it counts."""
    skeleton = drawn([(10, 60, 60, 60)])
    reliability, area = np.ones((30, 30), np.float32), np.ones((120, 120), np.bool_)
    area[:, 78:] = False
    assert len(find_minutiae(skeleton, area, reliability)) == 0
    area[:, 78:100] = True
    assert find_minutiae(skeleton, area, reliability).x.tolist() == [60]
