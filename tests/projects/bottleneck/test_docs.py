"""The example in docs/bottleneck.md says what it gives."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs" / "bottleneck.md"


def test_the_example_in_the_documentation_runs_and_gives_what_it_says():
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(code, names)
    promised = re.findall(r"^(ranking\S+)\s+# (\".*\")$", code, re.MULTILINE)
    assert len(promised) == 3
    for expression, value in promised:
        assert eval(expression, names) == eval(value)
