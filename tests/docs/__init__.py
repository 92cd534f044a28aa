"""The documentation, held to the program: what it shows was printed, what it names exists, what it links to is there."""
