"""Every statistic beside its outside value."""

from __future__ import annotations

from pxanalysis.audit.audit import SUBJECTS, Audit, audit_methods
from pxanalysis.audit.held_otherwise import table_held_otherwise
from pxanalysis.audit.record import references_folder

__all__ = ["SUBJECTS", "Audit", "audit_methods", "references_folder", "table_held_otherwise"]
