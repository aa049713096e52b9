"""What all widgets share: proxy and state, colours, numbers, words, names of markets, samples."""
