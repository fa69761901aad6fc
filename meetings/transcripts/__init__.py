"""The words of a meeting: caption formats, versions, exports."""
