"""Whole stories, told with the commands and HTTP alone."""
