"""One-off jobs made of a proc, cronjobs run by hand, and what ran when."""
