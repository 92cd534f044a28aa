"""A program in a container at this terminal: where to run it, and the terminal lent to it and taken back."""
