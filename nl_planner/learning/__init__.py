"""Corrections → examples, data sets, adapters."""
