"""A race with networks, taken up again; one in a committee of linear models; and what its report says."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from ase.io import read

from assets import asset
from engine.cli.race import race
from engine.errors import CampaignError, ConfigError, StructureError
from engine.math import entropy_bias, gaussian_entropy, labels_to_reach
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.bootstrap_committee import BootstrapCommittee
from engine.protocols import MemberPredictions, Prediction
from engine.study import RaceRun, finished, read_race, run_race, write_race
from engine.study.race import run_file, run_rule
from engine.study.race_model import fit_committee
from engine.study.race_pool import label_pool, load_pool
from engine.study.race_properties import measure_reference, own_values
from engine.study.race_report import page, result, table, words
from engine.study.race_trend import labels_to_trend, trend_lines, trend_result

PROTOCOL = """
name = "silicon"
rules = ["query-by-committee", "random"]
seeds = 2
start = 3
batch = 3
budget = 6
held_out = 6
target = 20.0
[pool]
kinds = ["volume", "small"]
count = 9
[reference]
name = "stillinger-weber"
[committee]
kind = "networks"
members = 2
epochs = 2
hidden = [4]
"""


def written(folder, text=PROTOCOL):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "race.toml"
    path.write_text(text)
    return path


def test_a_race_that_was_paused_goes_on_to_its_end(tmp_path, capsys):
    path, folder, told = written(tmp_path, f"trend = true\n{PROTOCOL}"), tmp_path / "race", []

    def pause(run):
        told.append(run)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_race(read_race(path), tmp_path, folder, pause)
    first = run_file(folder, told[0].rule, told[0].seed)
    before = first.stat().st_mtime_ns, (folder / "pool.extxyz").stat().st_mtime_ns
    race(path, folder, as_json=True)
    assert (first.stat().st_mtime_ns, (folder / "pool.extxyz").stat().st_mtime_ns) == before
    said = json.loads(capsys.readouterr().out)
    assert (said["seeds"], list(said["rules"])) == ([1, 2], ["query-by-committee", "random"])
    assert said == json.loads((folder / "result.json").read_text())
    assert {p.name for p in folder.iterdir()} >= {"curves.svg", "result.md", "pool.extxyz", "protocol.json"}
    assert said["trend"]["labels"] == {"query-by-committee": [None, None], "random": [None, None]}
    assert "| random | – | – |  |" in (folder / "result.md").read_text()
    whole = finished(read_race(path), folder)
    assert told[0] in whole
    assert all(len(run.trend) == 2 for run in whole)
    assert [(run.seed, run.labels) for run in whole] == [(k, (3, 6)) for k in (1, 1, 2, 2)]
    assert np.isfinite([(run.energy, run.forces) for run in whole]).all()
    race(path, folder)
    shown = capsys.readouterr().out
    assert "labels to 20" in shown
    assert "query-by-committee at 20 meV/atom: reached by neither" in shown
    other = read_race(written(tmp_path / "other", PROTOCOL.replace("target = 20", "target = 30")))
    with pytest.raises(CampaignError, match="holds a race of another protocol"):
        run_race(other, tmp_path, folder)


def test_a_trend_counts_from_the_fit_after_which_it_stays():
    labels = (5, 10, 15, 20)
    assert labels_to_trend(labels, (False, True, True, True)) == 10
    assert labels_to_trend(labels, (True, True, False, True)) == 20
    assert labels_to_trend(labels, (True, True, True, False)) == np.inf
    asked = read_race(asset("examples/race-silicon/protocol.toml"))
    found = trend_result(asked, {rule: [20.0, 30.0, np.inf] for rule in asked.rules})
    assert found["labels"]["random"] == [20.0, 30.0, None]
    assert found["saved"]["farthest-point"]["saved"] == 0
    (line,) = (line for line in trend_lines(asked, found) if line.startswith("| farthest-point"))
    assert line == "| farthest-point | 20 | 30 | – | 0 [0, 0] |"


class Linear:
    """Least squares on the cell's volume and its square, members on bootstrap samples; no forces."""

    def __init__(self, labels, race, seed):
        rng = np.random.default_rng(seed)
        samples = rng.integers(0, len(labels), (race.committee.members, len(labels)))
        features = self._features([one.structure for one in labels])
        energy = np.array([one.energy for one in labels])
        self._weights = np.array([np.linalg.lstsq(features[s], energy[s], rcond=1e-6)[0] for s in samples])

    n_members = property(lambda self: len(self._weights))

    @staticmethod
    def _features(structures):
        x = np.array([structure.get_volume() / 160 for structure in structures])
        return np.stack([np.ones_like(x), x, x**2], axis=1)

    def predict(self, structures):
        forces = tuple(np.zeros((len(s), 3)) for s in structures)
        return Prediction(self.members(structures).energy.mean(axis=0), forces)

    def members(self, structures):
        energy = self._weights @ self._features(structures).T
        forces = tuple(np.zeros((self.n_members, len(s), 3)) for s in structures)
        return MemberPredictions(energy, forces, np.zeros((*energy.shape, 6)))


