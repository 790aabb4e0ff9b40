"""Nothing that we wrote opens code as data: every use of such a function is found, and there is one."""

import ast

from tests.support.toy import REPOSITORY

PICKLES = {"pickle", "cPickle", "dill", "joblib", "shelve", "cloudpickle", "marshal"}
OPENERS = {("torch", "load"), ("yaml", "load"), ("pandas", "read_pickle"), ("pd", "read_pickle")}
RUNNERS = {"eval", "exec", "compile", "__import__"}
ALLOWED = {
    "engine/potentials/mace.py": {"torch.load", "import pickle"},
    "engine/potentials/chgnet.py": {"import pickle"},
}
"""MACE's own files are pickles: only one that campaign.toml or the command line names is opened. CHGNet's are
read without what is not a number (``weights_only``); pickle names the error of a file that holds more."""


def uses(tree):
    """What in a module can run what a file holds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (f"import {name}" for name in names if name.split(".")[0] in PICKLES)
        elif isinstance(node, ast.Call):
            match node.func:
                case ast.Attribute(value=ast.Name(id=module), attr=name) if (module, name) in OPENERS:
                    if not _weights_only(node):
                        yield f"{module}.{name}"
                case ast.Name(id=name) if name in RUNNERS:
                    yield name
            for word in node.keywords:
                no = isinstance(word.value, ast.Constant) and word.value.value is False
                if word.arg == "allow_pickle" and not no:
                    yield "allow_pickle"
                if word.arg == "shell" and not no:
                    yield "shell"


def _weights_only(call):
    said = [word.value for word in call.keywords if word.arg == "weights_only"]
    return len(said) == 1 and isinstance(said[0], ast.Constant) and said[0].value is True


def test_one_file_opens_a_pickle_and_nothing_runs_text():
    found = {}
    for room in ("engine", "dashboard", "assets"):
        for path in (REPOSITORY / room).rglob("*.py"):
            said = set(uses(ast.parse(path.read_text())))
            if said:
                found[str(path.relative_to(REPOSITORY))] = said
    assert found == ALLOWED


BAIT = """
import dill.source
from pickle import loads
torch.load(x)
numpy.load(x, allow_pickle=yes)
subprocess.run(x, shell=True)
eval(x)
"""


def test_the_search_finds_what_it_looks_for():
    known = {"import dill.source", "import pickle", "torch.load", "allow_pickle", "shell", "eval"}
    assert set(uses(ast.parse(BAIT))) == known
