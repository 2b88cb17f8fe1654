"""Networks: dlib's own read and run by other runtimes, and networks from a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.face.align import ChipGeometry, cut_chip
from models.face.detect import find_faces
from models.face.engines import Engine, EngineError, load_engine
from models.face.engines.dlib_format import ModelFileError, read_layers
from models.face.engines.dlib_models import detector, model_path, rectangle
from models.face.engines.dlib_network import WEIGHTS
from models.face.engines.network import NetworkError, OrtNetwork, open_network
from models.face.engines.onnx_bytes import OnnxGraph
from models.face.engines.onnx_file import OnnxEngine, Scaling
from models.face.landmarks import find_points
from models.face.values import Picture
from tests.models.face.networks import tiny_network


def chips_of(portrait: Picture, engine: Engine, count: int) -> np.ndarray:
    """Chips around one face, moved, relit and noisy."""
    rng = np.random.default_rng(4)
    points = find_points(portrait, find_faces(portrait)[0].box)
    made = []
    for _ in range(count):
        moved = points + rng.normal(0, 3, 2).astype(np.float32)
        chip = cut_chip(portrait, moved, engine.geometry, tuple(rng.uniform(-0.1, 0.1, 2)))
        noisy = chip * rng.uniform(0.5, 1.3) + rng.normal(0, 8, chip.shape)
        made.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return np.stack(made)


@pytest.mark.parametrize("name", ["dlib-net", "dlib-ort", "dlib-cv2"])
def test_the_network_equals_dlibs_own(portrait: Picture, name: str) -> None:
    """Read by our reader and run by either runtime, every component is dlib's own within 1e-5."""
    engine = load_engine(name)
    chips = chips_of(portrait, engine, 12)
    assert np.abs(engine.embed(chips) - load_engine("dlib").embed(chips)).max() < 1e-5


# dlib/image_transforms/interpolation.h, get_face_chip_details: the mean face of five points.
DLIBS_FIVE = (
    (0.8595674595992, 0.2134981538014),
    (0.6460604764104, 0.2289674387677),
    (0.1205750620789, 0.2137274526848),
    (0.3340850613712, 0.2290642403242),
    (0.4901123135679, 0.6277975316475),
)


def test_the_chip_is_dlibs_chip(portrait: Picture) -> None:
    """Aligned by dlib's five points to dlib's places, our chip shows what dlib's shows."""
    import dlib

    places = tuple((100 * x + 24.5, 100 * y + 24.5) for x, y in DLIBS_FIVE)
    geometry = ChipGeometry(150, places, tuple((each,) for each in range(5)))
    predictor = dlib.shape_predictor(str(model_path("shape_predictor_5_face_landmarks.dat")))
    box = find_faces(portrait)[0].box
    shape = predictor(portrait, rectangle(box.left, box.top, box.right, box.bottom))
    points = np.array([(shape.part(n).x, shape.part(n).y) for n in range(5)], np.float32)
    theirs = dlib.get_face_chip(portrait, shape, 150, 0.25).astype(int)
    assert np.abs(cut_chip(portrait, points, geometry).astype(int) - theirs).mean() < 2.5


def test_the_network_has_the_layers_of_its_publication() -> None:
    """29 convolutions and a dense layer of 128, each convolution with its affine layer."""
    kinds = [layer.kind for layer in read_layers(model_path(WEIGHTS))]
    assert kinds.count("con") == kinds.count("affine") == 29
    assert kinds[-1] == "fc"
    assert kinds.count("add_prev") == 14


@pytest.mark.parametrize("kept", [0, 3, 100, 400, 30_000])
def test_a_cut_network_file_is_refused(tmp_path: Path, kept: int) -> None:
    """A file that ends early is named as such, wherever it ends."""
    path = tmp_path / "cut.dat"
    path.write_bytes(model_path(WEIGHTS).read_bytes()[:kept])
    with pytest.raises(ModelFileError):
        list(read_layers(path))


def test_noise_is_no_network(tmp_path: Path) -> None:
    """Bytes of anything else are refused before they are taken for weights."""
    path = tmp_path / "noise.dat"
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(ModelFileError):
        list(read_layers(path))


