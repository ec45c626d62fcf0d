"""Tests of what a doctor finds."""
