"""Numbers of accounts are given once: SQLite gives that of the account which was deleted last again."""

import sqlalchemy as sa
from alembic import op

revision = "0010_account_numbers"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_number",
        sa.Column("id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account_number"),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        # The highest number of all is remembered when its row is gone.
        op.execute("INSERT INTO account_number SELECT max(id) FROM account HAVING max(id) IS NOT NULL")
        op.execute("DELETE FROM account_number")


def downgrade() -> None:
    op.drop_table("account_number")