@pytest.fixture(scope="module")
def raced(tmp_path_factory):
    folder = tmp_path_factory.mktemp("linear")
    race = read_race(written(folder, PROTOCOL.replace("count = 9", "count = 20")))
    label_pool(race, folder, folder)
    return race, load_pool(race, folder)


def test_a_race_may_follow_entropy_and_properties_against_the_references_own(tmp_path):
    text = PROTOCOL.replace("target = 20.0", "target = 20.0\nproperties = true")
    text = text.replace('kinds = ["volume", "small"]', 'kinds = ["small"]').replace("count = 9", "count = 8")
    text += '[pool.strain]\nkinds = ["strain"]\nstrains = [0.01]\n[selection]\nresponses = "all"\n'
    asked = read_race(written(tmp_path, text.replace('"query-by-committee"', '"high-entropy"')))
    label_pool(asked, tmp_path, tmp_path)
    measure_reference(asked, tmp_path)
    own, data = own_values(tmp_path), load_pool(asked, tmp_path)
    assert len(data.pool) + len(data.held_out) == 8 + 13
    assert own["C11"] == pytest.approx(151.4, abs=0.3)
    run = run_rule(asked, data, "high-entropy", 1)
    assert (len(run.entropy), set(map(len, run.properties.values()))) == (2, {2})
    assert list(run.properties) == list(own)
    model = fit_committee([data.pool[i] for i in run.picked], asked, 1)
    said = model.members([one.structure for one in data.held_out]).energy
    assert run.entropy[1] == pytest.approx(np.mean(gaussian_entropy(said, 0.1)) - entropy_bias(2))


def test_the_report_says_what_properties_decide(asked, tmp_path):
    asked = asked.model_copy(update={"properties": True})
    rng = np.random.default_rng(0)
    runs = [
        replace(
            run,
            entropy=tuple(rng.normal(2.0, 0.01, 10)),
            properties={
                "C11": list((150.0 + (1.0 if run.rule == "random" else 0.5)) + rng.normal(0, 0.01, 10)),
                "C44": [50.0] * 9 + [50.0 if run.seed > 1 else np.nan],
            },
        )
        for run in made_up(asked, {"query-by-committee": 10.0, "random": 20.0})
    ]
    (tmp_path / "properties.json").write_text('{"C11": 150.0, "C44": 56.0}')
    found = write_race(asked, runs, tmp_path)["followed"]
    C11 = found["errors"]["C11"]
    assert (C11["unit"], C11["own"]) == ("GPa", 150.0)
    assert C11["rules"]["random"]["median"] == pytest.approx([1.0] * 10, abs=0.02)
    assert C11["verdicts"]["query-by-committee"].startswith("smaller: -0.5")
    assert found["entropy"]["verdicts"]["query-by-committee"].startswith("not decidable: ")
    assert found["errors"]["C44"]["verdicts"] == {
        "query-by-committee": "not decidable: both have a value with 4 of 5 seeds"
    }
    assert found["errors"]["C44"]["rules"]["random"]["median"] == [6.0] * 9 + [None]
    page_text = (tmp_path / "result.md").read_text()
    assert re.search(r"\| C11 \(GPa\) \| 150 \| 0\.[45]\d* \[.*\] \| (1|0\.99\d*|1\.0\d*) \[", page_text)
    assert "| C44 (GPa) | 56 | – [–, –] |" in page_text
    assert (tmp_path / "properties.svg").stat().st_size > 10_000


def test_rules_of_a_seed_start_alike_and_label_nothing_twice(raced):
    race, data = raced
    runs = [run_rule(race, data, rule, seed, Linear) for seed in (1, 2) for rule in race.rules]
    assert all(len(set(run.picked)) == len(run.picked) == race.budget for run in runs)
    first, second, third, _ = (run.picked for run in runs)
    assert first[:3] == second[:3] != third[:3]
    assert first[3:] != second[3:]
    again = run_rule(race, data, "random", 1, Linear)
    assert replace(again, seconds=0) == replace(runs[1], seconds=0)


