"""What a pydantic model says of its fields, for a form: type, bounds, help, alternatives of a list."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]
"""Where a value stands: names, and numbers of members of lists."""


def bounds(info: FieldInfo) -> str:
    """The bounds of a field in words: ``more than 0``, ``1 or more``."""
    words = {"gt": "more than {:g}", "ge": "{:g} or more", "lt": "less than {:g}", "le": "{:g} or less"}
    found = [
        text.format(limit)
        for name, text in words.items()
        for part in info.metadata
        if isinstance(limit := getattr(part, name, None), int | float) and abs(limit) < 1e15
    ]
    return ", ".join(found)


def help_of(info: FieldInfo) -> str:
    """Its description with its bounds."""
    words = [part for part in (info.description or "", bounds(info)) if part]
    return "; ".join(words)


def plain_type(annotation: Any) -> Any:
    """The type itself: without `Annotated`, and without None."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        left = [part for part in get_args(annotation) if part is not type(None)]
        return plain_type(left[0]) if len(left) == 1 else annotation
    return annotation


def is_model(inner: Any) -> bool:
    """Whether it is a model of its own."""
    return isinstance(inner, type) and issubclass(inner, BaseModel)


def member_models(inner: Any) -> tuple[type[BaseModel], ...]:
    """Models that a list or tuple repeats, or none."""
    models = tuple(plain_type(part) for part in _alternatives(inner))
    return models if all(is_model(model) for model in models) else ()


def _alternatives(inner: Any) -> tuple[Any, ...]:
    """What a member of a list or tuple may be: the parts of a union, or the one type."""
    if get_origin(inner) not in (list, tuple):
        return ()
    members = {part for part in get_args(inner) if part is not Ellipsis}
    if len(members) != 1:
        return ()
    member = plain_type(members.pop())
    return get_args(member) if get_origin(member) in (Union, types.UnionType) else (member,)


def tags_of(model: type[BaseModel]) -> frozenset[str]:
    """Tags that tell the alternatives of a model's lists apart; pydantic puts them into its locations."""
    parts = [p for info in model.model_fields.values() for p in _alternatives(plain_type(info.annotation))]
    return frozenset(m.tag for part in parts for m in getattr(part, "__metadata__", ()) if isinstance(m, Tag))


def untagged(location: Path, tags: frozenset[str]) -> Path:
    """A location without the tag that follows the number of a list's member."""
    return tuple(
        part
        for at, part in enumerate(location)
        if not (part in tags and at and isinstance(location[at - 1], int))
    )


def has_defaults(model: type[BaseModel]) -> bool:
    """Whether it can be made of nothing."""
    return not any(info.is_required() for info in model.model_fields.values())


def is_of(model: type[BaseModel], value: Mapping[str, Any]) -> bool:
    """Whether `value` is of this alternative: a literal name tells, no name fits all."""
    info = model.model_fields.get("name")
    literal = info is not None and get_origin(info.annotation) is Literal
    return not literal or info is None or value.get("name") in get_args(info.annotation)
