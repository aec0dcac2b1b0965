"""Every test runs the development build, the one that the Rust tests ran, unless IMPACTD_BINARY names another."""

import os
from pathlib import Path

os.environ.setdefault("IMPACTD_BINARY", str(Path(__file__).parents[2] / "target/debug/impactd"))
