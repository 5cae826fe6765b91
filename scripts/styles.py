"""The one stylesheet of the pages: what they use of Bootstrap, then our own files, minified.

A rule of Bootstrap is used when the templates and scripts name all its classes; one of its variables, when
a rule that is left reads it. Fonts get the fingerprint in their address that the site gives static files.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
BOOTSTRAP = STATIC / "vendor" / "bootstrap" / "bootstrap.min.css"
BUNDLE = STATIC / "site.css"
# The later wins where two rules weigh the same: the identity first, the pages, paper last.
FIRST, LAST = ("theme", "chrome", "landing", "your_music", "top", "player", "history"), ("print",)

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'("[^"]*")')
_BETWEEN_SELECTORS = re.compile(r",(?![^(]*\))")
_CLASS = re.compile(r"\.([A-Za-z_][\w-]*)")
_VARIABLE = re.compile(r"var\((--bs-[\w-]+)")
_CLASSES = re.compile(r'class(?:Name)?\s*=\s*"([^"]*)"|classList\.\w+\(([^)]*)\)')


def stylesheet() -> str:
    """The whole stylesheet, as it belongs in `BUNDLE`."""
    names = sorted(path.stem for path in (STATIC / "css").glob("*.css"))
    names = [*FIRST, *(name for name in names if name not in FIRST + LAST), *LAST]
    own = minify("\n".join((STATIC / "css" / f"{name}.css").read_text(encoding="utf-8") for name in names))
    used = used_rules(minify(BOOTSTRAP.read_text(encoding="utf-8")), named_classes())
    bundle = with_fingerprints(without_unread_variables(used, own) + own)
    return bundle.replace("}", "}\n")  # a rule a line: two branches that change different ones still merge


def is_fresh() -> bool:
    """Whether `BUNDLE` is what its parts make today."""
    return BUNDLE.is_file() and BUNDLE.read_text(encoding="utf-8") == stylesheet()


def minify(css: str) -> str:
    """The same rules without comments and the white space that says nothing."""
    pieces = _STRING.split(_COMMENT.sub("", css))
    for index in range(0, len(pieces), 2):
        piece = re.sub(r"\s+", " ", pieces[index])
        piece = re.sub(r" ?([{};,>]) ?", r"\1", piece).replace(": ", ":")
        pieces[index] = piece.replace(";}", "}")
    return "".join(pieces).strip()


def named_classes() -> set[str]:
    """Every class that a template or a script gives an element."""
    files = [*(ROOT / "templates").rglob("*.html"), *(STATIC / "js").glob("*.js")]
    found = (match for file in files for match in _CLASSES.finditer(file.read_text(encoding="utf-8")))
    return {name for match in found for name in re.findall(r"[A-Za-z][\w-]*", match[1] or match[2] or "")}


def used_rules(css: str, classes: set[str]) -> str:
    """The rules of which every class is among `classes`. Themes by attribute and movements are left out."""
    kept = []
    for prelude, body in _blocks(css):
        if prelude.startswith(("@media", "@supports")):
            body = used_rules(body, classes)
        elif prelude.startswith("@"):
            continue
        else:
            prelude = ",".join(one for one in _BETWEEN_SELECTORS.split(prelude) if _is_used(one, classes))
        if prelude and body:
            kept.append(f"{prelude}{{{body}}}")
    return "".join(kept)


def without_unread_variables(css: str, *others: str) -> str:
    """`css` without declarations of Bootstrap's variables that neither it nor the `others` read."""
    read = {name for part in (css, *others) for name in _VARIABLE.findall(part)}
    fewer = re.sub(
        r"(--bs-[\w-]+):[^;{}]*(?:;|(?=}))", lambda match: match[0] if match[1] in read else "", css
    )
    fewer = re.sub(r"[^{}]*{}", "", fewer.replace(";}", "}"))
    return fewer if fewer == css else without_unread_variables(fewer, *others)


def with_fingerprints(css: str) -> str:
    """Addresses of fonts, seen from `BUNDLE` and with the fingerprint of their content."""

    def address(match: re.Match[str]) -> str:
        content = (STATIC / match[1]).read_bytes()
        return f'url("{match[1]}?v={sha256(content).hexdigest()[:12]}")'

    return re.sub(r'url\("\.\./(vendor/[^"]+)"\)', address, css)


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """What stands before a brace, and what between it and its partner, in turn."""
    start = 0
    while (opening := css.find("{", start)) >= 0:
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[start:opening].rpartition(";")[2].strip(), css[opening + 1 : end - 1]
        start = end


def _is_used(selector: str, classes: set[str]) -> bool:
    needed = _CLASS.findall(re.sub(r":not\([^)]*\)", "", selector))
    return "data-bs-" not in selector and all(name in classes for name in needed)
