"""A whole program as one zip file: what is in it, how it is written and checked. See docs/program-archive.md."""
