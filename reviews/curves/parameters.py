"""The fitted numbers, read once from the JSON file that ships beside this module, or from another of the same form."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("parameters.json")


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A parsed parameter file and the SHA-256 (first 16 hex digits) of its bytes."""

    hash: str
    content: Mapping[str, Any]


@lru_cache(maxsize=32)
def _parse(raw: bytes) -> Parameters:
    return Parameters(hashlib.sha256(raw).hexdigest()[:16], json.loads(raw))


@lru_cache(maxsize=1)
def shipped() -> Parameters:
    """The parameters that ship with the engine."""
    return _parse(SHIPPED.read_bytes())


def load(source: "Parameters | str | Path | None" = None) -> Parameters:
    """Parameters from a file, as they are, or (None) the shipped ones. Raises OSError or ValueError on a bad file."""
    if source is None:
        return shipped()
    return source if isinstance(source, Parameters) else _parse(Path(source).read_bytes())
