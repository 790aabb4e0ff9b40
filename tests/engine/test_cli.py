"""Bad input at the command line: one clear line, exit code 2, nothing written."""

import json
import re
import subprocess
import sys
from importlib import import_module

import ase.io
import numpy as np
import pytest
from ase import Atoms

from engine import campaigns, config, templates
from engine.cli.app import main
from engine.cli.run import _words
from engine.config import CampaignSettings, CommitteeSettings, MDSettings, parse
from engine.core import CommandRefused, Recorded, ReferenceFailed, fold
from engine.errors import ConfigError
from engine.loop.opening import opening_events
from engine.store import Store
from tests.support import toy
from tests.support.toy import REPOSITORY


def refused(folder, *arguments, pattern, **extra):
    before = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []
    done = toy.run(folder, *arguments, **extra)
    after = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert re.search(pattern, lines[0]), lines[0]
    assert after == before


@pytest.mark.parametrize(
    ("log", "words"), [("", "it left no words"), ("\n", "it left no words"), ("\nno SCF\nmore", "no SCF")]
)
def test_a_failed_reference_is_named_whatever_its_log_says(log, words):
    failed = ReferenceFailed(candidate="c-000001", attempt=1, failure="crashed", log=log, seconds=1.0)
    said = _words(Recorded(seq=1, time=1.0, event=failed))
    assert said == f"c-000001  reference failed: crashed: {words}"


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("name = ", r"not valid TOML.*at end of document"),
        ("seed = 1\nkapa = 2", "unknown setting 'kapa'"),
        ("[selection]\nkapa = 2", "unknown setting 'selection.kapa'; did you mean 'kappa'"),
        ("budget = 0", "budget = 0: must be 1 or more"),
        ('[system]\ncomposition = "Xq3"', "there is no element 'Xq'"),
        ('[system]\ncomposition = "ag4"', "composition = 'ag4'"),
        ("[system]\nconfinement = 40.0", "larger than the box"),
        (
            '[potential]\nname = "chgnet-0.4.0"',
            "no potential is called 'chgnet-0.4.0'; did you mean 'chgnet-0",
        ),
        ('[potential]\nname = "ase"', 'needs calculator = "module:Class"'),
        ('[reference]\nexecutor = "slurm"', "there is no program 'sbatch' here: run it where jobs are"),
        ('[reference]\npartition = "short"', "partition and account are for a batch scheduler"),
        ('[reference]\nexecutor = "slurm"\naccount = "a\\" b"', "reference.account = 'a\" b'"),
        ('[[pretraining]]\nsource = "a"\nmx = true', "unknown setting 'pretraining.mx'; did you mean 'mix'"),
        ('[reference]\nname = "gfn3-xtb"', "no reference is called 'gfn3-xtb'; did you mean"),
        (
            '[reference]\nname = "ase"\ncalculator = "ase.nothing:EMT"',
            "no module 'ase.nothing' can be imported",
        ),
        ('[reference]\nname = "ase"\ncalculator = "EMT"', "not of the form module:Class"),
        ('[reference]\nname = "command"', r'needs command = "program \{structure\} \{result\}"'),
        ('[reference]\nname = "command"\ncommand = "vesp {structure}"', "there is no program 'vesp' here"),
        ('[reference]\ncommand = "true"', "reference.command is only for"),
        ('[[search]]\nname = "random"', "no generator is called 'random'; did you mean 'random-search'"),
        ('[[search]]\nname = "random"\nstructures = 4', r"go into \[search.settings\]"),
        (
            '[[search]]\nname = "basin-hopping"\nwalker = 4',
            "unknown setting 'search.basin-hopping.walker'; did you mean 'walkers'",
        ),
        (
            '[[search]]\nname = "basin-hopping"\nkT = 0.0',
            r"search\.basin-hopping\.kT = 0\.0: must be more than 0",
        ),
        ('[[search]]\nname = "random-search"\nshare = 0', r"share = 0: must be more than 0"),
        ("[[search]]\nshare = 1", r"'name' is missing in \[\[search\]\]"),
        ('[search]\nname = "random-search"', r"write \[\[search\]\], with two brackets"),
        ('[[search]]\nname = "mine"\n[[search]]\nname = "mine"', "each search has one table"),
        ("search = []", "search.*at least 1"),
        ('[selection]\nrule = "best"', "no acquisition is called 'best'"),
        ("[selection]\nkappa = nan", "kappa = nan"),
    ],
)
def test_what_campaign_toml_gets_wrong_is_one_clear_line(tmp_path, text, pattern):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "campaign.toml").write_text(text)
    refused(folder, "run", folder, pattern=pattern)


