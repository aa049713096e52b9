"""One module per contender, each the program that its own documentation would have one write."""
