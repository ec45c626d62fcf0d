"""What flow-relay knows of Genesys Cloud: documents, hosts, tokens, calls. It stands alone."""
