"""What curation changed: what the rule alone would have sent, beside what people sent."""

from __future__ import annotations

from dashboard.panels.markup import e
from dashboard.words import age
from engine.core import Campaign, Curation, Group, curation


def curation_html(campaign: Campaign) -> str:
    """In words and as a table; nothing before a person has decided."""
    said = curation(campaign)
    if not said.decided:
        return ""
    groups = (
        ("sent by both", said.agreed),
        ("you vetoed", said.spared),
        ("you overruled", said.overruled),
        ("held by both", said.held),
        ("control", said.control),
    )
    table = "".join(_part(name, group) for name, group in groups if group.candidates)
    return f"<h2>What curation changed</h2><p>{e(words(said))}</p>{table}"


def words(said: Curation) -> str:
    """The difference in one or two sentences."""
    parts = [
        f"The rule alone would have sent {said.rule_alone} of {said.decided} candidates that people decided; "
        f"{said.sent} were sent."
    ]
    if said.spared.candidates and said.core_seconds_each is not None:
        saved = age(said.spared.candidates * said.core_seconds_each)
        parts.append(f"Vetoes of what passes all checks saved about {saved} of core time.")
    if said.control.labels:
        lowest = [g.lowest_eV for g in (said.agreed, said.overruled) if g.lowest_eV is not None]
        control = said.control.lowest_eV
        missed = control is not None and bool(lowest) and control < min(lowest)
        parts.append(
            "The control sample holds a lower minimum than what was sent: a veto missed it."
            if missed
            else "No label of the control sample is lower than those that were sent."
        )
    elif said.spared.candidates and not said.control.candidates:
        parts.append("Whether they were right, only a control sample can say ([curation] control).")
    return " ".join(parts)


def _part(title: str, group: Group) -> str:
    rows = [("candidates", str(group.candidates))]
    if group.labels or group.wasted:
        rows.append(("labels", str(group.labels)))
        rows.append(("without a label", str(group.wasted)))
        rows.append(("core time", age(group.core_seconds)))
    if group.error_eV is not None:
        rows.append(("surprise of a label", f"{group.error_eV:.3f} eV"))
    cells = "".join(
        f"<div><dt>{e(name)}</dt><dd>{e(value)}</dd></div>" for name, value in rows if value != "0"
    )
    return f'<section data-part="{e(title)}"><h3>{e(title)}</h3><dl>{cells}</dl></section>'
