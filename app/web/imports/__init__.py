"""Importing an export: uploads, progress, receipts."""
