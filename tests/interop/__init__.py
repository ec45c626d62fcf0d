"""Tests that drive heavy outside peers."""
