from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    FINE = "ok"
    WARNING = "warning"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """`fix`: what to do, empty where nothing is wrong. Neither ever holds a password."""

    level: Level
    about: str
    says: str
    fix: str = ""


def fine(about: str, says: str) -> Finding:
    return Finding(Level.FINE, about, says)


def doubtful(about: str, says: str, fix: str) -> Finding:
    return Finding(Level.WARNING, about, says, fix)


def wrong(about: str, says: str, fix: str) -> Finding:
    return Finding(Level.WRONG, about, says, fix)
