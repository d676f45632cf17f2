"""How a web process stays small: what it would import and never use is left out, and freed memory is given back.

What is left out are imports of libraries at the top of their modules, for features that this product does not switch
on: a fifth of what a process takes.
"""

import ctypes
import sys
from importlib import import_module
from importlib.util import LazyLoader, find_spec, module_from_spec


def leave_out(module: str) -> None:
    """Importing `module` fails from now on, as where it is not installed."""
    sys.modules.setdefault(module, None)  # type: ignore[arg-type]


def import_when_used(module: str) -> None:
    """`module` is there, and is executed when something in it is asked for."""
    spec = find_spec(module)
    if module in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = LazyLoader(spec.loader)
    lazy = sys.modules[module] = module_from_spec(spec)
    spec.loader.exec_module(lazy)
    package, _dot, name = module.rpartition(".")
    setattr(import_module(package), name, lazy)


def give_memory_back() -> None:
    """Has the GNU C library return what a page took, and keep one heap instead of one a thread; others do so anyway.

    Else its threshold rises with the largest block ever freed, and a process stays as large as its largest page.
    """
    arena_max, trim_threshold, kept = -8, -1, 128 * 1024  # malloc.h; mallopt(3)
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(arena_max, 1)
    mallopt(trim_threshold, kept)
