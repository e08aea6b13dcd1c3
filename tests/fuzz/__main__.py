"""Look for pages that the reader of pages does not bear.

Pages from a grammar and mutated pages are read in processes of their own, so that a page that
hangs or crashes its reader is found as well. What fails is minimised and written to
tests/fuzz/found, and makes the exit status 1.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import click

from .cases import worth_keeping
from .found import FOUND, keep, kept
from .minimise import minimised
from .seeds import CASES, seeds
from .trial import SECONDS, ending, verdict_of

_ROOT = Path(__file__).parents[2]
_MEGABYTES = 2000
_LARGEST = 100_000
# The share of the time of each; the rest goes to guided mutation.
_SHARES = (("grammar", 0.15), ("growth", 0.25))
_MINIMISING = 60.0
_AT_LEAST = 5.0
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)|^tried (\d+)", re.M)
_ARTIFACT = "input-"


@click.command(help=__doc__)
@click.option("--seconds", type=click.IntRange(min=10), default=600, show_default=True)
@click.option("--seed", type=int, default=None, help="Where chance begins; by default anywhere.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--keep", "keeping", is_flag=True, help="Add readings of a new shape to the cases.")
def fuzz(*, seconds: int, seed: int | None, jobs: int, keeping: bool) -> None:
    if find_spec("atheris") is None:
        raise click.UsageError("Atheris is not installed: run `make fuzz` (Linux on x86-64 only)")
    seed = random.randrange(1, 1 << 31) if seed is None else seed
    click.echo(f"{seconds} s, {jobs} at a time, --seed {seed}")
    with tempfile.TemporaryDirectory(prefix="yange-fuzz-") as name:
        scratch = Path(name)
        corpus = scratch / "corpus"
        corpus.mkdir()
        for number, page in enumerate(seeds()):
            (corpus / f"{number:04}").write_bytes(page)
        workers = [_Worker(scratch, corpus, seed + job * 1000, seconds) for job in range(jobs)]
        threads = [threading.Thread(target=worker.work) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for module in (*(name for name, _ in _SHARES), "guided"):
            tried = sum(worker.tried[module] for worker in workers)
            click.echo(f"{module}: {tried:,} pages tried")
        pages = [path.read_bytes() for path in sorted(corpus.iterdir())]
    new = worth_keeping(pages)
    if keeping:
        for page_name, page in new:
            (CASES / page_name).write_bytes(page)
        click.echo(f"{len(new)} cases added")
    elif new:
        click.echo(f"{len(new)} readings of a new shape; --keep adds them to the cases")
    failures = kept(FOUND)
    for what, path in failures:
        click.echo(f"{path.relative_to(_ROOT)}: {_reduced(what, path)}")
    if any(worker.failed for worker in workers):
        raise click.ClickException("a worker could not work; what it said stands above")
    sys.exit(1 if failures else 0)


class _Worker:
    """One job: the grammar, large pages, then mutation; started again whenever a page ended it."""

    def __init__(self, scratch: Path, corpus: Path, seed: int, seconds: int) -> None:
        self._scratch = scratch / str(seed)
        self._scratch.mkdir()
        self._corpus = corpus
        self._seed = seed
        self._seconds = seconds
        self.tried: Counter[str] = Counter()
        self.failed = False

    def work(self) -> None:
        begun = time.monotonic()
        end = begun + self._seconds
        current = self._scratch / "current"
        for module, share in _SHARES:
            begun += share * self._seconds
            while not self.failed and (left := begun - time.monotonic()) > _AT_LEAST:
                status = self._run(module, str(current), str(self._seed), str(int(left)))
                if status < 0:
                    self._note(ending(status), current)
                self.failed |= status > 0
                self._seed += 100
        while not self.failed and (left := end - time.monotonic()) > _AT_LEAST:
            status = self._run(
                "guided",
                *(f"-max_total_time={int(left)}", f"-max_len={_LARGEST}", f"-seed={self._seed}"),
                *(f"-rss_limit_mb={_MEGABYTES}", f"-timeout={SECONDS}", "-print_final_stats=1"),
                *(
                    "-reload=1",
                    "-report_slow_units=9999",
                    f"-artifact_prefix={self._scratch}/{_ARTIFACT}",
                ),
                str(self._corpus),
            )
            artifacts = list(self._scratch.glob(f"{_ARTIFACT}*"))
            for artifact in artifacts:
                self._note("", artifact)
            self.failed |= status != 0 and not artifacts
            self._seed += 1

    def _run(self, module: str, *arguments: str) -> int:
        command = [sys.executable, "-m", f"tests.fuzz.{module}", str(FOUND), *arguments]
        log = self._scratch / "log"
        with log.open("wb") as output:
            status = subprocess.run(
                command, cwd=_ROOT, stdout=output, stderr=subprocess.STDOUT, check=False
            ).returncode
        said = log.read_text("utf-8", "replace")
        self.tried[module] += sum(int(match[1] or match[2]) for match in _RUNS.finditer(said))
        for line in re.findall(r"^found: .*$", said, re.M):
            click.echo(line)
        if status != 0 and not any(self._scratch.glob(f"{_ARTIFACT}*")):
            click.echo(said[-2000:], err=True)
        return status

    def _note(self, what: str, path: Path) -> None:
        """Keep the page that ended a worker, under what it does when it is tried alone."""
        page = path.read_bytes()
        path.unlink()
        what = verdict_of(page) or what or "ends its worker"
        if keep(what, page, FOUND):
            click.echo(f"found: {what}")


def _reduced(what: str, path: Path) -> str:
    """Minimise a kept failure where it shows again; what it is, and how large now."""
    page = path.read_bytes()
    timed = "time grows" in what
    if verdict_of(page, timed=timed) == what:
        page = minimised(page, lambda one: verdict_of(one, timed=timed) == what, _MINIMISING)
        path.write_bytes(page)
    return f"{what} ({len(page):,} bytes)"


if __name__ == "__main__":
    fuzz()
