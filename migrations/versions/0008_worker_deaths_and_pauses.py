"""How many workers an import has outlived, and when a pause began."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history_import", sa.Column("deaths", sa.SmallInteger, nullable=False, server_default="0"))
    op.add_column("pause", sa.Column("begun_at", sa.Double))


def downgrade() -> None:
    op.drop_column("pause", "begun_at")
    op.drop_column("history_import", "deaths")
