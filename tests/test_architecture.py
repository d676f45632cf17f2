"""Who may import whom, and what an engine may never touch. The rules themselves are tested at the end."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
APPS = ("projects", "reviews")
ENGINES = (
    "projects/bottleneck",
    "projects/deadlines",
    "reviews/attention",
    "reviews/calibration",
    "reviews/curves",
)

# The file that reads the parameters its engine ships with.
MAY_READ = {"reviews/curves/parameters.py"}
# Imports inside functions: where, what, and why it cannot be at the top.
LATE_IMPORTS: dict[tuple[str, str], str] = {
    ("reviews/health.py", "redis"): "with it comes cryptography, which only a broker or a cache of Redis needs",
    ("reviews/imports/xlsx_table.py", "openpyxl.load_workbook"): "5 MB that only reading a workbook needs",
    ("reviews/digests/pictures.py", "vl_convert"): "60 MB that only a worker which draws for mail needs",
    ("projects/sheets/files.py", "projects.sheets.workbook.workbook"): "openpyxl, which only writing a workbook needs",
}

OUTSIDE = {"asyncio", "http", "io", "logging", "multiprocessing", "os", "random", "shutil", "socket"}
OUTSIDE |= {"sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib"}
CLOCK = {"now", "today", "utcnow", "time_ns", "monotonic", "perf_counter"}
FILES = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "fromfile", "loadtxt", "genfromtxt", "save"}
SEEDED = {"Generator", "PCG64", "PCG64DXSM", "SFC64", "Philox", "SeedSequence", "BitGenerator"}


def test_projects_knows_nothing_of_reviews():
    assert not [
        f"{path}:{line} imports {name}"
        for path, tree in sources("projects")
        for line, name in imports(path, tree)
        if name.split(".")[0] == "reviews"
    ]


def test_projects_has_no_back_door_to_reviews():
    """A foreign key from reviews leaves no accessor on the rows of projects."""
    assert not [
        f"{model.__name__}.{field.name} leaves {field.remote_field.get_accessor_name()}"
        for model in apps.get_app_config("reviews").get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.model is model
        if field.related_model._meta.app_label == "projects" and not field.remote_field.hidden
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_are_pure(engine):
    found = [f"{path}:{line} {what}" for path, tree in sources(engine) for line, what in impurities(engine, path, tree)]
    assert not found


def test_imports_stand_at_the_top():
    found = {
        (path, name): line
        for folder in (*APPS, "config")
        for path, tree in sources(folder)
        for line, name in imports_in_functions(path, tree)
    }
    assert not {
        f"{path}:{line} imports {name}" for (path, name), line in found.items() if (path, name) not in LATE_IMPORTS
    }
    assert not LATE_IMPORTS.keys() - found.keys(), "no longer there: take it off the list"


def test_models_are_imported_by_name():
    """`apps.get_model` and signal receivers hide who needs whom; migrations cannot do without the first."""
    assert not [
        f"{path}:{node.lineno}"
        for folder in APPS
        for path, tree in sources(folder)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == "get_model")
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db.models.signals"))
    ]


# ---- reading sources -----------------------------------------------------------------------------------------------


def sources(folder: str) -> Iterator[tuple[str, ast.Module]]:
    files = [path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]
    assert files, f"{folder} has moved"
    for path in files:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def imports(path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of every module or member imported; a relative import is resolved."""
    package = list(Path(path).parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def imports_in_functions(path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imports(path, node)


def impurities(engine: str, path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    own = engine.replace("/", ".")
    for line, name in imports(path, tree):
        root = name.split(".")[0]
        if (name + ".").startswith(own + "."):
            continue
        if root != "numpy" and (root not in sys.stdlib_module_names or (root in OUTSIDE and path not in MAY_READ)):
            yield line, f"imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            last = called.split(".")[-1]
            if last in CLOCK:
                yield node.lineno, f"asks the clock: {called}"
            if last in FILES and path not in MAY_READ:
                yield node.lineno, f"touches a file: {called}"
        if (
            isinstance(node, ast.Attribute)
            and node.attr not in SEEDED
            and ast.unparse(node.value) in {"np.random", "numpy.random"}
        ):
            yield node.lineno, f"unseeded or global chance: {ast.unparse(node)}"
        if isinstance(node, ast.Global):
            yield node.lineno, "global state"


# ---- the rules find what they are for ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import django",
        "from projects.models import Goal",
        "from ..models import Goal",
        "from projects import bottleneck_of_others",
        "import time",
        "import random",
        "date.today()",
        "datetime.datetime.now(tz)",
        "open('x')",
        "Path('x').read_text()",
        "np.random.normal()",
        "np.random.default_rng()",
        "def f():\n    global cache",
    ],
)
def test_an_impurity_is_found(source):
    assert list(impurities("projects/bottleneck", "projects/bottleneck/x.py", ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "import math\nimport numpy as np\nfrom datetime import date",
        "from . import graph\nfrom .errors import Cycle",
        "from projects.bottleneck.draws import draw\nimport projects.bottleneck",
        "np.random.Generator(np.random.PCG64(20)).random(3)",
    ],
)
def test_what_an_engine_may_do_is_let_through(source):
    assert not list(impurities("projects/bottleneck", "projects/bottleneck/x.py", ast.parse(source)))


def test_an_import_in_a_function_is_found():
    tree = ast.parse("import a\nif a:\n    import b\nasync def f():\n    from c import d")
    assert list(imports_in_functions("projects/x.py", tree)) == [(5, "c.d")]
