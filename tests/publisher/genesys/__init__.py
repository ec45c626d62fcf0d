"""Tests of `publisher.genesys`."""
