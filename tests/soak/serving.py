"""The real daemon, but for its crawls: in their place are processes that end at once, in every way.

`python -m tests.soak.serving CONFIG`. Of five crawls one is done, one incomplete, one fails, one is
killed and one is done again, so that all that follows from an end is done as often as the others.
"""

import subprocess
import sys
from itertools import count
from pathlib import Path

import psutil

from scheduler.configuration import load
from scheduler.daemon import serve
from scheduler.logs import configure_as

_ENDINGS = (
    "pass",
    "raise SystemExit(3)",
    "raise SystemExit(1)",
    "import os; os.kill(os.getpid(), 9)",
    "pass",
)
_number = count()


def start(_configuration, _due):
    """Start a process in the place of a crawl."""
    code = _ENDINGS[next(_number) % len(_ENDINGS)]
    # Without site and its packages it is there in a few milliseconds.
    return psutil.Popen(
        [sys.executable, "-I", "-S", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


if __name__ == "__main__":
    configuration = load(Path(sys.argv[1]))
    configure_as(configuration, console_level="critical")
    serve(configuration, start)
