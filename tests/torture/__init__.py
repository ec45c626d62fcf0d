"""Ends the receiver in every way there is, and looks afterwards whether anything that it promised is missing.

`make test` plays a few rounds of each way; `make torture` plays a thousand kills and prints what came of them.
"""
