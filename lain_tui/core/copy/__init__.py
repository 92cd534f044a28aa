"""Files between this machine and a container: whole or not at all, and verified."""
