"""What the toolkit asks of the operating system besides Qt: terminals, child processes, descriptors, and its log.

Needs nothing but Python, and knows nothing of the rest: every part of the toolkit may use it.
"""
