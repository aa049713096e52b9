"""Parts of the path, each measured alone and warm. A module prints one line of JSON: names and values."""
