import pytest

import engine
from tests.support import toy


@pytest.fixture(scope="session")
def finished_toy(tmp_path_factory):
    """Folder of a toy campaign that spent its four labels; nothing may be written into it."""
    folder = toy.make(tmp_path_factory.mktemp("finished") / "toy", budget=4)
    done = toy.run(folder, "run", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def finished(finished_toy):
    """The same campaign, opened."""
    return engine.open(finished_toy)


@pytest.fixture
def deltadesk(monkeypatch, capsys):
    """The command line in this process: (exit code, what it printed, its lines of error)."""
    from engine.cli import main

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["deltadesk", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = capsys.readouterr()
        return stopped.value.code or 0, out, err.strip().splitlines()

    return run
