"""Every text that a person reads is marked for translation, in templates and in Python."""

import ast
import re
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SOURCES = sorted(path for app in ("projects", "reviews", "config") for path in (ROOT / app).rglob("*.py"))
ENGINES = {ROOT / "projects/bottleneck", ROOT / "projects/ledger", ROOT / "reviews/curves", ROOT / "reviews/attention"}

SPOKEN_ATTRIBUTES = re.compile(r'\b(title|alt|placeholder|aria-label|data-label|data-confirm[\w-]*)="([^"]*)"')
SILENT = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
ENTITY = re.compile(r"&#?\w+;")
HOLE = "\x00"  # where the template puts a value in
LETTERS = re.compile(r"[^\W\d_]")


def unmarked(template: str) -> list[str]:
    """The texts of a template, of its elements and of attributes that are read out, that no tag translates."""
    out, inside = [], False
    for token in Lexer(template).tokenize():
        if token.token_type == TokenType.BLOCK:
            word = token.split_contents()[0]
            inside = word == "blocktranslate" or (inside and word != "endblocktranslate")
            out.append(HOLE)
        elif token.token_type == TokenType.VAR:
            out.append(HOLE)
        elif token.token_type == TokenType.TEXT and not inside:
            out.append(token.contents)
    html = SILENT.sub("", "".join(out))
    html = re.sub(r"<\x00>", HOLE, html)
    spoken = [text for _name, text in SPOKEN_ATTRIBUTES.findall(html)]
    spoken += TAG.sub("\x01", html).split("\x01")
    pieces = [" ".join(ENTITY.sub("", piece).split()) for text in spoken for piece in text.split(HOLE)]
    return [piece for piece in pieces if LETTERS.search(piece)]


@pytest.mark.parametrize(
    "template",
    [
        "<p>Plain</p>",
        "<p>{{ name }} is late</p>",
        "<a title='x' aria-label=\"Close\"></a>",
        "{% if late %}late{% endif %}",
        "{% blocktranslate %}marked{% endblocktranslate %} unmarked",
    ],
)
def test_scanner_finds_what_is_not_marked(template):
    assert unmarked(template)


@pytest.mark.parametrize(
    "template",
    [
        '<p class="muted">{% translate "Marked" %}</p>',
        "{% blocktranslate with n=3 %}{{ n }} marked{% plural %}many{% endblocktranslate %}",
        "{# a comment #}<p>12 % · {{ value }} → —</p>",
        "{% comment %}{% endcomment %}&nbsp;&middot;",
        '<script type="application/json">{"words": 1}</script>',
        '<a aria-label="{% translate "Close" %}" href="/x">{{ y }}</a>',
    ],
)
def test_scanner_leaves_alone_what_is(template):
    assert unmarked(template) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_is_marked(path):
    assert unmarked(path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_texts_can_be_extracted(path):
    """What makemessages does first, without the gettext tools: it refuses variables with filters, for one."""
    source = path.read_text()
    extracted = templatize(source, origin=str(path))
    marked = len(re.findall(r"{%\s*(?:translate|blocktranslate)\b", source))
    assert extracted.count("gettext(") + extracted.count("ngettext(") + extracted.count("pgettext(") >= marked


def test_blocktranslate_takes_plain_names_only():
    """`{{ value|filter }}` or `{{ a.b }}` in a block comes out empty: values go in by `with`."""
    wrong = []
    for path in TEMPLATES:
        for block in re.findall(r"{%\s*blocktranslate\b.*?endblocktranslate\s*%}", path.read_text(), re.DOTALL):
            wrong += [
                f"{path.name}: {name}" for name in re.findall(r"{{\s*([^}]*?)\s*}}", block) if not name.isidentifier()
            ]
    assert wrong == []


# ---- Python ----------------------------------------------------------------------------------------------------------

SPEAKS = {"ValidationError", "success", "error", "warning", "info", "add_error"}
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "gettext_lazy", "ngettext_lazy"}


def for_the_log(call: ast.Call) -> bool:
    """What `log.error(…)` writes is for whoever runs the product."""
    return isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") in ("log", "logger")


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def spoken_plainly(tree: ast.AST) -> list[str]:
    """Texts with a space in them that are handed to a person as they stand, and marked ones that are put together."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if name_of(node) in SPEAKS and not for_the_log(node):
            texts = [arg for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            found += [f"line {text.lineno}: {text.value}" for text in texts if " " in text.value]
            found += [f"line {arg.lineno}: f-string" for arg in node.args if isinstance(arg, ast.JoinedStr)]
        if name_of(node) in GETTEXT and node.args and not isinstance(node.args[0], ast.Constant):
            found.append(f"line {node.lineno}: not a plain text")
    return found


@pytest.mark.parametrize(
    "source",
    [
        'ValidationError("Not this one.")',
        'messages.error(request, f"No {x} here")',
        'form.add_error(None, "Not this one.")',
        '_(f"No {x}")',
        "_(text)",
    ],
)
def test_python_scanner_finds(source):
    assert spoken_plainly(ast.parse(source))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_python_says_is_marked(path):
    if not any(path.is_relative_to(engine) for engine in ENGINES):
        assert spoken_plainly(ast.parse(path.read_text())) == []
