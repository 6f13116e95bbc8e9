"""Writers of answers, shared by all surfaces, so that they say the same."""
