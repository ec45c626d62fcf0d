"""Tests of `publisher.publish`."""
