"""Tests of Archy files."""
