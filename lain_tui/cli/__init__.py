"""The same engine without a screen: one command a verb, plain text or JSON, and exit codes that tell."""
