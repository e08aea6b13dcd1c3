"""Kill sweeps of the replica portal at random moments, and see that nothing is lost or doubled.

Each round watches the replica's whole life into a new archive, with sweeps killed in every epoch.
An archive that differs from an undisturbed one, or does not verify, makes the exit status 1 and is
left where it can be looked at.
"""

import random
import shutil
import sys
import tempfile
from pathlib import Path

import click

from crawler.replica.replica import Replica

from .course import EPOCHS, differences, disturbed, facts, undisturbed

_KILLS_AN_EPOCH = 3


@click.command(help=__doc__)
@click.option("--kills", type=click.IntRange(min=1), default=200, show_default=True)
@click.option("--seed", type=int, default=None, help="Repeat a run; by default each is another.")
def soak(*, kills: int, seed: int | None) -> None:
    seed = random.randrange(1, 1 << 31) if seed is None else seed
    click.echo(f"{kills} kills, --seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="yange-soak-"))
    with Replica() as replica:
        expected, seconds = undisturbed(replica, folder / "undisturbed", facts(replica))
        done = number = 0
        while done < kills:
            number += 1
            round_folder = folder / f"round-{number}"
            found, killed = disturbed(
                replica,
                round_folder,
                facts(replica),
                kills=_KILLS_AN_EPOCH,
                seconds=seconds,
                seed=seed + number,
            )
            done += killed
            wrong = differences(expected, found)
            for line in wrong:
                click.echo(line)
            if wrong:
                click.echo(f"round {number} went wrong; see {round_folder}")
                sys.exit(1)
            click.echo(f"round {number}: {killed} of {_KILLS_AN_EPOCH * len(EPOCHS)} killed")
            shutil.rmtree(round_folder)
    shutil.rmtree(folder)
    click.echo(f"{done} kills in {number} archives: nothing lost, nothing doubled")


if __name__ == "__main__":
    soak()
