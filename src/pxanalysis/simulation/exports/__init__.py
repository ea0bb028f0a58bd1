"""Simulated answers as a survey tool would export them: codes or labels, metadata, partials, previews, versions."""

from pxanalysis.simulation.exports.make import SimulatedExport, simulate_export

__all__ = ["SimulatedExport", "simulate_export"]
