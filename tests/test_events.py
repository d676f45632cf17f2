"""Whatever a service does to a row of the domain leaves an event: read in the source, service by service."""

import ast

import pytest

from tests.test_architecture import sources

WRITES = {"create", "bulk_create", "update", "delete", "get_or_create", "update_or_create", "bulk_update", "save"}
RECORDS = {"record_event", "change_row"}
SERVICES = ("projects/services", "reviews/services")
# What writes rows that are no decision of anybody, or rows of one person, and why no event tells of it.
SILENT = {
    "projects/services/accounts.py": {"rename_account": "one's own name: names stand by reference only"},
    "projects/services/invitations.py": {
        "renew_invitation": "another link for the same promise",
        "send_invitation": "whether the mail server took it",
        "accept_with_new_account": "accept_invitation, which it calls, tells",
    },
    "projects/services/changes.py": {"record_event": "it is the event"},
    "projects/services/outlooks.py": {"*": "computed from what has its events"},
    "projects/services/ranking.py": {"*": "computed from what has its events"},
    "projects/services/ranking_history.py": {"*": "computed from what has its events"},
    "projects/services/predictions.py": {
        "file_model_prediction": "the model's own, which follows from its ranking",
        "resolve_predictions": "judged by the limit whose declaration is told",
    },
    "projects/services/tokens.py": {"use_token": "that it was used, once a while; no change of anything"},
    "projects/services/refusals.py": {"*": "counts"},
    "projects/services/sealing.py": {"*": "seals of events"},
    "reviews/services/forecasting.py": {"*": "computed from what has its events"},
    "reviews/services/past_rankings.py": {"*": "computed from what has its events"},
    "reviews/services/feeds.py": {"*": "a person's own secret address"},
    "reviews/services/uploads.py": {"*": "a file on its way; what it became is told by the import"},
    "reviews/services/deliveries.py": {"*": "mail on its way"},
    "reviews/services/subscriptions.py": {"*": "a person's own mail"},
    "reviews/services/jobs.py": {"*": "runs of jobs, which change nothing by themselves"},
    "projects/services/goals.py": {"data_moved": "what moved them has its event"},
    "reviews/services/alerts.py": {"*": "what was told to whom"},
    "reviews/services/scores.py": {"*": "computed from what has its events"},
    "reviews/services/nights.py": {"*": "runs of jobs, which change nothing by themselves"},
    "reviews/services/attention.py": {"keep_plan": "a person's own week"},
    "reviews/services/turns.py": {
        "add_turn": "follows from the entry, whose event is told",
        "join_roster": "follows from the seat, whose event is told",
        "hear": "follows from the entry, whose event is told",
        "settle_turn": "follows from the entry, whose event is told",
        "keep_spell": "minutes, counted by a page",
    },
    "reviews/services/archives.py": {"*": "a program on its way in; `show` tells that it came"},
    "reviews/services/audit.py": {
        "run_audit": "found by rules, each night anew; what a person decides is told",
    },
}


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def called(node: ast.AST) -> set[str]:
    """Names of what a function calls, and of methods."""
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            target = one.func
            found.add(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
    return found


def writes(node: ast.AST) -> bool:
    """A queryset's or a manager's write; `dict.update` and the like have no argument by name and no chain."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in WRITES:
            source = ast.unparse(one.func.value)
            if any(part in source for part in (".objects", ".filter(", ".exclude(", "_set", "turns", "dependencies")):
                return True
    return False


def reached(name: str, known: dict[str, ast.FunctionDef], seen: frozenset[str] = frozenset()) -> set[str]:
    """What a function calls, itself or through functions of its file."""
    own = called(known[name])
    for other in (own & known.keys()) - seen - {name}:
        own |= reached(other, known, seen | {name})
    return own


def quiet() -> dict[str, set[str]]:
    """{file: public functions that write, by themselves or through their file, and record no event}."""
    found: dict[str, set[str]] = {}
    for folder in SERVICES:
        for path, tree in sources(folder):
            known = functions(tree)
            for name, node in known.items():
                if name.startswith("_"):
                    continue
                through = {other for other in reached(name, known) if other in known}
                if (writes(node) or any(writes(known[other]) for other in through)) and not (
                    reached(name, known) & RECORDS
                ):
                    found.setdefault(path, set()).add(name)
    return found


def test_every_service_that_changes_something_tells_of_it():
    left = {
        path: names - SILENT.get(path, {}).keys()
        for path, names in quiet().items()
        if "*" not in SILENT.get(path, {}) and names - SILENT.get(path, {}).keys()
    }
    assert left == {}


def test_what_may_be_silent_is_there():
    known = {path: functions(tree) for folder in SERVICES for path, tree in sources(folder)}
    for path, names in SILENT.items():
        assert path in known, path
        assert names.keys() - {"*"} <= known[path].keys(), path


@pytest.mark.parametrize(
    ("source", "silent"),
    [
        ("def f():\n    Goal.objects.filter(pk=1).update(name='x')", True),
        ("def f():\n    Goal.objects.filter(pk=1).update(name='x')\n    record_event()", False),
        ("def f():\n    g()\ndef g():\n    Goal.objects.create()\n    record_event()", False),
        ("def f():\n    {}.update(a=1)", False),
    ],
)
def test_a_silent_service_is_found(source, silent):
    known = functions(ast.parse(source))
    wrote = writes(known["f"]) or any(writes(known[one]) for one in reached("f", known) & known.keys())
    assert (wrote and not reached("f", known) & RECORDS) == silent
