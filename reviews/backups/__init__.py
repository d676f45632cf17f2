"""A whole installation as one file, out of either kind of database and into either kind: see docs/running.md."""
