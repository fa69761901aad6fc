"""The API, version 1: what there is of meetings, for programs.

Whatever asks comes through the door (`door`), which knows the token, counts, and turns refusals
into problem documents; the resources behind it say what they give and to whom.
"""
