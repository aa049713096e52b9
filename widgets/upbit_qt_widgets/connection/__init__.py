"""How the connection and the toolkit do: a badge for the status bar, and a panel with all figures."""
