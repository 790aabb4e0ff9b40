"""No page takes a file: there is no widget for it, and no address that writes or reads one."""

import ast

from tests.support.toy import REPOSITORY

TAKERS = ("FileInput", "FileDropper", "FileUpload", "FileSelector")


def names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name | ast.alias):
            yield node.id if isinstance(node, ast.Name) else node.name


def test_no_page_has_a_widget_that_takes_a_file():
    read = 0
    for path in (REPOSITORY / "dashboard").rglob("*.py"):
        read += 1
        assert not set(names(ast.parse(path.read_text()))) & set(TAKERS), path
    assert read > 50
    for path in (REPOSITORY / "dashboard").rglob("*.js"):
        if not path.name.startswith("ngl-"):
            assert 'type="file"' not in path.read_text().replace("'", '"'), path


def test_the_search_finds_one():
    assert "FileInput" in set(names(ast.parse("pmui.FileInput()"))) | set(
        names(ast.parse("from panel.widgets import FileInput"))
    )
