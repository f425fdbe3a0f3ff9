"""Every sentence for readers, made from figures. Pure functions; "call" never becomes another word.

Zero, under 5, not yet, not reported and not covered are different things and are said differently everywhere.
"""
