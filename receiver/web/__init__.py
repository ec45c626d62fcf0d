"""Everything that the receiver serves over HTTP."""
