"""The portal as declared on disk."""
