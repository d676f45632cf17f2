"""The charts of a digest: the very specs that the browser draws, as PNG for mail."""

import json
import re
import struct
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

from projects.charts import finish_distribution
from projects.look.chart_words import chart_words
from projects.pictures import MOST_NEVER
from reviews.digests.value import ProgramWeek

WIDTH, SCALE = 420, 2.5  # between the columns of a desk and of a phone; more pixels than either, for sharp screens
TOKEN = re.compile(r"--lf-([a-z-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def finish_spec(week: ProgramWeek) -> dict | None:
    """When the program is done, as twenty dots: its page's chart. None where it is unknown, or hardly ever done."""
    if not week.finish or (week.p_never or 0) > MOST_NEVER or all(one and one <= week.today for one in week.finish):
        return None
    return finish_distribution(
        title=week.name,
        finish=week.finish,
        today=week.today,
        deadline=week.deadline,
        last_acceptable=week.last_acceptable,
        p_deadline=week.p_deadline,
        p_never=week.p_never,
        words=chart_words(),
    )


@lru_cache(maxsize=1)
def palette() -> dict[str, str]:
    """The light colours of static/app.css by token: a mail is drawn once, for every reader."""
    css = (settings.BASE_DIR / "static" / "app.css").read_text(encoding="utf-8")
    return {name: light for name, light, _dark in TOKEN.findall(css)}


def paint(value: Any, colours: Mapping[str, str]) -> Any:
    """A spec with its tokens as colours; what a chart shows is left alone, as static/charts.js does."""
    if isinstance(value, str) and value.startswith("token:"):
        return colours[value.removeprefix("token:")]
    if isinstance(value, list):
        return [paint(one, colours) for one in value]
    if isinstance(value, dict):
        return {key: one if key == "values" else paint(one, colours) for key, one in value.items()}
    return value


def config(colours: Mapping[str, str]) -> dict:
    """The look of every chart, as static/charts.js has it; the surface is painted, because a mail's may be any."""
    return {
        "background": colours["surface"],
        "font": "Liberation Sans",
        "padding": 12,
        "view": {"stroke": None},
        "axis": {
            "labelColor": colours["muted"],
            "titleColor": colours["muted"],
            "labelFontSize": 11,
            "domainColor": colours["line-strong"],
            "gridColor": colours["line"],
            "ticks": False,
            "labelPadding": 6,
            "labelFlush": True,
            "labelOverlap": "greedy",
            "labelSeparation": 8,
        },
        "axisX": {"grid": False, "tickCount": 8},
        "axisY": {"domain": False},
        "text": {"fontSize": 11, "color": colours["ink"]},
    }


@lru_cache(maxsize=256)
def _drawn(spec: str) -> bytes:
    import vl_convert  # noqa: PLC0415  (60 MB, which only a worker needs)

    return smaller(vl_convert.vegalite_to_png(spec, scale=SCALE))


def png(spec: Mapping[str, Any]) -> bytes:
    """A spec of `projects.charts` as a PNG; the same one again is not drawn again, whoever it goes to."""
    colours = palette()
    drawn = {**paint(dict(spec), colours), "width": WIDTH, "config": config(colours)}
    return _drawn(json.dumps(drawn, sort_keys=True))


def smaller(picture: bytes) -> bytes:
    """The same PNG, packed as well as zlib packs: a third of what a fast encoder leaves."""
    parts, packed, at = [], b"", len(PNG_HEAD)
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        kind, content = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        if kind == b"IDAT":
            packed += content
        elif kind == b"IEND":
            parts.append(_part(b"IDAT", zlib.compress(zlib.decompress(packed), 6)))
            parts.append(_part(kind, content))
        else:
            parts.append(_part(kind, content))
        at += 12 + size
    return PNG_HEAD + b"".join(parts)


def _part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
