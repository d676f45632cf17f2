"""Bringing weekly series in: read and checked whole first, then applied in one step."""
