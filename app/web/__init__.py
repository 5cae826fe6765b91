"""The site in a browser: one folder a subject, with `routes`, `report` and perhaps `view`."""
