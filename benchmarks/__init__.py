"""Speed and memory, measured beside a peer in the same run.

`python -m benchmarks [NAME …] [--json]`. Every module here that has a `run()` is a benchmark; its docstring
says what is claimed. A claim is a ratio to a peer measured alternately in the same run wherever a peer
exists, so that it means the same on a slow machine. Nothing here fails a build: a number over its budget is
printed as such.
"""
