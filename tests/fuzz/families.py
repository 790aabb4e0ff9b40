"""All families of bad input, by name."""

from tests.fuzz import doors, settings

FAMILIES = {
    "settings: misspelt": settings.misspelt,
    "settings: wrong kinds": settings.wrong_kinds,
    "settings: out of bounds": settings.out_of_bounds,
    "settings: not TOML": settings.not_toml,
    "settings: not text": settings.not_text,
    "settings: contradictions": settings.contradictions,
    "settings: formulas": settings.formulas,
    "settings: names that lead nowhere": settings.nowhere,
    "command lines: words": doors.words,
    "command lines: numbers": doors.numbers,
    "folders that are no campaign": doors.folders,
    "databases": doors.databases,
    "logs": doors.logs,
    "structure files": doors.structures,
    "backups": doors.archives,
    "password files": doors.passwords,
    "protocols of studies": doors.studies,
}