def test_any_onnx_network_is_an_engine(tmp_path: Path) -> None:
    """A network from a path embeds as its own sums say, under a name that carries its digest."""
    weights = tiny_network(tmp_path / "tiny.onnx")
    made = load_engine("onnx", tmp_path / "tiny.onnx")
    chips = np.random.default_rng(2).integers(0, 256, (2, 112, 112, 3), np.uint8)
    scaled = ((chips.astype(np.float64) - 127.5) / 127.5)[:, :110, :110]
    blocks = scaled.reshape(2, 22, 5, 22, 5, 3).mean(axis=(1, 3))
    expected = np.einsum("nhwc,ochw->no", blocks, weights)
    assert np.allclose(made.embed(chips), expected, atol=1e-4)
    assert made.size == 6
    assert made.name.startswith("onnx-")


def test_channel_order_is_an_option(tmp_path: Path) -> None:
    """A network trained on BGR sees its channels the other way round."""
    tiny_network(tmp_path / "tiny.onnx")
    chips = np.random.default_rng(3).integers(0, 256, (1, 112, 112, 3), np.uint8)
    rgb = OnnxEngine(tmp_path / "tiny.onnx")
    bgr = OnnxEngine(tmp_path / "tiny.onnx", scaling=Scaling(bgr=True))
    assert np.allclose(rgb.embed(chips), bgr.embed(chips[..., ::-1]), atol=1e-6)


def test_sface_runs_through_opencvs_class(tmp_path: Path) -> None:
    """OpenCV's own class takes the file and gives one embedding per chip."""
    tiny_network(tmp_path / "tiny.onnx")
    made = load_engine("sface", tmp_path / "tiny.onnx")
    chips = np.random.default_rng(3).integers(0, 256, (2, 112, 112, 3), np.uint8)
    assert made.embed(chips).shape == (2, made.size)
    assert np.isfinite(made.embed(chips)).all()


@pytest.mark.parametrize("name", ["onnx", "sface"])
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, name: str) -> None:
    """A wrong or missing file, or none at all, is told with the engine's name."""
    (tmp_path / "bad.onnx").write_bytes(b"not a network")
    for path in (tmp_path / "bad.onnx", tmp_path / "missing.onnx", None):
        with pytest.raises(EngineError):
            load_engine(name, path)


def test_an_unknown_engine_is_refused() -> None:
    """The message lists the engines that there are."""
    with pytest.raises(EngineError, match="dlib-cv2"):
        load_engine("best")


def test_importing_the_package_is_light() -> None:
    """The controller may import models.face without loading OpenCV, dlib or numpy."""
    code = (
        "import sys, models.face; print([m for m in ('cv2', 'dlib', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_onnx_runtime_runs_it_where_it_is_installed() -> None:
    """The default engine is the fast one, not dlib under another name."""
    assert isinstance(load_engine()._network, OrtNetwork)  # type: ignore[attr-defined]


@pytest.mark.parametrize("runtime", ["ort", "cv2"])
def test_a_runtime_refuses_what_is_no_network(runtime: str) -> None:
    """Whatever the runtime raises becomes one error, so that a caller need not know which it was."""
    with pytest.raises(NetworkError):
        open_network(b"not a network", runtime)
    graph = OnnxGraph([1, 3, 8, 8])
    kernel = graph.constant(np.ones((2, 3, 3, 3), np.float32))
    output = graph.add("Conv", "input", kernel, kernel_shape=[3, 3])
    made = open_network(graph.to_bytes(output, [1, 2, 6, 6]), runtime)
    assert made.run(np.ones((1, 3, 8, 8), np.float32))[0, 0, 0, 0] == 27.0


def test_an_input_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """A network for another chip size is told at its start, not at the first traveller."""
    tiny_network(tmp_path / "tiny.onnx", side=96)
    with pytest.raises(EngineError, match="112 x 112"):
        OnnxEngine(tmp_path / "tiny.onnx")


def test_the_kept_detector_is_dlibs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portrait: Picture
) -> None:
    """Saved, read back, or built anew over a damaged file: every time it finds exactly the same."""
    import dlib

    monkeypatch.setenv("EGATE_STATE", str(tmp_path))
    wanted = dlib.get_frontal_face_detector().run(portrait, 0, -0.5)
    built = detector.__wrapped__().run(portrait, 0, -0.5)
    kept = next((tmp_path / "face").iterdir())
    read = detector.__wrapped__().run(portrait, 0, -0.5)
    kept.write_bytes(kept.read_bytes()[:5000])
    mended = detector.__wrapped__().run(portrait, 0, -0.5)
    for found in (built, read, mended):
        assert [str(each) for each in found] == [str(each) for each in wanted]
    assert kept.stat().st_size > 100_000
    assert len(list(kept.parent.iterdir())) == 1
