"""Checks Genesys Cloud flow files, pushes and publishes versions, and registers the webhook."""
