"""What is asked of a table: filters, order and page, and the formats of an answer."""
