"""Text becomes typed rows, and every row gets its outcome; proposals for a new data set."""
