"""The live picture: pages that follow a study, for practices and for the programme, and a view for JupyterLab."""
