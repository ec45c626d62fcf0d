"""Tests of publisher/drawing."""
