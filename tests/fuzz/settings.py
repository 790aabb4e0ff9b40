"""Families of campaign.toml: generated from the schema, so that a new setting is tried by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_origin

import tomlkit
from pydantic.fields import FieldInfo

from engine.config import CampaignSettings, Settings
from engine.config.searches import SEARCHES
from tests.fuzz.harness import Case, types

Place = tuple[str, ...]


def tables(
    place: Place = (), model: type[Settings] = CampaignSettings
) -> Iterator[tuple[Place, type[Settings]]]:
    """Every table of campaign.toml: its place, and its schema."""
    yield place, model
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Settings):
            yield from tables((*place, name), info.annotation)
    if not place:
        for name, search in SEARCHES.items():
            yield ("search", name), search


def fields() -> Iterator[tuple[Place, str, FieldInfo]]:
    """Every plain setting: the table it stands in, its name, its schema."""
    for place, model in tables():
        for name, info in model.model_fields.items():
            table = isinstance(info.annotation, type) and issubclass(info.annotation, Settings)
            if not table and name != "search" and not (place[:1] == ("search",) and name == "name"):
                yield place, name, info


def written(place: Place, name: str, value: str) -> str:
    """campaign.toml with one setting, its value as TOML."""
    if place[:1] == ("search",):
        return f'[[search]]\nname = "{place[1]}"\n{name} = {value}'
    return f"[{'.'.join(place)}]\n{name} = {value}" if place else f"{name} = {value}"


def case(name: str, text: str | bytes, pattern: str) -> Case:
    """Bad settings, met by whoever looks at the campaign."""
    return Case(name, pattern, types("status", "{}"), {"campaign.toml": text})


def dotted(place: Place, name: str) -> str:
    """A setting as messages call it."""
    return re.escape(".".join((*place, name)))


def misspelt() -> Iterator[Case]:
    """Each setting without its last letter."""
    for place, name, _ in fields():
        wrong = name[:-1] + ("y" if name[-1] != "y" else "x")
        yield case(
            ".".join((*place, name)),
            written(place, wrong, "1"),
            rf"unknown setting '{dotted(place, wrong)}'; (did you mean '\w+'|known: \w+)",
        )


WRONG = {
    "a date": "2020-01-01",
    "a table": "{ a = 1 }",
    "a nested list": "[[1]]",
    "a truth": "true",
    "a text": '"much"',
}


def wrong_kinds() -> Iterator[Case]:
    """Each setting as something that it is not."""
    for place, name, info in fields():
        for kind, value in WRONG.items():
            if not _fits(info, kind):
                yield case(
                    f"{'.'.join((*place, name))} is {kind}",
                    written(place, name, value),
                    rf"^deltadesk: campaign\.toml: {dotted(place, name)}\b.*: "
                    "(needs|is one of|is either|takes|one more|is not written|there is no)",
                )


def _fits(info: FieldInfo, kind: str) -> bool:
    wanted = str(info.annotation)
    return (
        ("str" in wanted and kind == "a text" and "Literal" not in wanted)
        or ("dict" in wanted and kind == "a table")
        or ("bool" in wanted and kind in ("a truth",))
        or ("Formula" in wanted)
    )


def out_of_bounds() -> Iterator[Case]:
    """Each number where no number is meant to be."""
    for place, name, info in fields():
        for value in ("-1", "nan", "inf", "-inf", "1e300", "9" * 30, "9" * 5000):
            numbers = re.findall(r"\b(int|float)\b", str(info.annotation))
            if not numbers or "str" in str(info.annotation) or "dict" in str(info.annotation):
                continue
            count = len(numbers) if get_origin(info.annotation) is tuple else 1
            text = f"[{', '.join([value] * count)}]" if get_origin(info.annotation) is tuple else value
            yield case(
                f"{'.'.join((*place, name))} = {value[:8]}",
                written(place, name, text),
                r"must be|needs a whole number|Exceeds the limit \(4300 digits\)",
            )


NOT_TOML = {
    "nothing closed": 'name = "',
    "no value": "name = ",
    "no key": "= 3",
    "twice": "seed = 1\nseed = 2",
    "a table twice": "[system]\n[system]",
    "a list of tables": "[[system]]\ncomposition = 'Ag'",
    "a byte of zero": "seed = 1\x00",
    "a control character": 'name = "\x1b[31m"',
    "deep brackets": "a = " + "[" * 5000,
    "deep closed brackets": "a = " + "[" * 900 + "]" * 900,
    "deep tables": "[" + ".".join("a" * 1 for _ in range(2000)) + "]\nb = 1",
    "half of a file": '[system]\ncomposition = "Ag8',
    "a word": "thesis",
    "markup": "<html><body>404</body></html>",
    "JSON": '{"seed": 1}',
    "YAML": "seed: 1\n",
    "python": "seed = int(3)",
    "merge conflict": "<<<<<<< HEAD\nseed = 1\n=======\nseed = 2\n>>>>>>> main",
    "wrong quotes": "name = “Ag8S4”",
    "a number too many": "seed = 1 2",
    "an unknown escape": 'name = "\\q"',
    "a time that is none": "seed = 2020-13-45",
    "many digits": "seed = " + "9" * 5000,
}
NOT_TEXT = {
    "latin-1": 'name = "Ag\xe9"'.encode("latin-1"),
    "utf-16": "seed = 1\n".encode("utf-16"),
    "gzip": bytes.fromhex("1f8b0800000000000003") + b"\xff" * 20,
    "PNG": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "a cut character": 'name = "Å"'.encode()[:-2],
    "surrogates": b'name = "\xed\xa0\x80"',
}


def not_toml() -> Iterator[Case]:
    """What no TOML reader reads."""
    for name, text in NOT_TOML.items():
        yield case(
            name, text, r"campaign\.toml(: (system: needs a table|unknown setting)| is not valid TOML: \w)"
        )


def not_text() -> Iterator[Case]:
    """Bytes that are no text in UTF-8."""
    for name, content in NOT_TEXT.items():
        yield case(name, content, r"campaign\.toml is not text in UTF-8: byte \d+ is ")


CONTRADICTIONS = {
    "a cube larger than its box": ("[system]\nconfinement = 40.0", "larger than the box"),
    "one search twice": ('[[search]]\nname = "mine"\n[[search]]\nname = "mine"', "each search has one table"),
    "hottest first": ('[[search]]\nname = "replica-exchange"\nkT = [2.0, 1.0]', "the smaller number first"),
    "one bracket": ('[search]\nname = "gofee"', r"write \[\[search\]\], with two brackets"),
    "no name": ("[[search]]\nshare = 1.0", r"'name' is missing in \[\[search\]\]"),
    "no search": ("search = []", "search: takes at least 1"),
    "a name that is a list": ('[[search]]\nname = ["gofee"]', "search.other.name: needs text"),
    "a name that is a table": ("[[search]]\nname = {}", "search.other.name: needs text"),
    "a search that is a number": ("search = [5]", "search.other = 5: needs a table"),
    "a stranger's setting": ('[[search]]\nname = "mine"\nsteps = 1', r"go into \[search.settings\]"),
    "settings that are a date": (
        "[reference]\nsettings = { day = 2020-01-01 }",
        "2020-01-01 is a date",
    ),
    "settings that are no number": ("[reference]\nsettings = { a = [nan] }", "a = nan is not a finite"),
    "settings that are deep": (
        "[reference]\nsettings = { a = " + "[" * 20 + "]" * 20 + " }",
        "more than 8 deep in one another",
    ),
    "a name of two lines": ('name = "a\\nb"', "name = 'a.nb': must be printable text"),
    "a name without letters": ('name = ""', "name = '': must not be empty"),
    "a long name": (f'name = "{"a" * 100}"', "must have at most 80 letters"),
}


def contradictions() -> Iterator[Case]:
    """Settings that are each good and not good together, and lists that are none."""
    for name, (text, pattern) in CONTRADICTIONS.items():
        yield case(name, text, pattern)


FORMULAS = ["", "ag8", "Xx2", "8Ag", "Ag 8", "Ag8S4!", "Ag0", "Ag-2", "Ag1.5", "Ag999999", "Ag9999999999999"]
FORMULAS += [
    "X2",
    "Ag٣",
    "Αg8",
    "Ag₈S₄",
    "Ag8S4\u200b",
    "Ag" * 11000,
    "(Ag2)3",
    "Ag2\n",
    "' OR 1=1",
    "<b>Ag</b>",
]


def formulas() -> Iterator[Case]:
    """Compositions that no cluster has."""
    for formula in FORMULAS:
        text = f"[system]\ncomposition = {tomlkit.item(formula).as_string()}"
        yield case(
            repr(formula)[:20],
            text,
            "system.composition = .*: (is not written|there is no element|a cluster has)",
        )


NOWHERE: dict[str, tuple[str, str]] = {
    "a potential": ('[potential]\nname = "chgnet-9"', "no potential is called 'chgnet-9'"),
    "a potential without letters": ('[potential]\nname = ""', "no potential is called ''"),
    "a path for a potential": ('[potential]\nname = "../../etc/passwd"', "no potential is called"),
    "an unprintable potential": ('[potential]\nname = "\\u0007\\u202e"', "no potential is called"),
    "a reference": ('[reference]\nname = "vasp"', "no reference is called 'vasp'"),
    "a rule": ('[selection]\nrule = "best"', "no acquisition is called 'best'"),
    "a search": ('[[search]]\nname = "random"', "no generator is called 'random'; did you mean"),
    "a search of many letters": (f'[[search]]\nname = "{"x" * 5000}"', "no generator is called 'xxx"),
    "no calculator": ('[reference]\nname = "ase"', 'needs calculator = "module:Class"'),
    "no command": ('[reference]\nname = "command"', 'needs command = "program'),
    "open quotes": ('[reference]\nname = "command"\ncommand = "vasp \'"', "No closing quotation"),
    "no program": (
        '[reference]\nname = "command"\ncommand = "no-such-program {structure}"',
        "there is no program",
    ),
    "a program with a zero": ('[reference]\nname = "command"\ncommand = "a\\u0000b"', "there is no program"),
    "a command for another": ('[reference]\ncommand = "true"', "reference.command is only for"),
}
CALCULATORS = ["EMT", ":EMT", "ase.emt:", "ase.nothing:EMT", ".:EMT", "..ase:EMT", "ase..emt:EMT", "ase.:EMT"]
CALCULATORS += ["ase.calculators.emt:EMT:EMT", "1ase:EMT", "os;system:x", "/etc/passwd:x", "ase.ñ:EMT"]
CALCULATORS += ["a b:c", "ase/calculators:EMT", "\\u0000:x", "x" * 3000 + ":y"]
CALCULATORS += ["tests.fuzz.broken_package.inner:Class"]


def nowhere() -> Iterator[Case]:
    """Names that nothing of ours or of anybody here has; found before anything is imported or written."""
    for name, (text, pattern) in NOWHERE.items():
        yield Case(name, pattern, types("run", "{}"), {"campaign.toml": text})
    for path in CALCULATORS:
        yield Case(
            f"calculator {path[:30]}",
            "reference.calculator(: no module .*| = .* is not of the form module:Class)",
            types("run", "{}"),
            {"campaign.toml": f'[reference]\nname = "ase"\ncalculator = "{path}"'},
        )
