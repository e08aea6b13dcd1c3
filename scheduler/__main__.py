"""`python -m scheduler` is `yange`: how the daemon starts its crawls."""

from scheduler.cli import main

main()
