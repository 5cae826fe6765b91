"""Uploads wait in PostgreSQL itself: a worker on another machine reads them there."""

import sqlalchemy as sa
from alembic import op

revision = "0012_upload_chunks"
down_revision = "0011_play_sources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_upload_chunk",
        sa.Column("stored_as", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("stored_as", "place", name="pk_history_upload_chunk"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # A zip does not get smaller, and trying takes time.
        op.execute("ALTER TABLE history_upload_chunk ALTER COLUMN body SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("history_upload_chunk")
