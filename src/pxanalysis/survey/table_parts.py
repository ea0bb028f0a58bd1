"""A table that was fetched in parts: the parts in one file, the latest row of each response."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pxanalysis.survey.files import temporary_name
from pxanalysis.survey.sources.raw import hash_file

__all__ = ["merge_parts", "read_merged"]

_MERGED = b"pxanalysis.merged"


def read_merged(path: Path) -> tuple[str, ...]:
    """SHA-256 of the files that a file was made of; none where it was not, or is no Parquet file."""
    if path.suffix != ".parquet":
        return ()
    import pyarrow as pa  # takes longer to load than most files to read: where there is a Parquet file only
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowInvalid, OSError):  # damaged: who reads it says so
        return ()
    return tuple(json.loads(metadata.get(_MERGED, b"[]")))


def merge_parts(parts: Sequence[Path], key: str, target: Path, *, instead_of: Sequence[Path] | None = None) -> None:
    """Write the rows of several files with the same columns as one; a row of a later file replaces one of an earlier.

    The file names those it was made of, so that it is known which of them it stands for, whatever is cut short. Rows
    go through in batches; what is held in memory are the ids of all parts but the first.

    Parameters
    ----------
    key
        Column that names a response.
    instead_of
        The files whose place it takes; the parts themselves when left out.
    """
    import pyarrow as pa  # as above
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    replaced = parts if instead_of is None else instead_of
    made_of = [digest for path in replaced for digest in (*read_merged(path), hash_file(path))]
    schema = pq.read_schema(parts[0]).with_metadata({_MERGED: json.dumps(made_of).encode()})
    keys = [pq.read_table(path, columns=[key])[key].combine_chunks() for path in parts[1:]]
    new = temporary_name(target)
    with pq.ParquetWriter(new, schema) as writer:
        for place, path in enumerate(parts):
            later = pa.concat_arrays(keys[place:]) if keys[place:] else pa.array([], pa.string())
            for batch in pq.ParquetFile(path).iter_batches():
                keep = pc.invert(pc.is_in(batch[key], value_set=later, skip_nulls=True))
                writer.write_table(pa.Table.from_batches([batch.filter(keep)]).cast(schema))
    new.replace(target)
