#!/bin/sh
# What the browser tests need: Playwright in the virtual environment, Debian's Chromium, and Chinese
# fonts. Whatever cannot be had is said; the tests are then skipped, or fail where CI is "true".
#
#     tests/browser/install.sh PYTHON
set -u
here=$(dirname "$0")
python=$1

without() {
    echo "browser tests: $1; they are skipped, or fail where CI=true" >&2
    exit 0
}

if ! command -v chromium >/dev/null || ! fc-list :lang=zh family 2>/dev/null | grep -q .; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        without "they need chromium and a Chinese font (Debian: chromium, fonts-noto-cjk)"
    fi
    echo "browser tests: installing chromium and fonts-noto-cjk" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null || true
    apt-get install -qq -y --no-install-recommends chromium fontconfig fonts-noto-cjk >/dev/null ||
        without "chromium and fonts-noto-cjk could not be installed"
fi
# Where all of it is there already, the package index is not asked.
"$python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$here/requirements.txt" ||
    without "Playwright could not be installed"
