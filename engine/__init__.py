"""The checker: facts and core in; findings, derivations and explanations out."""
