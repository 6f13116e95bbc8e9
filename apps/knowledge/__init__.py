"""Knowledge from outside: official knowledge points and catalogs, brought into the tables of rules."""
