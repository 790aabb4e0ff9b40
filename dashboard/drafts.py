"""Campaigns to be, and settings to come: what the pages New campaign and Settings look at and write."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ase import Atoms

from dashboard.people import Person
from dashboard.rights import Rights
from engine import campaigns, config
from engine.config import CampaignSettings, SystemSettings
from engine.errors import CampaignError, StructureError
from engine.loop import Explorers
from engine.loop.preview import place_once
from engine.uploaded import MOST, Uploaded, receive, safe_name


class Drafts:
    """Makes campaigns, and changes what they use from their next start on.

    Parameters
    ----------
    rights : who may
    place : folder of what people bring, for as long as the server lives
    taken : names of campaigns that the server shows, which no other may have
    """

    def __init__(
        self, rights: Rights, place: Callable[[], Path], taken: Callable[[], Collection[str]]
    ) -> None:
        self._rights, self._place, self._taken = rights, place, taken
        self._workers = Explorers(1)  # a person waits for it: not behind a relaxation

    def close(self) -> None:
        """End the worker."""
        self._workers.close()

    def create(
        self, by: Person, template: str | Path, settings: CampaignSettings, files: Path | None = None
    ) -> str:
        """Make a campaign in DELTADESK_HOME from a template, with these settings, and return its name.

        Files that they name are looked for in `files`, if something was uploaded, else beside the template.
        Nothing is looked for, and no package around a calculator imported, before the person's role was asked
        for.

        Raises
        ------
        DeltadeskError
            if its settings cannot be used, or nothing can be written there
        NotAllowedError
            if the person's role is not enough, or a page may not change what they change
        """
        self._rights.require(by, "administer", "new campaign")
        before = config.parse(campaigns.source(template)).model_dump(mode="json")
        changes = campaigns.differences(before, settings.model_dump(mode="json"))
        self._rights.refuse_code(by, changes, "new campaign", before=before)
        campaigns.preflight(files or campaigns.origin(template), settings)
        return campaigns.new_in_home(template, files=files, taken=self._taken(), **changes).name

    def upload(
        self, by: Person, template: str | Path, name: str, data: bytes
    ) -> tuple[Path, Future[Uploaded]]:
        """Keep a structure's file for a campaign to be, with the files of its template, and read it.

        Returns the folder where they are, which the caller removes in the end, and what a worker finds in it.

        Raises
        ------
        DeltadeskError
            if the file is of no format that is read here, is too large, or cannot be kept
        NotAllowedError
            if the person's role is not enough
        """
        self._rights.require(by, "administer", "upload")
        file = safe_name(name)
        if len(data) > MOST:
            raise StructureError(f"{file} has {len(data) / 1e6:.1f} MB: at most {MOST / 1e6:g} MB are read")
        settings = config.parse(campaigns.source(template))
        try:
            folder = Path(mkdtemp(prefix="upload-", dir=self._place()))
        except OSError as error:
            raise CampaignError(f"{file} cannot be kept on the server: {error.strerror}") from error
        return folder, self._workers.submit(
            receive, data, folder / file, campaigns.origin(template), settings
        )

    def edit(self, by: Person, folder: Path, changes: dict[str, Any]) -> CampaignSettings:
        """Write settings into the campaign.toml of a campaign, and return what it says then.

        Raises
        ------
        DeltadeskError
            if a change is not valid, or the file cannot be written
        NotAllowedError
            if the person's role is not enough, or a page may not change what they change
        """
        self._rights.require(by, "administer", "edit settings", folder.name)
        before = config.load(folder).model_dump(mode="json")
        self._rights.refuse_code(by, changes, "edit settings", folder.name, before)
        return campaigns.edit(folder, **changes)

    def preview(self, by: Person, system: SystemSettings, folder: Path) -> Future[Atoms]:
        """What searches start from, or one random placement, from a worker; files are looked for in `folder`.

        Raises
        ------
        NotAllowedError
            if the person's role is not enough
        """
        self._rights.require(by, "administer", "preview")
        return self._workers.submit(place_once, system, folder)
