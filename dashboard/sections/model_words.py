"""What the figures of the model say, and when those that are still empty will appear."""

from __future__ import annotations

from dashboard.plots import model_quality as quality
from dashboard.plots.model_figures import settling
from dashboard.words import known
from engine.core import Campaign


def what_will_appear(campaign: Campaign) -> dict[str, str]:
    """One sentence for each figure that needs a fit."""
    missing = max(0, (campaign.rules.cold_start if campaign.rules else 0) - len(campaign.labels))
    fit = (
        f"Appears after the first fit; approve {missing} more."
        if missing
        else "Appears after the first fit, which runs."
    )
    after = (
        "Appears with the first label of a candidate that a fitted model selected. "
        "Approve one on the page Review."
    )
    probe = "Appears with the next fit once the probe set is full: the search must find more structures."
    return {
        "calibration": after if campaign.models else fit,
        "curve": fit,
        "entropy": probe if campaign.models else fit,
    }


def parity(data: quality.Arrays) -> str:
    """Errors on labels that the model has seen, and on those that it has not; HTML."""
    lines = []
    for words, rows in (("Labels not seen", ~data["seen"]), ("Labels it was fitted to", data["seen"])):
        found = quality.errors(data["predicted"][rows], data["label"][rows])
        if found is not None:
            lines.append(
                f"{words}: MAE <b>{found.mae:.3f} eV</b>, RMSE <b>{found.rmse:.3f} eV</b> over {found.n}."
            )
    return "<br>".join(lines) or "No prediction of this model is stored."


def curve(campaign: Campaign) -> str:
    """What the last refit changed; empty before there was one."""
    if not campaign.models:
        return ""
    last = campaign.models[-1]
    before = campaign.models[-2].model_id if len(campaign.models) > 1 else "the uMLIP, shifted by a constant,"
    return (
        f"At the last refit {before} was {last.mae_new_eV:.3f} eV off on labels it had not seen; "
        f"{last.model_id} is {last.mae_train_eV:.3f} eV off on its own {known(last)}."
    )


def entropy(campaign: Campaign) -> str:
    """Where the probe set's entropy stands, and what the rule that ends the campaign makes of it."""
    measured = [model for model in campaign.models if model.probe_entropy is not None]
    if not measured:
        return ""
    last = measured[-1]
    return (
        f"Mean {last.probe_entropy:.2f} nats after {known(last)}. On target at 1.42: "
        f"there the spread of the ensemble is the target accuracy. {_stop(campaign)}"
    )


def _stop(campaign: Campaign) -> str:
    rules = campaign.rules
    if rules is None or not rules.stop_entropy:
        return "No stop rule: entropy under [stop] in campaign.toml ends the campaign once it has settled."
    rule = (
        f"The campaign ends once {rules.stop_cycles} fits in a row move by less than {rules.stop_entropy:g}"
    )
    seen = settling(campaign)
    if seen is None or len(seen.entropies) < max(2, seen.cycles):
        return f"{rule}."
    return f"{rule}; the last {seen.cycles} moved by {max(seen.entropies) - min(seen.entropies):.2f}."
