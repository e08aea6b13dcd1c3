"""The reading room: what the archive holds, in a browser and as an API, for reading alone.

Nothing else in `archive` imports this package. What it shows of jobs, logs and the configuration is
handed to it (`works.py`).
"""
