"""Looking for pages that the reader does not bear: `python -m tests.fuzz`.

What has to hold of every page stands in `oracles`; pages come from a grammar (`grammar`) and from
mutating known ones, guided by coverage (`guided`). Failures are minimised and written to `found/`,
pages worth keeping stand in `cases/` and are tried by every `make test`.
"""
