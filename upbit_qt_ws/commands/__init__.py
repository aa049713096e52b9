"""Parts of the command ``upbit-qt`` that need modules of their own."""
