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
    from ruamel.yaml.comments import CommentedMap

    def short(value: Any) -> Any:
        """Wordings on one line each, everything else below each other."""
        if isinstance(value, dict):
            made = CommentedMap({key: short(part) for key, part in value.items()})
            if set(value) <= set(journey.languages) and sum(len(str(text)) for text in value.values()) < 90:
                made.fa.set_flow_style()
            return made
        return [short(part) for part in value] if isinstance(value, list) else value

    data = {"id": journey.id} | journey.model_dump(mode="json", exclude_defaults=True)
    data |= {"version": journey.version, "languages": list(journey.languages)}
    writer = YAML()
    writer.width = 4096
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    stream.write("# yaml-language-server: $schema=journey.schema.json\n")
    writer.dump(short(data), stream)
    return stream.getvalue()
