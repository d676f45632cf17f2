"""Refresh the vendored front-end packages under static/vendor/ and the icon sprite.

The product needs no Node: what the browser loads is committed, with its version, licence and checksum. This script is
the only thing that needs npm, and only when a version in static/vendor/packages.json is changed:

    python tools/vendor.py            # fetch every package again, write files, licences, checksums and icons.svg
    python tools/vendor.py --check    # fetch nothing: verify that the committed files are the recorded ones
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
VENDOR = STATIC / "vendor"
MANIFEST = VENDOR / "packages.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="verify the committed files against packages.json")
    check = parser.parse_args().check
    manifest = json.loads(MANIFEST.read_text())
    if check:
        return verify(manifest)
    with tempfile.TemporaryDirectory() as scratch:
        for package in manifest["packages"]:
            print(f"{package['name']} {package['version']}")
            if "bundle" in package:
                write_bundle(package, Path(scratch) / "bundle")
            else:
                write_package(package, unpack(f"{package['name']}@{package['version']}", Path(scratch)))
    MANIFEST.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return 0


def unpack(spec: str, scratch: Path) -> Path:
    """`npm pack` the package and unpack it; nothing of it is run."""
    packed = subprocess.run(
        ["npm", "pack", spec, "--silent", "--ignore-scripts", "--pack-destination", str(scratch)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    folder = scratch / packed.removesuffix(".tgz")
    with tarfile.open(scratch / packed) as archive:
        archive.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    return root


def write_package(package: dict, source: Path) -> None:
    """Write only the files that are used, each as its `edit` makes it, and record their checksums."""
    folder = VENDOR / package["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    checksums = {}
    for inside, name in package.get("files", {}).items():
        content = (source / inside).read_bytes()
        for edit in package.get("edits", {}).get(name, []):
            content = EDITS[edit](content, package)
        (folder / name).write_bytes(content)
        checksums[name] = hashlib.sha256(content).hexdigest()
    if "icons" in package:
        content = sprite(package, source)
        (STATIC / "icons.svg").write_bytes(content)
        checksums["../../icons.svg"] = hashlib.sha256(content).hexdigest()
    licence = next((source / name for name in ("LICENSE", "LICENSE.md", "LICENCE") if (source / name).exists()), None)
    if licence:  # some packages ship none: then the committed text stays
        (folder / "LICENSE").write_bytes(licence.read_bytes())
    elif not (folder / "LICENSE").exists():
        sys.exit(f"{package['name']} ships no licence file: write static/vendor/{package['folder']}/LICENSE by hand")
    package["sha256"] = checksums
    for stale in folder.iterdir():
        if stale.name not in checksums and not stale.name.startswith("LICENSE"):
            stale.unlink()


def write_bundle(package: dict, scratch: Path) -> None:
    """Bundle a folder with esbuild, at the versions of its lock file, and gather the licences of its parts."""
    bundle, folder = package["bundle"], VENDOR / package["folder"]
    shutil.copytree(STATIC.parent / bundle["from"], scratch, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=scratch, check=True)
    wanted = json.loads((scratch / "package.json").read_text())["dependencies"][package["name"]]
    if wanted != package["version"]:
        sys.exit(f"{package['name']}: {bundle['from']} has {wanted}, packages.json says {package['version']}")
    options = [
        "--bundle",
        "--minify",
        "--format=iife",
        "--target=es2022",
        "--legal-comments=none",
        "--alias:vega=vega-util",
    ]
    options += [f"--alias:{name}=./left_out.js" for name in bundle["left_out"]]
    esbuild = scratch / "node_modules" / "@esbuild" / f"{sys.platform}-x64" / "bin" / "esbuild"
    made = scratch / bundle["file"]
    subprocess.run(
        [esbuild, "entry.js", *options, f"--outfile={made}", "--metafile=parts.json", "--log-level=warning"],
        cwd=scratch,
        check=True,
    )
    for stale in folder.iterdir():
        stale.unlink()
    (folder / bundle["file"]).write_bytes(made.read_bytes())
    package["sha256"] = {bundle["file"]: hashlib.sha256(made.read_bytes()).hexdigest()}
    (output,) = json.loads((scratch / "parts.json").read_text())["outputs"].values()
    used = {
        path.split("node_modules/")[-1].split("/")[0]
        for path, part in output["inputs"].items()
        if part["bytesInOutput"]
    }
    parts = sorted(name for name in used if (scratch / "node_modules" / name).is_dir())
    (folder / "LICENSE").write_bytes((scratch / "node_modules" / package["name"] / "LICENSE").read_bytes())
    (folder / "LICENSE-bundled").write_text(licences_of(scratch / "node_modules" / name for name in parts))


def licences_of(parts: Iterable[Path]) -> str:
    """Each licence once, under the packages that come with it."""
    names: dict[str, list[str]] = {}
    for part in parts:
        about = json.loads((part / "package.json").read_text())
        text = next((path.read_text() for path in sorted(part.glob("LICEN[CS]E*"))), about["license"])
        names.setdefault(text.strip(), []).append(f"{about['name']} {about['version']}")
    return "\n\n\n".join(f"{', '.join(those)}\n\n{text}" for text, those in names.items()) + "\n"


def verify(manifest: dict) -> int:
    """Report every committed file that is not the recorded one."""
    wrong = []
    for package in manifest["packages"]:
        folder = VENDOR / package["folder"]
        for name, checksum in package["sha256"].items():
            path = (folder / name).resolve()
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
                wrong.append(f"{package['name']}: {name}")
        if not (folder / "LICENSE").exists():
            wrong.append(f"{package['name']}: LICENSE")
    print("\n".join(f"changed or missing: {line}" for line in wrong) or "vendored files are as recorded")
    return 1 if wrong else 0


# ---- edits: what a file needs before it can be served as it is ------------------------------------------------------


def without_source_map(content: bytes, package: dict) -> bytes:
    """The maps are not shipped; a dangling reference is a 404 and breaks the hashed file storage."""
    return re.sub(rb"\n?(//[#@] sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$", b"\n", content)


def without_unused_families(content: bytes, package: dict) -> bytes:
    """Drop the rules of component families that no page uses (listed in packages.json): a quarter of the weight."""
    families = re.compile(rf"\.(?:{'|'.join(package['drop_families'])})(?![a-zA-Z0-9])")
    return prune(content.decode(), families).encode()


def prune(css: str, families: re.Pattern[str]) -> str:
    """`css` without the selectors that name a class of `families`; a rule or block left empty goes too."""
    out, i = [], 0
    while i < len(css):
        if css.startswith("/*", i):
            end = css.index("*/", i) + 2
            out.append(css[i:end])
            i = end
            continue
        opening, semicolon = css.find("{", i), css.find(";", i)
        if opening == -1 or (semicolon != -1 and semicolon < opening and css[i] == "@"):
            end = len(css) if semicolon == -1 else semicolon + 1
            out.append(css[i:end])
            i = end
            continue
        end = _matching(css, opening)
        prelude, body = css[i:opening], css[opening + 1 : end]
        if prelude.lstrip().startswith(("@media", "@supports", "@layer", "@container")):
            inner = prune(body, families)
            if inner.strip():
                out.append(f"{prelude}{{{inner}}}")
        elif prelude.lstrip().startswith("@"):
            out.append(css[i : end + 1])
        else:
            kept = [selector for selector in _selectors(prelude) if not families.search(selector)]
            if kept:
                out.append(f"{','.join(kept)}{{{body}}}")
        i = end + 1
    return "".join(out)


def _matching(css: str, opening: int) -> int:
    depth, quote, i = 0, "", opening
    while True:
        char = css[i]
        if quote:
            if char == "\\":
                i += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if not depth:
                return i
        i += 1


def _selectors(prelude: str) -> list[str]:
    """Split at the commas that are not inside :is(...), :not(...) or [...]."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(prelude):
        depth += (char in "([") - (char in ")]")
        if char == "," and not depth:
            parts.append(prelude[start:i])
            start = i + 1
    return [*parts, prelude[start:]]


EDITS = {
    "without_source_map": without_source_map,
    "without_unused_families": without_unused_families,
}


def sprite(package: dict, source: Path) -> bytes:
    """One SVG of <symbol>s from the icons listed; `{% icon "name" %}` uses them."""
    symbols = []
    for name in sorted(package["icons"]):
        svg = (source / "icons" / "outline" / f"{name}.svg").read_text()
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*/>", svg)
        shapes = [re.sub(r"\s+", " ", shape).replace(" />", "/>") for shape in shapes if "M0 0h24v24H0z" not in shape]
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>')
    head = f"<!-- {package['name']} {package['version']}, MIT: see vendor/{package['folder']}/LICENSE -->"
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', head, *symbols, "</svg>", ""]).encode()


if __name__ == "__main__":
    sys.exit(main())
