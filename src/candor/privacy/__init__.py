"""What may be seen: columns, rows and tables made safe before they are published, never at display."""
