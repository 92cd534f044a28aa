"""What users install: the wheel, the source archive, the image, the man page, and the list of what is in them."""
