"""The daemon against tritonclient.http from PyPI, unchanged and with its defaults.

Starts `impactd serve` on a free port with the tests' tiny models and with those of data/models, and asks as users do:
numpy in, numpy out, in bytes and in JSON, packed and plain, one after another, side by side and from asyncio. Scores
are held against onnxruntime's own in this process, on the same files.
"""

import asyncio
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.request

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("IMPACTD_BINARY", ROOT / "target/debug/impactd"))
FIXTURES = ROOT / "tests/golden/models/served"
SHIPPED = ROOT / "data/models"
TOLERANCE = 1e-5

http = pytest.importorskip("tritonclient.http", reason="tritonclient is absent; make test installs it")
aio = pytest.importorskip("tritonclient.http.aio", reason="tritonclient is absent; make test installs it")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is absent; make test installs it")
from tritonclient.utils import InferenceServerException  # noqa: E402


def library():
    """ONNX Runtime's library: as named, as fetched, or the one of the Python package."""
    named = os.environ.get("IMPACTD_ONNXRUNTIME")
    package = pathlib.Path(onnxruntime.__file__).parent / "capi"
    found = [ROOT / "target/onnxruntime/libonnxruntime.so", *sorted(package.glob("libonnxruntime.so.*"))]
    return named or next((str(path) for path in found if path.is_file()), None)


