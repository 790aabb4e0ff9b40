"""A campaign of the first version, as it was stored: a person decided about some of it; two labels."""

import zipfile
from pathlib import Path

FIRST_VERSION = Path(__file__).parent.parent / "stored" / "v1.zip"


def unpack(folder):
    """Put it into this folder, which need not be there, and return the folder."""
    with zipfile.ZipFile(FIRST_VERSION) as archive:
        archive.extractall(folder)
    return folder
