"""The command line: a file for each command; what is heavy is loaded when it is needed."""
