"""How the schema came to be what `tables.py` says it is: one file for each change, run by Alembic."""
