"""Linear programs by HiGHS, with a deadline; knows nothing of what they are about."""
