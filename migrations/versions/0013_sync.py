"""Live plays: whose are asked for, what came, what may be missing, and how often Spotify was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0013_sync"
down_revision = "0012_upload_chunks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history_file", sa.Column("replaced", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "sync",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("authorized_at", sa.Double, nullable=False),
        sa.Column("begun_at", sa.Double, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("trouble", sa.String(20)),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.Column("claimed_until", sa.Double, nullable=False, server_default="0"),
        sa.Column("last_at", sa.Double),
        sa.Column("plays_added", sa.Integer, nullable=False, server_default="0"),
        sa.Column("empty_rounds", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("failed_rounds", sa.SmallInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("account_id", name="pk_sync"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_sync_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sync_due_at", "sync", ["due_at"])
    op.create_table(
        "live_play",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("played_at", sa.BigInteger, nullable=False),
        sa.Column("key", sa.String(250), nullable=False),
        sa.Column("uri", sa.Text),
        sa.Column("artist", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("album", sa.Text),
        sa.Column("duration_ms", sa.Integer),
        sa.PrimaryKeyConstraint("account_id", "played_at", "key", name="pk_live_play"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_live_play_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "sync_gap",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("begins_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "begins_at", name="pk_sync_gap"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_sync_gap_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "call_count",
        sa.Column("service", sa.String(20), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("endpoint", sa.String(100), nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("service", "day", "endpoint", name="pk_call_count"),
    )


def downgrade() -> None:
    for table in ("call_count", "sync_gap", "live_play", "sync"):
        op.drop_table(table)
    op.drop_column("history_file", "replaced")
