"""What must be on each page before it is looked at."""

HOOKS = {
    "runs": ".dd-run",
    "new": ".dd-new .dd-viewer[data-drawn]",
    "live": ".dd-log",
    "review": ".dd-viewer[data-drawn]",
    "landscape": ".dd-viewer[data-drawn]",
    "data": ".dd-viewer[data-drawn]",
    "audit": ".dd-audit table",
    "settings": ".dd-keys",
}
