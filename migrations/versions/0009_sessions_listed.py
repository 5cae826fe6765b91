"""Sessions tell when and in which browser they began; nothing that the demo keeps names a host any more."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DEMO = "IN (SELECT id FROM account WHERE service = 'demo')"


def upgrade() -> None:
    op.add_column("session", sa.Column("created_at", sa.Double))
    op.add_column("session", sa.Column("browser", sa.String(60)))
    op.add_column("session", sa.Column("visitor_hash", sa.String(64)))
    op.create_index("ix_session_visitor_hash", "session", ["visitor_hash"])
    # What the demo answered until now leads to whatever host its visitors had used. It is asked again.
    for table in ("answer", "saved_track", "library_page", "library"):
        op.execute(f"DELETE FROM {table} WHERE account_id {_DEMO}")  # noqa: S608 - our own names
    op.execute(f"UPDATE playlist SET url = NULL WHERE account_id {_DEMO}")  # noqa: S608 - likewise


def downgrade() -> None:
    op.drop_index("ix_session_visitor_hash", "session")
    for column in ("visitor_hash", "browser", "created_at"):
        op.drop_column("session", column)
