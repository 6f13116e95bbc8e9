"""Other people's requests made into facts: tolerant, hand-written, one file a dialect."""
