"""Covers for a history: who agreed to fetch them, and what came."""

import sqlalchemy as sa
from alembic import op

revision = "0014_covers"
down_revision = "0013_sync"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cover_fetch",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("agreed_at", sa.Double, nullable=False),
        sa.Column("planned_at", sa.Double),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_cover_fetch"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_cover_fetch_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_cover_fetch_due_at", "cover_fetch", ["due_at"])
    op.create_table(
        "cover",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("images", sa.LargeBinary, nullable=False),
        sa.Column("fetched_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_cover"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["cover_fetch.account_id"],
            name="fk_cover_account_id_cover_fetch",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_cover_fetched_at", "cover", ["fetched_at"])


def downgrade() -> None:
    op.drop_table("cover")
    op.drop_table("cover_fetch")
