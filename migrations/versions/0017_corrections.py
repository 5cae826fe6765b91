"""Corrections of a history: names that are merged, renamed or hidden, and plays that are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0017_corrections"
down_revision = "0016_formats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_correction",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("import_id", sa.Integer),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("from_artist", sa.Text, nullable=False),
        sa.Column("from_title", sa.Text),
        sa.Column("from_album", sa.Text),
        sa.Column("to_artist", sa.Text),
        sa.Column("to_title", sa.Text),
        sa.Column("to_album", sa.Text),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("plays", sa.Integer),
        sa.Column("tracks", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_history_correction"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name="fk_history_correction_account_id_account",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["history_import.id"],
            name="fk_history_correction_import_id_history_import",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_history_correction_account_id", "history_correction", ["account_id"])
    op.create_index("ix_history_correction_import_id", "history_correction", ["import_id"])


def downgrade() -> None:
    op.drop_table("history_correction")
