"""A journey as the text of a YAML file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = ["to_yaml"]


def to_yaml(journey: Journey) -> str:
    """Return the YAML of a journey; :func:`read_journey` reads it back as the same journey."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    def short(value: Any) -> Any:
        """Wordings on one line each, everything else below each other."""
        if isinstance(value, dict):
            made = CommentedMap({_as_number(key): short(part) for key, part in value.items()})
            if set(value) <= set(journey.languages) and sum(len(str(text)) for text in value.values()) < 90:
                made.fa.set_flow_style()
            return made
        if isinstance(value, list):
            parts = CommentedSeq(short(part) for part in value)
            if not any(isinstance(part, (dict, list)) for part in value):
                parts.fa.set_flow_style()
            return parts
        return value

    first = {"id": journey.id, "version": journey.version, "kind": journey.kind, "languages": list(journey.languages)}
    data = first | journey.model_dump(mode="json", exclude_defaults=True)
    writer = YAML()
    writer.width = 4096
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    stream.write("# yaml-language-server: $schema=journey.schema.json\n")
    writer.dump(short(data), stream)
    return stream.getvalue()


def _as_number(key: str) -> str | int:
    """An answer of a scale is a number, which JSON has made a text."""
    return int(key) if key.lstrip("-").isdecimal() else key
