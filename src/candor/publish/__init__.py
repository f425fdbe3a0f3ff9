"""A run and its steps: what is due is made safe, counted, attacked, and brought into force as a release."""
