# The record.