def test_a_committee_of_delta_models_races_too(raced):
    race, data = raced
    asked = race.model_copy(update={"committee": race.committee.model_copy(update={"kind": "bootstrap"})})
    assert isinstance(fit_committee(data.pool[:3], asked, 1), BootstrapCommittee)
    run = run_rule(asked, data, "query-by-committee", 1)
    assert np.isfinite([run.energy, run.forces]).all()


def test_errors_are_those_of_structures_that_nobody_chooses_from(raced):
    race, data = raced
    run = run_rule(race, data, "random", 1, Linear)
    model = Linear([data.pool[i] for i in run.picked], race, 1)
    said = model.predict([one.structure for one in data.held_out]).energy
    wrong = np.abs(said - [one.energy for one in data.held_out]) / 8
    assert run.energy[-1] == pytest.approx(wrong.mean())
    assert run.forces[-1] == pytest.approx(np.mean([np.abs(one.forces) for one in data.held_out]))
    kept = {one.structure.positions.tobytes() for one in data.pool}
    assert len(data.held_out) == 6
    assert not kept & {one.structure.positions.tobytes() for one in data.held_out}


def made_up(race, halving):
    """Runs whose energy error halves every so many labels; seeds differ by a label."""
    labels = np.array([*range(race.start, race.budget, race.batch), race.budget], dtype=float)
    return [
        RaceRun(
            rule,
            seed,
            tuple(int(n) for n in labels),
            tuple(0.1 * 0.5 ** ((labels - race.start - seed) / halving[rule])),
            tuple(0.2 * np.ones_like(labels)),
            (),
            1.0,
        )
        for seed in race.each
        for rule in race.rules
    ]


@pytest.fixture
def asked(tmp_path):
    text = PROTOCOL.replace("seeds = 2", "seeds = 5").replace("start = 3", "start = 10")
    return read_race(
        written(tmp_path, text.replace("batch = 3", "batch = 10").replace("= 6\n", "= 100\n", 1))
    )


def test_the_report_counts_what_was_made_up(asked, tmp_path):
    """Down to 20 meV/atom are log2(5) halvings, of 10 labels or of 20."""
    runs = made_up(asked, {"query-by-committee": 10.0, "random": 20.0})
    found = write_race(asked, runs, tmp_path)
    halvings = np.log2(5)
    assert found["rules"]["random"]["labels_to_target"] == pytest.approx(10 + 20 * halvings + np.arange(1, 6))
    at_target = found["ledger"][0]
    assert (at_target["rule"], at_target["error"]) == ("query-by-committee", 20.0)
    assert at_target["saved"] == pytest.approx(10 * halvings)
    assert at_target["low"] == pytest.approx(at_target["high"])
    head, rows = table(found)
    assert head[3:] == ["labels to 20 meV/atom", "labels saved"]
    assert [row[3:] for row in rows] == [["36", "23 [23, 23]"], ["59", "–"]]
    first = "query-by-committee at 20 meV/atom: saves 23 [23, 23] labels, 39 % (reached with 5 of 5 seeds, by"
    assert words(asked, found)[0] == f"{first} random with 5)"
    text = (tmp_path / "result.md").read_text()
    assert "| query-by-committee | " in text
    assert (tmp_path / "curves.svg").stat().st_size > 10_000
    last = found["rules"]["random"]["energy"]["mean"][-1]
    errors = [one["error"] for one in found["ledger"]]
    assert errors == sorted(errors, reverse=True) or errors[0] == 20.0
    assert errors[-1] == pytest.approx(last)


def test_what_seeds_disagree_about_is_not_decidable_and_a_slower_rule_costs(asked):
    same = made_up(asked, {"query-by-committee": 20.0, "random": 20.0})
    rng = np.random.default_rng(0)
    noisy = [replace(r, energy=tuple(np.array(r.energy) * rng.uniform(0.8, 1.25))) for r in same]
    assert "not decidable" in words(asked, result(asked, noisy))[0]
    slower = made_up(asked, {"query-by-committee": 30.0, "random": 20.0})
    assert "costs 23 [23, 23] labels more" in words(asked, result(asked, slower))[0]
    never = made_up(asked, {"query-by-committee": 900.0, "random": 900.0})
    found = result(asked, never)
    assert words(asked, found)[0] == "query-by-committee at 20 meV/atom: reached by neither"
    assert table(found)[1][0][3] == "reached with 0 of 5 seeds"
    assert labels_to_reach([10, 100], never[0].energy[:2], 0.02) == np.inf


