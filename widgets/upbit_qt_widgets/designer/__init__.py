"""The widgets in Qt Designer: what its widget box shows, and a command that starts it with them."""
