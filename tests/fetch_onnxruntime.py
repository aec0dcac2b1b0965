"""ONNX Runtime's library out of its PyPI wheel, pinned and checked, into a folder. Needs Python 3 with pip.

    python3 tests/fetch_onnxruntime.py cpu target/onnxruntime
    python3 tests/fetch_onnxruntime.py gpu target/onnxruntime-gpu      (with the CUDA libraries it needs: 2 GB)

Nothing is done when the folder holds these wheels' libraries already.
"""

import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# Name, version, sha256 of the wheel for CPython 3.11 on x86-64 Linux; the libraries in it serve any program.
CPU = [("onnxruntime", "1.31.1", "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f")]
GPU = [
    ("onnxruntime-gpu", "1.31.1", "e26c475fe361b2015f45b4b824bd13f0bb20204e59b62814e6f0acd5f3d491a6"),
    ("nvidia-cublas", "13.10.0.20", "dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84"),
    ("nvidia-cuda-nvrtc", "13.5.37", "86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc"),
    ("nvidia-cuda-runtime", "13.5.37", "df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d"),
    ("nvidia-cudnn-cu13", "9.28.1.4", "a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec"),
    ("nvidia-cufft", "12.5.0.14", "b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad"),
    ("nvidia-curand", "10.4.5.25", "22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529"),
    ("nvidia-nvjitlink", "13.5.37", "280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb"),
]
PLATFORMS = ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64",
             "manylinux_2_12_x86_64", "manylinux2010_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"]
LIBRARY = "libonnxruntime.so"


def wheels(pinned, folder):
    """Downloads the wheels; pip refuses any whose hash differs."""
    wanted = folder / "requirements.txt"
    wanted.write_text("".join(f"{name}=={version} --hash=sha256:{digest}\n" for name, version, digest in pinned))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:",
               "--python-version", "3.11", "--implementation", "cp", "--dest", str(folder), "--requirement", str(wanted)]
    for name in PLATFORMS:
        command += ["--platform", name]
    if subprocess.run(command).returncode != 0:
        sys.exit("the wheels of ONNX Runtime could not be fetched; give the library's file in IMPACTD_ONNXRUNTIME instead")
    found = sorted(folder.glob("*.whl"))
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
    if digests != {digest for _, _, digest in pinned}:
        sys.exit(f"the wheels in {folder} are not the pinned ones")
    return found


def unpack(wheel, folder):
    """Takes the shared libraries out of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            name = member.rsplit("/", 1)[-1]
            is_library = name.startswith("lib") and ".so" in name
            if is_library and ("onnxruntime/capi/" in member or member.startswith("nvidia/")):
                with archive.open(member) as source, open(folder / name, "wb") as target:
                    shutil.copyfileobj(source, target)


def main(kind, folder):
    pinned = {"cpu": CPU, "gpu": GPU}[kind]
    folder = Path(folder)
    marks = folder / "wheels.json"
    if marks.is_file() and json.loads(marks.read_text()) == [list(pin) for pin in pinned] and (folder / LIBRARY).exists():
        return
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        sys.exit(f"no wheel is pinned for {platform.system()} {platform.machine()}; name the library in IMPACTD_ONNXRUNTIME")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fetched, staging = Path(scratch) / "wheels", Path(scratch) / "libraries"
        fetched.mkdir(), staging.mkdir()
        for wheel in wheels(pinned, fetched):
            unpack(wheel, staging)
        versioned = f"{LIBRARY}.{pinned[0][1]}"
        if not (staging / versioned).is_file():
            sys.exit(f"the wheel holds no {versioned}")
        (staging / LIBRARY).symlink_to(versioned)
        (staging / "wheels.json").write_text(json.dumps(pinned))
        shutil.rmtree(folder, ignore_errors=True)
        staging.rename(folder)
    print(f"ONNX Runtime {pinned[0][1]} is in {folder}", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("cpu", "gpu"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
