"""Tests of `publisher.sandbox`."""
