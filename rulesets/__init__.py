"""The content: rules, small cited tables and cases; no logic."""