@pytest.mark.parametrize(
    ("system", "pattern"),
    [
        ('start = "gone.xyz"', r"gone\.xyz is not there \(looked for .*mine/gone\.xyz\)"),
        ('start = "cut.xyz"\ncomposition = "Ag3"', r"cut\.xyz cannot be read as a structure"),
        ('start = "ag3.xyz"\ncomposition = "Ag2S"', r"ag3\.xyz holds Ag3, but .*'Ag2S': they must agree"),
        ('start = "ag3.xyz"\nconfinement = 4.0', r"reaches 3\.0 Å .*enlarge confinement to 6"),
        ('start = ""', "system.start = ''"),
    ],
)
def test_a_start_structure_that_cannot_be_used(tmp_path, system, pattern):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "campaign.toml").write_text(f"[system]\n{system}")
    (folder / "ag3.xyz").write_text("3\n\nAg 0 0 0\nAg 0 0 3\nAg 0 0 6\n")
    (folder / "cut.xyz").write_text("3\n\nAg 0 0 0\nAg 0 0\n")
    refused(folder, "run", folder, pattern=pattern)


def test_a_folder_without_a_campaign(tmp_path):
    refused(
        tmp_path, "run", tmp_path / "nowhere", pattern=r"holds no campaign\.toml: make .* `deltadesk new DIR`"
    )
    refused(tmp_path, "status", tmp_path, pattern=r"holds no campaign\.toml")


def test_a_folder_that_is_taken(tmp_path):
    (tmp_path / "thesis.txt").write_text("words")
    refused(tmp_path, "new", tmp_path, pattern="is taken: name a folder that does not exist yet")
    refused(
        tmp_path,
        "new",
        tmp_path / "x",
        "--template",
        "gold",
        pattern="no template is called 'gold'; known: ag4s2, ag4s2-gpaw, ag6s3",
    )


