"""Runs the migrations on the connection that `app.store.migrate` opened, inside its transaction."""

from alembic import context

from app.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite can roll back DDL when the transaction is begun by hand, as ours is.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
