"""What is stored, and its deletion."""