def test_only_seeds_that_every_rule_has_finished_count(asked, tmp_path):
    runs = made_up(asked, {"query-by-committee": 10.0, "random": 20.0})
    assert result(asked, runs[:-1])["seeds"] == [1, 2, 3, 4]
    early = write_race(asked, runs[:3], tmp_path)
    assert (early["seeds"], early["rules"], early["ledger"]) == ([1], {}, [])
    assert "1 of 5 seeds are finished by every rule" in page(asked, early)
    assert not (tmp_path / "curves.svg").exists()


@pytest.mark.parametrize(
    ("old", "new", "pattern"),
    [
        ('"random"]', '"randon"]', "the baseline 'random' is none of the rules"),
        ('"query-by-committee"', '"query-by-comittee"', "did you mean 'query-by-committee'"),
        ('"query-by-committee"', '"random"', "each rule is listed once"),
        ("seeds = 2", "seeds = 1", "seeds: must be 2 or more, got 1"),
        ("budget = 6", "budget = 3", "budget of 3 labels is spent by the 3 of the start"),
        ("target = 20.0", "", "'target' is missing"),
        ("target = 20.0", "target = 20.0\ngoal = 1", "unknown setting 'goal'; known: name, rules"),
        ('kinds = ["volume", "small"]', "", r'a pool is source = "FILE" or kinds'),
        ('"small"]', '"tiny"]', "is one of 'volume', 'small', 'large' or 'random'"),
        ('name = "stillinger-weber"', 'name = "vasp"', "no reference is called 'vasp'"),
        ('[reference]\nname = "stillinger-weber"', "", "have no labels: name a reference"),
        ('kind = "networks"', 'kind = "none"', "a race needs a committee"),
    ],
)
def test_a_protocol_that_cannot_be_run_is_refused_in_one_line(tmp_path, old, new, pattern):
    assert old in PROTOCOL
    with pytest.raises(ConfigError, match=re.escape(pattern) if "(" in pattern else pattern):
        read_race(written(tmp_path, PROTOCOL.replace(old, new)))


def test_a_pool_that_cannot_be_used_is_refused_in_one_line(tmp_path, raced):
    few = read_race(written(tmp_path, PROTOCOL.replace("count = 9", "count = 5")))
    with pytest.raises(ConfigError, match="holds 10 structures: a budget of 6 labels and 6 held out need 12"):
        label_pool(few, tmp_path, tmp_path)
    odd = read_race(written(tmp_path, PROTOCOL.replace("[pool]", '[pool]\nelement = "Ga"')))
    with pytest.raises(ConfigError, match="no cubic crystal of Ga can be built"):
        label_pool(odd, tmp_path, tmp_path)
    from_file = PROTOCOL.replace('kinds = ["volume", "small"]', 'source = "labels.xyz"')
    with pytest.raises(StructureError, match="is not there"):
        label_pool(read_race(written(tmp_path, from_file)), tmp_path, tmp_path)


def test_what_the_reference_has_no_energy_of_is_left_out_of_the_pool(tmp_path, monkeypatch):
    whole = ASECalculator.predict

    def predict(self, structures):
        said = whole(self, structures)
        return replace(said, energy=np.where(np.arange(len(structures)) == 6, np.nan, said.energy))

    monkeypatch.setattr(ASECalculator, "predict", predict)
    asked, folder = read_race(written(tmp_path)), tmp_path / "race"
    folder.mkdir()
    label_pool(asked, tmp_path, folder)
    data = load_pool(asked, folder)
    assert len(data.pool) + len(data.held_out) == 17


def test_a_pool_that_could_not_be_read_back_is_not_calculated(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.study.race_pool.MOST_LABELS", 17)
    monkeypatch.setattr("engine.study.race_pool._calculated", None)
    with pytest.raises(ConfigError, match="the pool holds 18 structures: at most 17 can be used"):
        label_pool(read_race(written(tmp_path)), tmp_path, tmp_path)


def test_labels_of_a_file_are_taken_as_they_are(tmp_path, raced):
    race, _ = raced
    text = PROTOCOL.replace('kinds = ["volume", "small"]', 'source = "labels.xyz"')
    text = text.replace('[reference]\nname = "stillinger-weber"', "")
    path = written(tmp_path, text)
    made = tmp_path / "made"
    made.mkdir()
    label_pool(race, tmp_path, made)
    frames = read(made / "pool.extxyz", ":")
    (made / "pool.extxyz").rename(tmp_path / "labels.xyz")
    label_pool(read_race(path), tmp_path, made)
    assert [f.get_potential_energy() for f in read(made / "pool.extxyz", ":")] == [
        f.get_potential_energy() for f in frames
    ]
