"""Answers pulled from servers of survey tools, each as that tool's own export."""
