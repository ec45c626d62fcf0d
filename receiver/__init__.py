"""Records what Genesys Cloud published and runs the pipelines that follow."""
