"""What would be wrong to publish without a word: a delivery is held against the ones before it, guard by guard."""
