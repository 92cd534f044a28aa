"""The past of a release."""
