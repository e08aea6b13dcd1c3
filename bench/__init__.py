"""`make bench`: what a crawl costs, each figure beside a named yardstick of the same run.

Not part of what is installed. `python -m bench` in the project's folder.
"""
