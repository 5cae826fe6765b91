"""The database: engine, tables, migrations, and the small records that every worker shares."""
