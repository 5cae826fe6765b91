"""What makes the site one to install."""
