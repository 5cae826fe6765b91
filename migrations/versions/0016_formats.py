"""Imports of any format: which one a file has, and how to read stamps that do not say all."""

import sqlalchemy as sa
from alembic import op

revision = "0016_formats"
down_revision = "0015_services"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history_file", sa.Column("format", sa.String(80)))
    op.add_column("history_import", sa.Column("zone", sa.String(64)))
    op.add_column("history_import", sa.Column("day_first", sa.Boolean))


def downgrade() -> None:
    op.drop_column("history_import", "day_first")
    op.drop_column("history_import", "zone")
    op.drop_column("history_file", "format")
