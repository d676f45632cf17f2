"""Text in a cell that no spreadsheet takes for a formula, and that comes back as it was.

CSV: a text that begins (after spaces) as a formula may, or with an apostrophe, gets one apostrophe in front.
XLSX: a text cell is no formula whatever it begins with; characters that XML cannot hold are written `_xHHHH_`, as the
format's standard has it (ECMA-376, ST_Xstring).
"""

import re

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n']")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\r\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
WRITTEN = re.compile("_x([0-9A-Fa-f]{4})_")


def guard(text: str) -> str:
    """`text` as a CSV cell has it."""
    return "'" + text if FORMULA.match(text) else text


def unguard(cell: str) -> str:
    """The text of a CSV cell that `guard` wrote."""
    return cell.removeprefix("'")


def escape(text: str) -> str:
    """`text` as an XLSX cell has it."""
    return NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescape(cell: str) -> str:
    """The text of an XLSX cell that `escape` wrote."""
    return WRITTEN.sub(lambda found: chr(int(found[1], 16)), cell)
