"""Everything that can be known to be wrong before a deploy, with the file and line of it."""