def versions(folder):
    """Folders NAME/VERSION with a manifest."""
    return sorted(path.parent for path in folder.glob("*/*/manifest.json")) if folder.is_dir() else []


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a daemon that serves every model there is."""
    if not BINARY.is_file():
        pytest.fail(f"{BINARY} is not there: build it first (cargo build), or name it with IMPACTD_BINARY")
    if library() is None:
        pytest.skip("ONNX Runtime is absent; make onnxruntime fetches it")
    folder = tmp_path_factory.mktemp("serve")
    (folder / "out").mkdir()
    for source in versions(FIXTURES) + versions(SHIPPED):
        shutil.copytree(source, folder / "models" / source.parent.name / source.name)
    command = [BINARY, "serve", "--data", folder / "out", "--models", folder / "models", "--listen", "127.0.0.1:0"]
    log = open(folder / "log", "w+")
    environment = {**os.environ, "IMPACTD_ONNXRUNTIME": library()}
    daemon = subprocess.Popen(command, stderr=log, env=environment)
    try:
        yield listening(daemon, folder / "log")
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=30) == 0, "it drains and ends well"
        log.close()


def listening(daemon, log):
    """The address it prints, once its models are loaded."""
    deadline, where = time.monotonic() + 30, None
    while time.monotonic() < deadline and daemon.poll() is None:
        lines = [line for line in log.read_text().splitlines() if line.startswith("impactd listens on http://")]
        where = lines[0].removeprefix("impactd listens on http://") if lines else None
        if where and http.InferenceServerClient(where).is_server_ready():
            return where
        time.sleep(0.05)
    pytest.fail(f"no daemon: {log.read_text()}")


@pytest.fixture()
def client(address):
    with http.InferenceServerClient(address, concurrency=4) as client:
        yield client


def rows(count, seed=7):
    return np.random.default_rng(seed).normal(0, 3, (count, 3)).astype(np.float32)


def tensor(name, values, binary=True):
    datatype = {"float32": "FP32", "float64": "FP64", "int64": "INT64", "bool": "BOOL"}[str(values.dtype)]
    made = http.InferInput(name, list(values.shape), datatype)
    return made.set_data_from_numpy(values, binary_data=binary)


def own(name, version, inputs):
    """What onnxruntime says in this process."""
    folder = next(root for root in (FIXTURES, SHIPPED) if (root / name / str(version)).is_dir())
    manifest = json.loads((folder / name / str(version) / "manifest.json").read_text())
    graph = folder / name / str(version) / manifest["model"]["file"]
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    outputs = [output["name"] for output in manifest["outputs"]]
    return dict(zip(outputs, session.run(outputs, inputs)))


def refused(call, *words):
    with pytest.raises(InferenceServerException) as raised:
        call()
    for word in words:
        assert word in raised.value.message(), raised.value.message()
    return raised.value.status()


def test_it_lives_and_is_ready(client):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("tiny") and client.is_model_ready("tiny", "1")
    assert not client.is_model_ready("tiny", "9") and not client.is_model_ready("none")


def test_metadata_say_what_a_score_means(client):
    server = client.get_server_metadata()
    assert server["name"] == "impactd" and "binary_tensor_data" in server["extensions"]
    told = client.get_model_metadata("tiny")
    assert (told["name"], told["versions"], told["platform"]) == ("tiny", ["1", "2"], "onnx_onnxv1")
    assert told["inputs"] == [{"name": "features", "datatype": "FP32", "shape": [-1, 3]}]
    assert [output["name"] for output in told["outputs"]] == ["probability", "unusual"]
    manifest = json.loads((FIXTURES / "tiny/2/manifest.json").read_text())
    parameters = told["parameters"]
    assert parameters["features"] == manifest["features"]["names"]
    assert parameters["threshold"] == manifest["threshold"]["value"]
    assert parameters["execution_provider"] in ("CPUExecutionProvider", "CUDAExecutionProvider")
    assert client.get_model_metadata("tiny", "1")["parameters"]["version"] == "1"


def test_configuration_index_and_statistics(client):
    config = client.get_model_config("tiny")
    assert config["input"] == [{"name": "features", "data_type": "TYPE_FP32", "dims": [3]}]
    assert config["max_batch_size"] > 0 and client.get_model_config("fixed", "1")["max_batch_size"] == 0
    index = {(entry["name"], entry["version"]): entry["state"] for entry in client.get_model_repository_index()}
    assert index[("tiny", "1")] == index[("tiny", "2")] == "READY"
    before = client.get_inference_statistics("tiny", "2")["model_stats"][0]
    client.infer("tiny", [tensor("features", rows(5))])
    after = client.get_inference_statistics("tiny", "2")["model_stats"][0]
    assert after["inference_count"] == before["inference_count"] + 5
    gained = after["inference_stats"]["success"]["count"] - before["inference_stats"]["success"]["count"]
    assert gained == 1 and after["inference_stats"]["success"]["ns"] > 0
    assert len(client.get_inference_statistics()["model_stats"]) == len(index)
    client.load_model("tiny")
    refused(lambda: client.unload_model("tiny"), "take its folder away")


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("returned", [None, True, False])
@pytest.mark.parametrize("packed", [None, "gzip", "deflate"])
def test_scores_are_onnxruntimes(client, sent, returned, packed):
    values = rows(400)
    expected = own("tiny", 2, {"features": values})
    outputs = returned if returned is None else [
        http.InferRequestedOutput("unusual", binary_data=returned),
        http.InferRequestedOutput("probability", binary_data=True),
    ]
    result = client.infer(
        "tiny",
        [tensor("features", values, sent)],
        outputs=outputs,
        request_id="row-7",
        request_compression_algorithm=packed,
        response_compression_algorithm=packed,
    )
    told = result.get_response()
    assert (told["id"], told["model_name"], told["model_version"]) == ("row-7", "tiny", "2")
    assert told["parameters"]["execution_provider"] == "CPUExecutionProvider"
    for name, scores in expected.items():
        given = result.as_numpy(name)
        assert given.dtype == np.float32 and given.shape == (400,)
        np.testing.assert_allclose(given, scores, rtol=0, atol=TOLERANCE)


def test_a_version_can_be_named(client):
    values = rows(3)
    for version in ("1", "2"):
        result = client.infer("tiny", [tensor("features", values)], model_version=version)
        assert result.get_response()["model_version"] == version
        expected = own("tiny", version, {"features": values})["probability"]
        np.testing.assert_allclose(result.as_numpy("probability"), expected, rtol=0, atol=TOLERANCE)


def test_types_other_than_floats_are_exact(client):
    inputs = {
        "count": np.array([[2**53 + 1, -(2**53) - 1], [2**63 - 1, -(2**63)]], dtype=np.int64),
        "amount": np.array([[0.1, 0.2], [1e300, -5.0]]),
        "flag": np.array([[True, False], [False, True]]),
    }
    expected = own("mixed", 1, inputs)
    for binary in (True, False):
        result = client.infer("mixed", [tensor(name, values, binary) for name, values in inputs.items()])
        for name, values in expected.items():
            np.testing.assert_array_equal(result.as_numpy(name), values)


def test_many_at_once(client):
    asked = [client.async_infer("tiny", [tensor("features", rows(4, seed))]) for seed in range(50)]
    for seed, answer in enumerate(asked):
        expected = own("tiny", 2, {"features": rows(4, seed)})["probability"] if seed % 10 == 0 else None
        given = answer.get_result().as_numpy("probability")
        assert given.shape == (4,)
        if expected is not None:
            np.testing.assert_allclose(given, expected, rtol=0, atol=TOLERANCE)


def test_asyncio(address):
    values = rows(300)
    expected = own("tiny", 2, {"features": values})["probability"]

    async def ask():
        async with aio.InferenceServerClient(address) as client:
            assert await client.is_server_live() and await client.is_model_ready("tiny")
            assert (await client.get_model_metadata("tiny"))["name"] == "tiny"
            assert await client.get_model_repository_index()
            assert await client.get_inference_statistics("tiny")
            asked = [client.infer("tiny", [tensor("features", values)]) for _ in range(8)]
            asked.append(client.infer("tiny", [tensor("features", values)], request_compression_algorithm="gzip",
                                      response_compression_algorithm="gzip"))
            for result in await asyncio.gather(*asked):
                np.testing.assert_allclose(result.as_numpy("probability"), expected, rtol=0, atol=TOLERANCE)
            with pytest.raises(InferenceServerException, match='no model "none"'):
                await client.infer("none", [tensor("features", values)])

    asyncio.run(ask())


def test_errors_carry_the_servers_words(client):
    features = tensor("features", rows(2))
    ask = lambda inputs, **more: (lambda: client.infer("tiny", inputs, **more))  # noqa: E731
    assert refused(lambda: client.infer("none", [features]), 'no model "none"') == "404"
    assert refused(ask([features], model_version="7"), "no version 7; it has 1, 2") == "404"
    assert refused(ask([tensor("odd", rows(2))]), 'no input "odd"; it has features') == "400"
    assert refused(ask([features, features]), "given twice") == "400"
    assert refused(ask([tensor("features", rows(2).astype(np.float64))]), "FP64; the model wants FP32") == "400"
    assert refused(ask([tensor("features", rows(2)[:, :2])]), 'input "features"') == "400"
    assert refused(ask([tensor("features", rows(0))]), "has no elements") == "400"
    hole = rows(2)
    hole[1, 1] = np.nan
    assert refused(ask([tensor("features", hole)]), "not finite at element 4") == "400"
    odd = [http.InferRequestedOutput("odd")]
    assert refused(ask([features], outputs=odd), 'no output "odd"; it has probability, unusual') == "400"
    classes = [http.InferRequestedOutput("probability", class_count=2)]
    assert refused(ask([features], outputs=classes), "classification is not offered") == "400"
    words = http.InferInput("features", [1, 3], "BYTES")
    words.set_data_from_numpy(np.array([["a", "b", "c"]], dtype=object))
    assert refused(ask([words]), "'BYTES' is not taken") == "400"
    assert refused(lambda: client.get_system_shared_memory_status(), "no such route") == "404"
    assert client.infer("tiny", [features]).as_numpy("probability").shape == (2,)


@pytest.mark.parametrize("folder", versions(FIXTURES) + versions(SHIPPED), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_golden_rows_of_every_model(client, folder):
    """Through the wire, what onnxruntime says in this process, and what the folder says it should."""
    manifest = json.loads((folder / "manifest.json").read_text())
    name, version = manifest["name"], manifest["version"]
    if manifest.get("kind", "score") == "tensor":
        types = {"FP32": np.float32, "FP64": np.float64, "INT64": np.int64, "BOOL": np.bool_}
        told = json.loads((folder / manifest["golden"]["file"]).read_text())
        read = lambda t: np.array(t["data"], dtype=types[t["datatype"]]).reshape(t["shape"])  # noqa: E731
        inputs = {t["name"]: read(t) for t in told["inputs"]}
        golden = {t["name"]: read(t) for t in told["outputs"]}
    else:
        table = np.genfromtxt(folder / manifest["golden"]["file"], delimiter=",", names=True, dtype=np.float64)
        columns = table.dtype.names
        values = np.array(table.tolist(), dtype=np.float32)
        wide = len(manifest["features"]["names"])
        inputs = {manifest["inputs"][0]["name"]: values[:, :wide]}
        golden = {column: values[:, wide + place] for place, column in enumerate(columns[wide:])}
    result = client.infer(name, [tensor(key, values) for key, values in inputs.items()], model_version=str(version))
    for key, values in own(name, version, inputs).items():
        given = result.as_numpy(key)
        np.testing.assert_allclose(given, values, rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(given.ravel(), golden[key].ravel(), rtol=0, atol=TOLERANCE)


def test_house_routes_say_what_is_served(address):
    def get(path):
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
            return answer.read().decode()

    told = json.loads(get("/v1/fraud/models"))
    assert told["onnxruntime"]["loaded"] and {"tiny"} <= {model["name"] for model in told["data"]}
    assert all(model["state"] == "ready" for model in told["data"])
    lines = get("/metrics").splitlines()
    assert lines[-1] == "# EOF" and any(line.startswith("impactd_inference_answered_total{") for line in lines)
