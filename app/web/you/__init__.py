"""You: what is yours here, and how it is kept."""
