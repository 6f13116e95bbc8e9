"""Reads the restriction notes of a drug catalog into typed alternatives."""
