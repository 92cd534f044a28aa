"""The Values screen: what is in force, who set it, and edits that touch nothing else."""
