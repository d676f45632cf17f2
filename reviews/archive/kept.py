"""Names of persons without an account here, kept as an archive gave them."""

from bisect import bisect_right

from projects.models import Program
from reviews.models import KeptName


class KeptNames:
    """The kept names of one concept: who is meant where a row names no account."""

    def __init__(self, program: Program, concept: str):
        self._runs: dict[str, tuple[list[int], list[tuple[int, str]]]] = {}
        found = KeptName.objects.filter(program=program, concept=concept).order_by("field", "first")
        for field, first, last, name in found.values_list("field", "first", "last", "name"):
            firsts, runs = self._runs.setdefault(field, ([], []))
            firsts.append(first)
            runs.append((last, name))

    def name(self, field: str, pk: int) -> str | None:
        if field not in self._runs:
            return None
        firsts, runs = self._runs[field]
        at = bisect_right(firsts, pk) - 1
        return runs[at][1] if at >= 0 and pk <= runs[at][0] else None


class Runs:
    """Names to keep, as rows are made: neighbours that name the same person are one run."""

    def __init__(self, program: Program, concept: str):
        self.program, self.concept = program, concept
        self._open: dict[str, KeptName] = {}
        self._closed: list[KeptName] = []

    def add(self, field: str, pk: int, name: str | None) -> None:
        """`name`: who is meant where no account is; None ends a run."""
        run = self._open.get(field)
        if run and run.name == name:
            run.last = pk
            return
        if run:
            self._closed.append(self._open.pop(field))
        if name:
            self._open[field] = KeptName(
                program=self.program, concept=self.concept, field=field, first=pk, last=pk, name=name
            )

    def take(self) -> list[KeptName]:
        """All runs so far; call it after the last row."""
        return [*self._closed, *self._open.values()]
