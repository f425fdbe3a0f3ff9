"""`dataset add`: what a file seems to be, and the text that would publish it."""
