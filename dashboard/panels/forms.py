"""Forms drawn from settings: one field each, its description as help, its unit and bounds beside it.

Works for any pydantic model of plain values, nested models and lists of models. Nothing is converted here:
what was typed goes to the model, and the model's complaint comes back to the field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import panel as pn
import panel_material_ui as pmui
import tomlkit
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from dashboard.panels.markup import Markup, e
from dashboard.panels.model_fields import (
    Path,
    has_defaults,
    help_of,
    is_model,
    is_of,
    member_models,
    plain_type,
    tags_of,
    untagged,
)
from engine.config import complaint

FRAME = {"border": "1px solid", "borderColor": "divider"}


@dataclass(frozen=True)
class Choices:
    """What a form knows beyond the schema.

    Attributes
    ----------
    options : names to choose from, by dotted path without list numbers: ``{"potential.name": ["chgnet"]}``
    opened : sections that are not folded
    """

    options: Mapping[str, Sequence[str]]
    opened: frozenset[str] = frozenset()


class Form:
    """Fields of `model`, filled with `values`; `on_change` is called whenever one of them changes."""

    def __init__(
        self,
        model: type[BaseModel],
        values: Mapping[str, Any],
        choices: Choices,
        on_change: Callable[[], object],
    ) -> None:
        self._model = model
        self._group = _Group((), model, values, choices, on_change)
        self.view = self._group.view

    def typed(self) -> dict[str, Any]:
        """Give what stands in the fields, as it was typed."""
        return self._group.read()

    def read(self) -> tuple[BaseModel | None, list[str]]:
        """Give (settings, []) or (None, complaints): a line each, also shown beside their fields."""
        typed = self.typed()
        told = dict(self._group.unreadable())
        settings = None
        try:
            settings = self._model.model_validate(typed)
        except ValidationError as error:
            for detail in error.errors():
                told.setdefault(untagged(detail["loc"], tags_of(self._model)), complaint(detail))
        shown = self._group.tell(told)
        if not told:
            return settings, []
        return None, [f"{'.'.join(map(str, path)) or 'settings'}: {told[path]}" for path in shown]


class _Group:
    """A model: its plain fields in a grid, its models below as sections."""

    def __init__(
        self,
        path: Path,
        model: type[BaseModel],
        values: Mapping[str, Any],
        choices: Choices,
        on_change: Callable[[], object],
    ) -> None:
        self.path = path
        self._error = Markup("dd-field-error", sizing_mode="stretch_width", visible=False)
        self._parts: dict[str, _Field | _Section | _Repeated] = {}
        for name, info in model.model_fields.items():
            inner = plain_type(info.annotation)
            value = values.get(name, info.get_default(call_default_factory=True))
            where = (*path, name)
            if is_model(inner):
                self._parts[name] = _Section(where, inner, _dump(value), choices, on_change)
            elif members := member_models(inner):
                items = [_dump(item) for item in value or ()]
                fewest = next((m.min_length for m in info.metadata if hasattr(m, "min_length")), 0)
                self._parts[name] = _Repeated(where, members, items, choices, on_change, fewest=fewest)
            else:
                self._parts[name] = _Field(where, info, value, choices, on_change)
        fields = [part.view for part in self._parts.values() if isinstance(part, _Field)]
        others = [part.view for part in self._parts.values() if not isinstance(part, _Field)]
        grid = [pn.FlexBox(*fields, sizing_mode="stretch_width", gap="12px 14px", margin=0)] if fields else []
        self.view: Any = pn.Column(
            self._error, *grid, *others, sizing_mode="stretch_width", styles={"gap": "12px"}, margin=0
        )

    def read(self) -> dict[str, Any]:
        return {name: part.read() for name, part in self._parts.items()}

    def unreadable(self) -> list[tuple[Path, str]]:
        return [problem for part in self._parts.values() for problem in part.unreadable()]

    def tell(self, told: Mapping[Path, str]) -> list[Path]:
        """Show each complaint at the nearest field, and return those of this group in their order."""
        shown: list[Path] = []
        for part in self._parts.values():
            shown += part.tell({path: words for path, words in told.items() if _within(path, part.path)})
        own = [path for path in told if path not in shown]
        self._error.visible = bool(own)
        self._error.show(e("; ".join(told[path] for path in own)))
        return [*own, *shown]


class _Section:
    """A model inside another: a card with its docstring as title, folded unless it is asked for.

    Its fields are made when it is first opened: a hundred that nobody sees would take seconds and megabytes.
    """

    def __init__(
        self,
        path: Path,
        model: type[BaseModel],
        values: Mapping[str, Any],
        choices: Choices,
        on_change: Callable[[], object],
    ) -> None:
        self.path = path
        self._values = values
        self._make = lambda: _Group(path, model, values, choices, on_change)
        self._group: _Group | None = None
        self.view: Any = pmui.Card(
            title=_title(model, path),
            title_variant="h3",
            collapsed=_dotted(path) not in choices.opened,
            collapsible=True,
            elevation=0,
            sx=FRAME,
            margin=0,
            sizing_mode="stretch_width",
            css_classes=[f"dd-section-{_dotted(path).replace('.', '-')}"],
        )
        self.view.param.watch(lambda _: self._fill(), "collapsed")
        self._fill()

    def _fill(self) -> None:
        if not self.view.collapsed and self._group is None:
            self._group = self._make()
            self.view.append(self._group.view)

    def read(self) -> Any:
        return self._values if self._group is None else self._group.read()

    def unreadable(self) -> list[tuple[Path, str]]:
        return [] if self._group is None else self._group.unreadable()

    def tell(self, told: Mapping[Path, str]) -> list[Path]:
        if told:
            self.view.collapsed = False
        return [] if self._group is None else self._group.tell(told)


class _Repeated:
    """A list of models: a section each, with a button for one more of each kind and one for one less."""

    def __init__(
        self,
        path: Path,
        models: Sequence[type[BaseModel]],
        values: Sequence[Mapping[str, Any]],
        choices: Choices,
        on_change: Callable[[], object],
        *,
        fewest: int,
    ) -> None:
        self.path = path
        self._models, self._choices, self._on_change = models, choices, on_change
        self._fewest = fewest
        self._sections = [self._section(at, value) for at, value in enumerate(values)]
        more = [self._more(model) for model in models if has_defaults(model)]
        less = pmui.Button(label="Remove the last", size="small", variant="text", margin=0)
        less.on_click(lambda _: self._remove())
        self._less = less
        self._place = pn.Column(sizing_mode="stretch_width", styles={"gap": "12px"}, margin=0)
        self.view: Any = pn.Column(
            self._place,
            pn.FlexBox(*more, less, gap="8px", margin=(12, 0, 0, 0)),
            sizing_mode="stretch_width",
            margin=0,
        )
        self._draw()

    def _more(self, model: type[BaseModel]) -> Any:
        what = getattr(model.model_construct(), "name", self.path[-1])
        button = pmui.Button(label=f"Add {what}", size="small", variant="outlined", margin=0)
        button.on_click(lambda _: self._add(model))
        return button

    def _section(self, at: int, value: Mapping[str, Any]) -> _Section:
        model = next((m for m in self._models if is_of(m, value)), self._models[-1])
        return _Section((*self.path, at), model, value, self._choices, self._on_change)

    def _draw(self) -> None:
        self._place[:] = [section.view for section in self._sections]
        self._less.disabled = len(self._sections) <= self._fewest

    def _add(self, model: type[BaseModel]) -> None:
        self._sections.append(self._section(len(self._sections), model.model_construct().model_dump()))
        self._draw()
        self._on_change()

    def _remove(self) -> None:
        self._sections.pop()
        self._draw()
        self._on_change()

    def read(self) -> Any:
        return [section.read() for section in self._sections]

    def unreadable(self) -> list[tuple[Path, str]]:
        return [problem for section in self._sections for problem in section.unreadable()]

    def tell(self, told: Mapping[Path, str]) -> list[Path]:
        shown: list[Path] = []
        for section in self._sections:
            shown += section.tell({p: words for p, words in told.items() if _within(p, section.path)})
        return shown


class _Field:
    """One plain value: a choice where the schema has one, else a line of text."""

    def __init__(
        self, path: Path, info: FieldInfo, value: Any, choices: Choices, on_change: Callable[[], object]
    ) -> None:
        self.path = path
        self._inner = plain_type(info.annotation)
        self._optional = type(None) in get_args(info.annotation)
        self._help = help_of(info)
        self._problem = ""
        self.view: Any
        options = list(get_args(self._inner)) if get_origin(self._inner) is Literal else None
        named = choices.options.get(_dotted(path))
        label = str(path[-1]).replace("_", " ")
        look: dict[str, Any] = {
            "label": label,
            "size": "small",
            "width": 272,
            "margin": 0,
            "css_classes": [f"dd-field-{_dotted(path).replace('.', '-')}"],
        }
        if self._inner is bool:
            self.view = pmui.Switch(**{**look, "label": f"{label}: {self._help}"}, value=bool(value))
        elif options or named:
            names = list(options or named or ())
            names += [] if value in names else [value]
            self.view = pmui.Select(**look, options=names, value=value, helper_text=self._help)
        else:
            text = as_text(value)
            self.view = pmui.TextInput(**look, value=text, helper_text=self._help)
        changes = "value_input" if isinstance(self.view, pmui.TextInput) else "value"
        self.view.param.watch(lambda _: on_change(), changes)

    def read(self) -> Any:
        self._problem = ""
        if not isinstance(self.view, pmui.TextInput):
            return self.view.value
        text = (self.view.value_input or "").strip()
        if not text and self._optional:
            return None
        origin = get_origin(self._inner) or self._inner
        if origin in (tuple, list):
            return [part.strip() for part in text.strip("[]()").split(",") if part.strip()]
        return self._table(text) if origin is dict else text

    def _table(self, text: str) -> dict[str, Any]:
        try:
            return dict(tomllib.loads(f"it = {{{text}}}")["it"])
        except (ValueError, RecursionError):  # also of 5000 digits, or of as many brackets
            self._problem = f'is written like kpts = [2, 2, 2], xc = "PBE", got {text[:60]!r}'
            return {}

    def unreadable(self) -> list[tuple[Path, str]]:
        return [(self.path, self._problem)] if self._problem else []

    def tell(self, told: Mapping[Path, str]) -> list[Path]:
        words = "; ".join(told.values())
        if isinstance(self.view, pmui.TextInput | pmui.Select):
            self.view.param.update(helper_text=words or self._help, error_state=bool(words))
        return list(told)


def as_text(value: Any) -> str:
    """A value as a person types it."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {tomlkit.item(part).as_string()}" for key, part in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value)


def _title(model: type[BaseModel], path: Path) -> str:
    first = (model.__doc__ or "").strip().split("\n")[0].rstrip(".")
    number = f" {path[-1] + 1}" if isinstance(path[-1], int) else ""
    name = next(str(part) for part in reversed(path) if isinstance(part, str))
    return f"{name.capitalize()}{number}: {first}" if first else f"{name.capitalize()}{number}"


def _dotted(path: Path) -> str:
    return ".".join(part for part in path if isinstance(part, str))


def _within(path: Path, place: Path) -> bool:
    return path[: len(place)] == place


def _dump(value: Any) -> Mapping[str, Any]:
    return value.model_dump() if isinstance(value, BaseModel) else value or {}
