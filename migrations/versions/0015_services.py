"""Every history is built again: names are compared whatever their width, and its services are noted."""

import sqlalchemy as sa
from alembic import op

revision = "0015_services"
down_revision = "0014_covers"
branch_labels = None
depends_on = None

MARK = "stale"  # the part that says so


def upgrade() -> None:
    part = sa.table(
        "history_part",
        sa.column("account_id", sa.Integer),
        sa.column("name", sa.String),
        sa.column("body", sa.LargeBinary),
    )
    marked = sa.select(part.c.account_id).where(part.c.name == MARK)
    # Eight bytes: what is longer counts the workers that died.
    rows = sa.select(part.c.account_id, sa.literal(MARK), sa.literal(b"0015mark", sa.LargeBinary)).where(
        part.c.name == "ledger", part.c.account_id.not_in(marked)
    )
    op.execute(part.insert().from_select(["account_id", "name", "body"], rows))


def downgrade() -> None:
    pass
