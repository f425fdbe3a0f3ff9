"""The server: addresses, answers, headers, compression, files."""
