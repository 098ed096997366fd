"""How many lines of code and documents still speak the project's former dialect.

    python -m tools.house_words [PATTERN]      list the places, of files that match the pattern

A reader who knows the field should never read a line twice. The words below once stood for the
field's own, or for a plainer one; each is listed with what to write. Names count like prose.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

# Pattern, and what to write instead.
DIALECT: Mapping[str, str] = {
    r"told": "informed, notified, shared with, given",
    r"stands?(?! (alone|for)\b)": "is, holds, is listed",
    r"whom": "who, or another sentence",
    r"somebody": "a user, a person, a caller",
    r"nobody": "no one, no user",
    r"whoever": "anyone who, the person who",
    r"vouch(es|ed)?": "authenticates, guarantees",
    r"what (is|was) said|said": "directive, statement, recorded",
    r"at (the|a) desk": "on a developer's machine",
    r"desks?": "service, function",
    r"likeness|likewise": "similarity; also, the same",
    r"anew|afresh": "again",
    r"amiss": "wrong",
    r"of before": "previous, earlier",
    r"for what is none|what is none": "when there is none",
    r"how (it|they|things) stands?": "state, status",
    r"as far as": "if, where, to the extent",
    r"plainly": "clearly, in clear",
    r"mends?|mended": "fix, repair",
    r"looks? after|looked at|looks at": "manage; view, check",
    r"lets? in": "authenticate, admit, allow",
    r"by (its|their|his|her) own word": "unverified",
    r"sought": "searched for",
    r"kept (apart|whole)": "stored separately, stored unchanged",
    r"a stranger": "a third party",
}
_TREES = ("hub", "adapters", "schemas", "consent", "tools", "tests", "docs", "examples", "bench")
_SUFFIXES = {".py", ".md", ".toml", ".html", ".jinja", ".njk", ".txt"}
_NOT_OURS = ("samples", "published", "vectors", "node_modules", "reference")
_HERE = Path(__file__).name
_PATTERNS = {
    word: re.compile(rf"(?<![A-Za-z])(?:{word})(?![A-Za-z])", re.IGNORECASE) for word in DIALECT
}


def lines_with_dialect(root: Path) -> dict[str, int]:
    """Count, for each word, the lines that hold it."""
    found = dict.fromkeys(DIALECT, 0)
    for path in documents_and_code(root):
        text = path.read_text(encoding="utf-8", errors="replace")
        for word, pattern in _PATTERNS.items():
            if pattern.search(text):
                found[word] += sum(bool(pattern.search(line)) for line in text.splitlines())
    return found


def places(root: Path, file_pattern: str = "*") -> Iterator[str]:
    """Yield every place of a dialect word as ``file:line: word: text``."""
    for path in documents_and_code(root):
        if not path.match(file_pattern):
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            for pattern in _PATTERNS.values():
                if found := pattern.search(line):
                    yield f"{path.relative_to(root)}:{number}: {found[0]}: {line.strip()}"


def documents_and_code(root: Path) -> Iterator[Path]:
    """Yield the files we wrote by hand: code, templates, pages; not samples and generated files."""
    yield from sorted(root.glob("*.md"))
    for tree in _TREES:
        for path in sorted((root / tree).rglob("*")):
            inside = path.relative_to(root)
            ours = not any(part in _NOT_OURS for part in inside.parts)
            if ours and path.suffix in _SUFFIXES and path.name != _HERE and path.is_file():
                yield path


def main(arguments: Sequence[str]) -> int:
    """Print every place, then the count of each word."""
    for place in places(Path(), *arguments[:1]):
        print(place)
    if not arguments:
        for word, count in lines_with_dialect(Path()).items():
            print(f"{count:5} {word}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
