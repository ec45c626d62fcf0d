"""Tests of looking up what flows name."""
