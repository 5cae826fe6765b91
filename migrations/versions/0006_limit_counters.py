"""Counters of the rate limits; and what visitors of the demo changed for each other is reset."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_limit",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rate_limit"),
    )
    op.create_index("ix_rate_limit_expires_at", "rate_limit", ["expires_at"])
    # Settings, notes of playlists, and libraries that somebody stopped or saved into; these are read anew.
    for table in ("listening", "playlist", "library"):
        op.execute(
            f"DELETE FROM {table} WHERE account_id IN (SELECT id FROM account WHERE service = 'demo')"  # noqa: S608
        )


def downgrade() -> None:
    op.drop_table("rate_limit")
