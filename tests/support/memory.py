"""How much memory a process had at most."""

import json
import subprocess
import sys
from pathlib import Path

# What the system reports of a process is never below what the one that started it had at that
# moment, and a test run holds hundreds of megabytes. So one that is small starts it.
_STARTER = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
_, status, used = os.wait4(process.pid, 0)
with open(sys.argv[1], "w") as report:
    json.dump([os.waitstatus_to_exitcode(status), used.ru_maxrss * 1024], report)
"""


def run_measured(command, report, **streams):
    """Run a command to its end: its exit status, and the most memory that it had, in bytes.

    `report` is the path of a file for what is measured; `streams` and `cwd` are as for Popen.
    """
    starter = [sys.executable, "-S", "-E", "-c", _STARTER, str(report), *map(str, command)]
    subprocess.run(starter, check=True, **streams)
    status, memory = json.loads(Path(report).read_text("utf-8"))
    return status, memory
