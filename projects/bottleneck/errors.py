"""What the engine refuses, by name. Each says what is wrong in words a form can show."""

from collections.abc import Sequence


class BottleneckError(ValueError):
    """The program as given cannot be ranked."""


class CycleError(BottleneckError):
    """Goals wait for each other in a circle. `names` lists them in order, the first one not repeated."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__("These wait for each other in a circle: " + " -> ".join((*self.names, self.names[0])) + ".")


class UnknownGoalError(BottleneckError):
    """A goal, a factor or a question names a goal that the program does not have."""

    def __init__(self, key: str, named_by: str) -> None:
        self.key = key
        self.named_by = named_by
        super().__init__(f"{named_by} names a goal that is not in the program: {key}.")


class DuplicateKeyError(BottleneckError):
    """Two goals, or two factors, share one key."""

    def __init__(self, key: str, kind: str) -> None:
        self.key = key
        super().__init__(f"Two {kind}s have the key {key}.")


class InvalidNumberError(BottleneckError):
    """A number that cannot be what it is said to be (not a number, out of range, an empty forecast)."""


class NoForecastError(BottleneckError):
    """None of the goals asked about has a forecast, so nothing can be said."""
