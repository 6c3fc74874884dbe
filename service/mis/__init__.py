"""What other systems say about pupils and their answers, read into assertions or refused whole."""
