"""What the site promises about speed, measured: `make bench`."""
