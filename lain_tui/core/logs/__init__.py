"""Every pod's log in one ordered stream: reading, merging, keeping, finding."""
