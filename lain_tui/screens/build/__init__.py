"""The Build screen: what will be built from which values, and every build of this run."""
