"""Snapshots of top lists, and the playlists that were saved from them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snapshot",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("time_range", sa.String(20), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("places", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind", "time_range", "day", name="pk_snapshot"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_snapshot_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "playlist",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("time_range", sa.String(20), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("playlist_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("filled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "time_range", "day", name="pk_playlist"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_playlist_account_id_account", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("playlist")
    op.drop_table("snapshot")
