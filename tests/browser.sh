#!/usr/bin/env bash
# The page's tests in Debian's chromium: installs it where that is allowed, and says so where they are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! { command -v chromium && command -v chromedriver; } >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get install -y --no-install-recommends chromium chromium-driver >/dev/null 2>&1 ||
        { apt-get update >/dev/null 2>&1 && apt-get install -y --no-install-recommends chromium chromium-driver >/dev/null 2>&1; } ||
        echo "apt-get cannot install chromium and chromium-driver here"
fi
if ! { command -v chromium && command -v chromedriver; } >/dev/null; then
    echo "tests in a browser are skipped: chromium and chromedriver are absent; apt-get install chromium chromium-driver brings them"
    [ "${IMPACTD_REQUIRE_BROWSER:-}" != 1 ]
elif [ -x .venv/bin/python ] && .venv/bin/python -c 'import pytest, requests, selenium' 2>/dev/null; then
    .venv/bin/python -m pytest -q -p no:cacheprovider tests/browser
else
    echo "tests in a browser are skipped: there is no .venv with pytest, requests and selenium; make .venv makes it"
    [ "${IMPACTD_REQUIRE_BROWSER:-}" != 1 ]
fi