def test_help_waits_for_nothing_heavy():
    code = "import sys; sys.argv = ['deltadesk', *{arguments}]; from engine.cli import main\ntry: main()\n"
    code += "finally: print(*sys.modules, file=sys.stderr)"
    for arguments in ([], ["--help"], ["run", "--help"], ["export", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", code.format(arguments=arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=REPOSITORY,
        )
        assert "Usage" in done.stdout + done.stderr
        assert {"ase", "numpy", "pandas", "scipy", "torch", "engine.core"}.isdisjoint(done.stderr.split())


def test_a_port_in_use(tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(tmp_path, "serve", "--port", port, pattern=f"port {port} of localhost cannot be used.*--port")


def test_a_missing_package(tmp_path):
    folder = toy.make(tmp_path / "mine")
    text = (
        (folder / "campaign.toml")
        .read_text()
        .replace('name = "ase"\ncalculator = "ase.calc', 'name = "chgnet-0.3.0"\n# "')
    )
    (folder / "campaign.toml").write_text(re.sub(r"settings = \{sigma.*\n", "", text))
    blocker = tmp_path / "sitecustomize.py"
    blocker.write_text("import sys\nsys.modules['chgnet'] = None\n")
    refused(
        folder,
        "run",
        folder,
        pattern="chgnet-0.3.0 needs the package chgnet: pip install chgnet",
        PYTHONPATH=f"{tmp_path}:{REPOSITORY}",
    )


def test_what_must_stay_fixed_cannot_be_edited(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=1)
    assert toy.run(folder, "run", folder).returncode == 0
    text = (folder / "campaign.toml").read_text()
    (folder / "campaign.toml").write_text(text.replace("Cu3Ag2", "Cu2Ag3"))
    done = toy.run(folder, "run", folder)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "system changed since this campaign began" in done.stderr


def test_a_seed_that_is_refused_is_not_written(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=1)
    assert toy.run(folder, "run", folder, "--seed", 3).returncode == 0
    before = (folder / "campaign.toml").read_text()
    done = toy.run(folder, "run", folder, "--seed", 5, "--labels", 2)
    assert done.returncode == 2
    assert "seed changed since this campaign began" in done.stderr
    assert (folder / "campaign.toml").read_text() == before
    assert toy.run(folder, "run", folder).returncode == 0


def test_a_raised_budget_goes_on(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=1)
    assert toy.run(folder, "run", folder).returncode == 0
    done = toy.run(folder, "run", folder, "--labels", 3, "--json")
    assert json.loads(done.stdout.splitlines()[-1])["labels"] == 3
    status = toy.run(folder, "status", folder, "--json")
    assert json.loads(status.stdout)["spent"] == 3


def test_so_does_one_whose_composition_is_that_of_its_start(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=1)
    ase.io.write(folder / "start.xyz", Atoms("Cu3Ag2", 2.4 * np.array([[0, 0, 0], *np.eye(3), [1, 1, 0]])))
    path = folder / "campaign.toml"
    path.write_text(path.read_text().replace('composition = "Cu3Ag2"', 'start = "start.xyz"'))
    assert toy.run(folder, "run", folder).returncode == 0
    done = toy.run(folder, "run", folder, "--labels", 2, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["labels"] == 2


def test_running_a_finished_campaign_again_changes_nothing(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=1)
    before = json.loads(toy.run(folder, "run", folder, "--json").stdout)
    after = json.loads(toy.run(folder, "run", folder, "--json").stdout)
    assert after["state"] == "finished"
    assert after["events"] == before["events"]


def test_every_template_is_valid_and_says_every_default_it_shows(tmp_path):
    settings = {name: parse(templates.text(name)) for name in templates.names()}
    assert settings.pop("ag8s4") == CampaignSettings(landscape={"barriers": True})  # as it says
    changed = {"name", "system", "search", "reference"}
    pool = settings.pop("si-pool")
    assert (pool.committee.kind, pool.potential.name, pool.system.words) == (
        "networks",
        "none",
        "Si8, diamond",
    )
    shown = CommitteeSettings(kind="networks", subsample=0.8)
    assert pool.committee == shown
    assert (pool.properties.measure, pool.properties.reference) == (True, True)
    entropy = settings.pop("si-entropy")
    asked = CommitteeSettings(kind="networks", members=4, epochs=240, noise_stress=0.1)
    assert entropy.committee == asked
    assert (entropy.potential.name, entropy.search[0].name) == ("none", "strain")
    assert (entropy.selection.rule, entropy.selection.responses) == ("high-entropy", "all")
    assert (entropy.properties.measure, entropy.properties.reference) == (True, True)
    shown = CommitteeSettings(
        kind="networks", members=6, subsample=0.8, initialisations=2, epochs=150, batch=2
    )
    dynamics = MDSettings(frames=10, largest_force=10.0)
    crystals = {
        "cui": ("Cu4I4, zincblende", {}),
        "aggase2": ("Ag4Ga4Se8, chalcopyrite", {"descriptors": "functions.toml", "directions": 48}),
    }
    for name, (words, own) in crystals.items():
        said = settings.pop(name)
        campaigns.preflight(tmp_path / name, campaigns.new(tmp_path / name, name))
        assert (said.system.words, said.committee) == (words, shown.model_copy(update=own))
        assert said.search == (dynamics.model_copy(update={"rattle": 0.1}),)
        assert (said.potential.name, said.reference.name) == ("none", "chgnet-0.3.0")
        assert (said.stop.acceptance, said.stop.cycles, said.stop.quiet) == (2.0, 2, 2000)
    well = settings.pop("double-well")
    assert (well.potential.name, well.reference.name) == ("none", "double-well")
    assert (well.committee.kind, well.committee.members) == ("bootstrap", 3)
    for name, said in settings.items():
        assert said.model_dump(exclude=changed) == CampaignSettings().model_dump(exclude=changed), name


def test_templates_cover_the_clusters_and_the_surfaces():
    clusters = [parse(templates.text(f"ag{2 * x}s{x}")) for x in range(2, 9)]
    assert [said.system.composition for said in clusters] == [f"Ag{2 * x}S{x}" for x in range(2, 9)]
    assert [said.name for said in clusters] == [said.system.composition for said in clusters]
    faces = [parse(templates.text(f"s-ag{face}")).system.words for face in (111, 100)]
    assert faces == ["S3 on Ag(111), coverage 1/3", "S2 on Ag(100), coverage 1/4"]
    with pytest.raises(ConfigError, match="no template is called 'ag2s'; known: ag4s2, ag4s2-gpaw, ag6s3"):
        templates.text("ag2s")


def test_of_a_campaign_that_has_not_begun_nothing_is_decided_and_it_begins_all_the_same(tmp_path, deltadesk):
    folder = toy.make(tmp_path / "toy", budget=1)
    store = Store.create(folder)
    code, _, lines = deltadesk("decide", folder, "c-000001", "approve")
    assert (code, len(lines)) == (2, 1)
    assert "has not begun: start it with `deltadesk run`" in lines[0]
    assert (store.events(), store.pending()) == ([], [])
    refusal = CommandRefused(command="approve", by="ada", auth="local", reason="there is no such candidate")
    with store.transaction(0, 1.0) as tx:  # as one before this was asked for has left it
        tx.append(refusal)
    (started,) = opening_events(fold(store.events()), config.load(folder))
    with store.transaction(1, 2.0) as tx:
        tx.append(started)
    assert fold(store.events()).rules.budget == 1
    store.close()


def test_decide_from_the_command_line(tmp_path):
    folder = toy.make(tmp_path / "toy", policy="person", budget=1, pace="live")
    from tests.engine.loop.test_crash import campaign, start, wait_for

    server = start(folder)
    first, second = [c.id for c in wait_for(lambda: campaign(folder).waiting)][:2]
    assert "vetoed" in toy.run(folder, "decide", folder, second, "veto", "--reason", "too flat").stdout
    refusal = toy.run(folder, "decide", folder, second, "approve")
    assert refusal.returncode == 1
    assert re.search(r"refused: \w+ vetoed this \d+ s ago: too flat", refusal.stderr)
    assert toy.run(folder, "decide", folder, "c-999999", "veto").returncode == 1
    assert "approved" in toy.run(folder, "decide", folder, first, "approve").stdout
    assert server.wait(timeout=60) == 0
    assert campaign(folder).labels == (first,)
    late = toy.run(folder, "decide", folder, first, "veto")  # nobody runs it: the command line answers
    assert late.returncode == 1
    assert "sent to the reference" in late.stderr


def test_importing_the_command_line_runs_nothing():
    assert import_module("engine.cli.__main__").main is main
