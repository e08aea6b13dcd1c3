#!/bin/sh
# What the fleet's tests need: Debian's redis-server, and an S3 store in the virtual environment.
# Whatever cannot be had is said; the tests are then skipped, or fail where CI is "true".
#
#     tests/fleet/install.sh PYTHON
set -u
here=$(dirname "$0")
python=$1

without() {
    echo "fleet tests: $1; they are skipped, or fail where CI=true" >&2
    exit 0
}

if ! command -v redis-server >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        without "they need redis-server (Debian: redis-server)"
    fi
    echo "fleet tests: installing redis-server" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null || true
    apt-get install -qq -y --no-install-recommends redis-server >/dev/null ||
        without "redis-server could not be installed"
fi
# Where all of it is there already, the package index is not asked.
"$python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$here/requirements.txt" ||
    without "the S3 store could not be installed"
