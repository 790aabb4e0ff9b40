"""A methods paragraph: what a campaign did, in the sentences and numbers that a paper needs.

Everything is read from the log and the settings that stand in it; nothing is said of what was not done.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from engine.config import CampaignSettings
from engine.config.committee import FROM_FILES
from engine.core import NOT_A_PERSON, Campaign, Decision, Status, ledger
from engine.errors import CampaignError, one_line
from engine.methods.literature import Cited

Sentences = Iterable[str]
UNTOLD = ("name", "share")
"""Settings of a search that its sentence does not repeat."""
UNIT = re.compile(r"\(([^():;]+)(?:;[^()]*)?\)$")
INDUCING = {"cur": "by leverage scores (CUR)", "farthest-point": "each farthest from the others"}


def methods(campaign: Campaign) -> str:
    """Describe what was done, and list the papers.

    Raises
    ------
    CampaignError
        if the campaign has not begun, or its settings mean nothing to this version
    """
    if not campaign.settings:
        raise CampaignError("there is nothing to describe: the campaign has not begun")
    try:
        said = CampaignSettings.model_validate(dict(campaign.settings))
    except ValidationError as error:
        raise CampaignError(f"its settings are not those of this version: {one_line(error)}") from error
    cite = Cited()
    parts: list[Callable[[Campaign, CampaignSettings, Cited], Sentences]] = [
        _system,
        _surrogate,
        _searches,
        _selection,
        _reference,
        _outcome,
    ]
    paragraphs = [" ".join(part(campaign, said, cite)) for part in parts]
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return "\n".join([text, "", *cite.list(), ""])


def _system(campaign: Campaign, said: CampaignSettings, cite: Cited) -> Sentences:
    program = f"deltadesk {version('deltadesk')} on ASE{cite('ase')}"
    yield f"{said.system.words} was studied with {program}, campaign {campaign.name}, seed {campaign.seed}."


def _surrogate(campaign: Campaign, said: CampaignSettings, cite: Cited) -> Sentences:
    base, committee, delta = said.potential, said.committee, said.delta
    name = "" if base.name == "none" else f"{base.calculator or base.name}{cite(base.name)}"
    if committee.kind in FROM_FILES:
        models = f"{committee.size} {committee.kind} models{cite(committee.kind)}"
        yield f"Energies and forces are the mean of {models}; their spread is the uncertainty."
        return
    if committee.kind == "networks":
        over = f", added to {name}" if name else ""
        yield (
            f"The surrogate is the mean of {committee.size} neural networks{cite('networks')} with hidden "
            f"layers of {_list(committee.hidden)} units on symmetry functions{over}, trained on "
            f"{committee.epochs} passes through {_percent(committee.subsample)} of the labels; their spread "
            "is the uncertainty."
        )
    else:
        corrected = f"{name} corrected by " if name else ""
        soap = (
            f"cutoff {delta.r_cut:g} Å, n_max = {delta.n_max}, l_max = {delta.l_max}, σ = {delta.sigma:g} Å"
        )
        kernel = f"length {delta.length_scale:g}, variance {delta.amplitude:g} eV²"
        forces = f" and forces (noise {delta.noise_force:g} eV/Å)" if delta.forces else ""
        yield (
            f"The surrogate is {corrected}a Δ-model{cite('delta')}: sparse Gaussian-process regression on "
            f"the local SOAP vectors{cite('soap', 'dscribe')} of all atoms ({soap}), with a squared "
            f"exponential kernel ({kernel}) on at most {delta.inducing_points} environments chosen "
            f"{INDUCING[delta.inducing]}, fitted to energies (noise {delta.noise_energy:g} eV/√atom){forces}."
        )
    if base.repulsion:
        yield f"Nuclei nearer than {base.repulsion:g} covalent sums repel (ZBL)."
    if committee.kind == "bootstrap":
        yield f"{committee.size} such models on bootstrap samples of the labels form a committee."
    for source in campaign.imports:
        yield f"It knew {_count(source.count, 'label')} of {source.source} from the start."


def _searches(_: Campaign, said: CampaignSettings, cite: Cited) -> Sentences:
    for search in said.search:
        fields = type(search).model_fields
        told = search.model_dump(exclude_none=True, exclude=set(UNTOLD)).items()
        values = "; ".join(
            f"{key.replace('_', ' ')} {_value(value)}{_unit(fields[key])}" for key, value in told
        )
        relaxed = " and relaxed in the surrogate" if search.relaxed else ""
        yield f"Structures were proposed by {search.name}{cite(search.name)} ({values}){relaxed}."


def _selection(campaign: Campaign, said: CampaignSettings, cite: Cited) -> Sentences:
    rule = said.selection
    kappa = f" (κ = {rule.kappa:g})" if rule.rule == "lower-confidence-bound" else ""
    yield (
        f"Of them, candidates for the reference were selected by {rule.rule}{cite(rule.rule)}{kappa}, "
        f"{rule.batch} at a time, and the surrogate was refitted after every {rule.refit_every} labels."
    )
    counted, decisions = ledger(campaign), _of_people(campaign)
    if not decisions:
        yield (
            "Those that passed all checks were calculated without a person: "
            f"{counted.approved} of {counted.asked}."
        )
        return
    people = _count(len({decision.by for decision in decisions}), "person", "people")
    yield (
        f"Each of the {counted.asked} candidates was shown to {people} before anything was calculated: "
        f"{counted.approved} were approved, {counted.vetoed} vetoed and {counted.undecided} not decided."
    )
    vetoed = _of_people(campaign, Status.VETOED)
    reasons = Counter(decision.reason for decision in vetoed if decision.reason).most_common()
    if reasons:
        yield f"Reasons of vetoes: {_list(f'{reason} ({n})' for reason, n in reasons)}."


def _of_people(campaign: Campaign, *status: Status) -> list[Decision]:
    candidates = campaign.with_status(*status) if status else campaign.candidates.values()
    decisions = (candidate.decision for candidate in candidates)
    return [decision for decision in decisions if decision and decision.auth not in NOT_A_PERSON]


def _reference(campaign: Campaign, said: CampaignSettings, cite: Cited) -> Sentences:
    used: Counter[str] = Counter()
    for name in campaign.labels:
        label = campaign.candidates[name]
        code = f"{label.code} {label.version}".strip() or said.reference.calculator or said.reference.name
        used[f"{code}{_settings(label.reference_settings)}"] += 1
    cited = cite(said.reference.name)
    for how, n in used.items():
        yield f"The labels of {_count(n, 'structure')} are of {said.reference.name}{cited}: {how}."
    counted = ledger(campaign)
    if counted.calculations:
        spent = f"{counted.core_seconds / 3600:.3g} core hours"
        yield f"{_count(counted.calculations, 'calculation')} took {spent}; {counted.wasted} gave no label."


def _outcome(campaign: Campaign, _: CampaignSettings, __: Cited) -> Sentences:
    model, best = campaign.model, campaign.best
    if model is not None:
        error = model.mae_held_out_atom_eV
        known = (
            f"; its mean absolute error on labels held out is {1000 * error:.3g} meV an atom" if error else ""
        )
        yield f"The last model, {model.model_id}, was fitted to {_count(model.n_train, 'label')}{known}."
    if best is not None:
        of = _count(len(campaign.labels), "labelled structure")
        yield f"The lowest of {of} is {best.id} at {best.label_eV:.4f} eV."


def _settings(told: Mapping[str, Any]) -> str:
    return f", {json.dumps(dict(told), ensure_ascii=False, sort_keys=True)}" if told else ""


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " to ".join(map(_value, value)) if len(value) == 2 else ", ".join(map(_value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _list(values: Iterable[Any]) -> str:
    *first, last = [str(value) for value in values]
    return f"{', '.join(first)} and {last}" if first else last


def _unit(info: FieldInfo) -> str:
    """`` Å``: what a description ends with in brackets, up to a semicolon."""
    found = UNIT.search(info.description or "")
    return f" {found[1]}" if found else ""


def _count(n: int, what: str, many: str = "") -> str:
    return f"{n} {what if n == 1 else many or what + 's'}"


def _percent(part: float) -> str:
    return "all" if part == 1 else f"{100 * part:g} %"
