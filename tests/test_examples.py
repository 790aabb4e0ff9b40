"""The examples in assets/examples: their files are read, and their pages' figures are those of the files."""

import csv
import json
import re
import shutil

import ase.io
import numpy as np
import pytest

from assets import asset
from engine.config import load
from engine.labelled import read_labelled
from engine.study import read_protocol, read_race
from engine.study.protocol import settings_of

EXAMPLE = asset("examples/ag4s2-gpaw")


@pytest.fixture(scope="module")
def labels():
    return ase.io.read(EXAMPLE / "labels.xyz", ":")


def test_the_page_of_the_dft_campaign_says_what_its_labels_say(labels):
    page = (EXAMPLE / "README.md").read_text().replace("−", "-")
    energy = np.array([atoms.get_potential_energy() for atoms in labels])
    known = [atoms.info["deltadesk"] for atoms in labels]
    best = int(energy.argmin())
    error = [abs(one["error_eV"]) for one in known if one["predicted_energy_std_eV"] is not None]
    assert f"| {len(labels)}, 0 |" in page
    assert f"| {labels[best].info['candidate']}, {energy[best]:.4f} eV, the {best + 1}th label" in page
    assert f"{np.mean(error):.3f} eV, median {np.median(error):.3f} eV" in page
    assert f"{sum(one['seconds'] for one in known):.0f} s of the clock in GPAW" in page


def test_its_labels_are_of_its_campaigns_reference_and_can_be_pretrained_with(labels):
    settings = load(EXAMPLE)
    assert {str(atoms.symbols.formula.convert("metal")) for atoms in labels} == {settings.system.composition}
    made = {(one["reference_code"], one["reference"]) for one in (a.info["deltadesk"] for a in labels)}
    assert made == {("gpaw", settings.reference.name)}
    read = read_labelled(EXAMPLE / "labels.xyz")
    assert [(one.provenance.code, one.provenance.settings["mode"]) for one in read] == [("gpaw", "lcao")] * 15


def test_the_figure_is_drawn_by_the_code_that_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    shutil.copy(EXAMPLE / "labels.xyz", tmp_path)
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", (EXAMPLE / "README.md").read_text(), flags=re.S)
    exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "figures.png").stat().st_size > 10_000


def test_the_protocol_of_the_study_asks_what_can_be_run():
    protocol = read_protocol(asset("examples/study-ag6s3/protocol.toml"))
    assert [arm.name for arm in protocol.arm] == ["rex", "rex-random-choice", "gofee", "random-search"]
    searches = [[search.name for search in settings_of(protocol, arm, 3).search] for arm in protocol.arm]
    assert searches == [["replica-exchange"], ["replica-exchange"], ["gofee"], ["random-search"]]
    settings = settings_of(protocol, protocol.arm[1], 3)
    assert (settings.selection.rule, settings.seed, settings.budget) == ("random", 3, 30)
    assert (settings.pace, settings.curation.policy) == ("lockstep", "auto")
    short = read_protocol(asset("examples/study-ag6s3/short.toml"))
    assert ([arm.name for arm in short.arm], short.restarts) == (["rex", "rex-random-choice"], 10)
    assert not set(short.seeds) & set(protocol.seeds)


def test_the_page_of_the_study_says_what_its_outcomes_say():
    page = asset("examples/study-ag6s3/README.md").read_text()
    protocol = read_protocol(asset("examples/study-ag6s3/protocol.toml"))
    with asset("examples/study-ag6s3/outcomes.csv").open() as file:
        rows = list(csv.DictReader(file))
    titles = {
        "rex": "replica exchange, scored choice",
        "rex-random-choice": "replica exchange, random choice",
        "gofee": "GOFEE",
        "random-search": "random search, the baseline",
    }
    for arm in protocol.arm:
        of_arm = [row for row in rows if row["arm"] == arm.name]
        assert sorted(int(row["seed"]) for row in of_arm) == list(protocol.seeds)
        succeeded = sum(row["succeeded"] == "true" for row in of_arm)
        assert f"| {titles[arm.name]} | {len(of_arm)} | {succeeded} |" in page
    best = min(float(row["best_eV"]) for row in rows)
    assert f"minimum is −{-best:.4f} eV" in page


@pytest.mark.parametrize("name", ["protocol", "short"])
def test_the_protocols_of_the_race_for_entropy_ask_what_can_be_run(name):
    race = read_race(asset(f"examples/study-si-entropy/{name}.toml"))
    assert (race.rules, race.baseline, race.properties) == (("high-entropy", "random"), "random", True)
    assert race.selection.responses == "all"
    assert race.seeds == (5 if name == "protocol" else 2)


def test_the_page_of_the_race_for_entropy_says_what_it_found():
    folder = asset("examples/study-si-entropy")
    found, page = json.loads((folder / "result.json").read_text()), (folder / "README.md").read_text()
    assert found["seeds"] == list(read_race(folder / "protocol.toml").each)
    energy = [found["rules"][rule]["energy"] for rule in ("high-entropy", "random")]
    cells = [f"{e['mean'][-1]:.2g} meV/atom ({e['low'][-1]:.2g} to {e['high'][-1]:.3g})" for e in energy]
    assert f"| {cells[0]} | {cells[1]} |" in page
    for name in ("B0", "C11", "C12", "C44"):
        rules = found["followed"]["errors"][name]["rules"]
        high, random = (rules[rule]["median"][-1] for rule in ("high-entropy", "random"))
        assert f"| error of {name}, median | {high:.2g} GPa | {random:.2g} GPa |" in page
    verdicts = {name: one["verdicts"]["high-entropy"] for name, one in found["followed"]["errors"].items()}
    worse = {name for name, words in verdicts.items() if words.startswith("larger")}
    better = {name for name, words in verdicts.items() if words.startswith("smaller")}
    assert (worse, better) == ({"E0", "C11", "C11_clamped"}, {"B0"})


def test_the_page_of_the_race_for_the_trend_says_what_it_found():
    folder = asset("examples/study-si-pool")
    race, page = read_race(folder / "protocol.toml"), (folder / "README.md").read_text()
    found = json.loads((folder / "result.json").read_text())
    assert (found["seeds"], race.trend) == (list(race.each), True)
    for rule, labels in found["trend"]["labels"].items():
        cells = ", ".join("–" if one is None else f"{one:.0f}" for one in labels)
        saved = found["trend"]["saved"].get(rule)
        words = "" if saved is None else f" {saved['saved']:.0f} ({saved['low']:.0f} to {saved['high']:.0f})"
        assert f"| {rule} | {cells} |{words} |" in page
