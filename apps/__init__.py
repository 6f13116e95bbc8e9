"""What people and systems touch: the command line and what stands behind it."""
