"""Versions as Delta tables, releases that come into force whole, and the way back.

`candor.store.store.Store` is the publisher's side, `candor.store.public.PublicStore` the reader's; the types of a
release are in `candor.store.model`, the errors in `candor.store.errors`.
"""
