"""Ends the receiver in every way there is, and looks afterwards whether anything that it promised is missing.

On SQLite it is one, on PostgreSQL there are two, and the server can end as well. `make test` plays a few rounds of each
way; `make torture` plays more than a thousand and prints what came of them.
"""
