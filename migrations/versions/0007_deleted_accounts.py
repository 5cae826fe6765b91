"""Who has deleted everything lately, so that logins that they gave before end too."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deleted_account",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("deleted_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_deleted_account"),
    )


def downgrade() -> None:
    op.drop_table("deleted_account")
