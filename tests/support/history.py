"""What a campaign's log says, in the form that tests compare."""

from collections import Counter

from engine.core import ReferenceCompleted
from engine.store import Store


def events(folder):
    """Events of a campaign, in order."""
    store = Store(folder)
    try:
        return store.events()
    finally:
        store.close()


def course(folder):
    """(event, candidate, model, energies) of each event that the seed decides, in order.

    What a kill adds to the log is left out: another start, another attempt.
    """
    found = []
    for item in events(folder):
        event = item.event
        match event.kind:
            case "CandidateSelected":
                found.append(
                    (event.kind, event.candidate, event.model_id, event.energy_eV, event.energy_std_eV)
                )
            case "CandidateFollowed":
                found.append((event.kind, event.leader, event.candidate, event.model_id, event.energy_eV))
            case "CandidateApproved" | "CandidateVetoed":
                found.append((event.kind, event.candidate))
            case "ReferenceCompleted":
                found.append((event.kind, event.candidate, event.energy_eV, event.fmax))
            case "ModelRefitted":
                found.append((event.kind, event.model_id, event.mae_new_eV, event.probe_entropy))
    return found


def labels(folder):
    """How often each candidate was labelled."""
    return Counter(i.event.candidate for i in events(folder) if isinstance(i.event, ReferenceCompleted))
