"""What a mark of a chart tells on its card."""
