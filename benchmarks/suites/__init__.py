"""One module per question; each has a function ``run`` that returns a report."""
