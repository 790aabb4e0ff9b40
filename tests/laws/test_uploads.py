"""One button takes a file, and of it only structures of plain text: nothing that is uploaded ever runs."""

import ast
import io
import os
import pickle
import sqlite3
import zipfile
from pathlib import Path

import pytest
from ase import Atoms
from ase.io import write
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StructureError
from engine.uploaded import ENDINGS, examine, safe_name
from tests.support.toy import REPOSITORY

TAKERS = ("FileInput", "FileDropper", "FileUpload", "FileSelector")
ALLOWED = "dashboard/panels/upload.py"


def names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name | ast.alias):
            yield node.id if isinstance(node, ast.Name) else node.name


def test_one_panel_alone_has_a_widget_that_takes_a_file():
    taking = {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "dashboard").rglob("*.py")
        if set(names(ast.parse(path.read_text()))) & set(TAKERS)
    }
    assert taking == {ALLOWED}
    for path in (REPOSITORY / "dashboard").rglob("*.js"):
        if not path.name.startswith("ngl-"):
            assert 'type="file"' not in path.read_text().replace("'", '"'), path


def test_the_search_finds_one():
    assert "FileInput" in set(names(ast.parse("pmui.FileInput()"))) | set(
        names(ast.parse("from panel.widgets import FileInput"))
    )


@given(st.one_of(st.text(), st.text(alphabet="./\\ aA-_~:", max_size=20).map(lambda stem: f"{stem}.xyz")))
def test_a_name_that_is_kept_stays_in_its_folder_and_is_of_plain_text(name):
    try:
        kept = safe_name(name)
    except StructureError:
        return
    assert Path(kept).name == kept
    assert not kept.startswith((".", "-"))
    assert Path(kept).suffix in ENDINGS
    assert (Path("/somewhere") / kept).resolve().parent == Path("/somewhere")


class Bomb:
    """What runs where somebody unpickles it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def disguised(kind, place):
    """Bytes of a file that is no structure, whatever its name says."""
    if kind == "pickle":
        return pickle.dumps(Bomb(place / "ran"))
    if kind == "database":
        with sqlite3.connect(place / "some.db") as connection:
            connection.execute("CREATE TABLE systems (id INTEGER)")
        return (place / "some.db").read_bytes()
    if kind == "trajectory":
        write(place / "some.traj", Atoms("Cu2", [[0, 0, 0], [0, 0, 2.5]]))
        return (place / "some.traj").read_bytes()
    if kind == "ONETEP":  # ASE's reader of it opens the file that is named
        (place / "passwords.json").write_text('{"ada": "correct-horse-battery"}')
        named = f"include_file:{place / 'passwords.json'} 1 2 3"
        return f"! lock species \nang\n{named}\n%endblock positions_abs\n".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(Bomb(place / "ran")))
    return packed.getvalue()


@pytest.mark.parametrize("kind", ["pickle", "database", "trajectory", "ONETEP", "zip"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_structure_is_refused_whatever_it_is_called_and_never_runs(tmp_path, kind, ending):
    path = tmp_path / f"model{ending}"
    path.write_bytes(disguised(kind, tmp_path))
    with pytest.raises(StructureError, match=f"model{ending}") as refused:
        examine(path)
    assert "horse" not in str(refused.value)
    assert not (tmp_path / "ran").exists()
    if kind == "pickle":
        pickle.loads(path.read_bytes())
        assert (tmp_path / "ran").exists()
