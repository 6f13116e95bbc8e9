"""The rule language: from text to a typed core, with diagnostics; knows nothing of bills."""
