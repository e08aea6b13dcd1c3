"""Serve the replica portal in the foreground, for a person to look at."""

from __future__ import annotations

import signal
import threading

import click

from crawler.replica.documents import FIRST_EPOCH
from crawler.replica.replica import Replica, epoch_names


@click.command(help=__doc__)
@click.option("--port", default=0, help="Port to listen on; 0 takes a free one.")
@click.option("--epoch", type=click.Choice(epoch_names()), default=FIRST_EPOCH, show_default=True)
def serve(port: int, epoch: str) -> None:
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        replica = Replica(epoch, port)
    except OSError as error:
        raise click.ClickException(f"port {port}: {error.strerror}") from error
    with replica:
        click.echo(f"city    {replica.city}/\nagency  {replica.agency}/\n")
        click.echo("\n".join(replica.columns))
        done.wait()


if __name__ == "__main__":
    serve()
