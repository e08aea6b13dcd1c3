"""yange as its users meet it: a process, its exit status, its JSON and what it says."""

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.catalogue import Catalogue
from support import warm

ROOT = Path(__file__).parents[2]

FINISHED, FAILED, MISUSED, INCOMPLETE = range(4)
"""Exit statuses."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        """What it printed, which must be JSON and nothing else."""
        return json.loads(self.out)


class Yange:
    """The command line on one configuration, with its archive in a folder of its own.

    `portal` is anything with a method `configuration(archive)`, such as a `Town` or a `Replica`.
    """

    def __init__(self, folder, portal):
        self.archive = folder / "archive.db"
        self.configuration = folder / "config.yaml"
        self.configure(portal)

    def configure(self, portal):
        """Go on with the configuration as the portal now gives it."""
        self.configuration.write_text(portal.configuration(self.archive), encoding="utf-8")

    def command(self, *arguments):
        """The arguments that start a command."""
        return [
            *(sys.executable, "-m", "scheduler", "--config", str(self.configuration)),
            *map(str, arguments),
        ]

    def run(self, *arguments, status=FINISHED):
        """Run a command to its end, which must have this exit status, or one of these."""
        _python, _dash_m, *rest = self.command(*arguments)
        done = warm.run(*rest)
        assert "Traceback" not in done.stderr, done.stderr
        expected = (status,) if isinstance(status, int) else status
        assert done.returncode in expected, (
            f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(self, *arguments):
        """A command as a running process, which is killed if it is still there at the end."""
        with subprocess.Popen(
            self.command(*arguments),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def catalogue(self):
        """The archive opened for reading in this process, where a command a look is too slow."""
        return Catalogue.open(self.archive, ZoneInfo("Asia/Shanghai"))

    def read(self, *arguments):
        """What a reading command answers with `--json`."""
        return self.run(*arguments, "--json").json

    def crawl(self, *arguments, mode="sweep", status=FINISHED):
        """Crawl once; the run as `runs` gives it."""
        self.run("crawl", "--mode", mode, *arguments, status=status)
        with self.catalogue() as catalogue:
            return catalogue.runs(limit=1)[0]

    def sweep(self, *, status=FINISHED):
        """Sweep the portal; the changes that this run recorded."""
        return self.changes_of(self.crawl(status=status))

    def changes(self, *filters):
        """The ledger."""
        return self.read("changes", *filters)

    def changes_of(self, run):
        """The ledger's entries of one run."""
        with self.catalogue() as catalogue:
            return list(catalogue.changes(run_id=run["id"]))

    def list(self, *filters):
        """The documents."""
        return self.read("list", *filters)

    def show(self, index, *options):
        """One version of a document."""
        return self.read("show", index, *options)

    def diff(self, index, *versions):
        """Two versions compared."""
        return self.read("diff", index, *versions)


def told(changes):
    """What changes say, without when and where: kind, field, before and after of each."""
    return [(one["kind"], one["field"], one["before"], one["after"]) for one in changes]


def kinds(changes):
    """The kinds of changes, sorted."""
    return sorted(one["kind"] for one in changes)
