"""Tests: each folder mirrors a package; `journeys` drives the commands as a person does."""
