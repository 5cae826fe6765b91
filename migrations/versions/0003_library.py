"""Saved tracks, tokens that belong to no session, and the catalogue's latest answers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "library",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("reading", sa.Integer, nullable=False),
        sa.Column("shown", sa.Integer),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("total", sa.Integer),
        sa.Column("resume_at", sa.Double),
        sa.Column("trouble", sa.String(40)),
        sa.Column("begun_at", sa.Double, nullable=False),
        sa.Column("read_at", sa.Double),
        sa.Column("looked_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_library"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_library_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "library_page",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("reading", sa.Integer, nullable=False),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "reading", "first", name="pk_library_page"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["library.account_id"],
            name="fk_library_page_account_id_library",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "saved_track",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("reading", sa.Integer, nullable=False),
        sa.Column("key", sa.String(250), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("track_id", "name")),
        sa.Column("artists", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("artist", "album", "url", "image")),
        sa.Column("added_at", sa.Double, nullable=False),
        sa.Column("added_month", sa.String(7)),
        sa.Column("year", sa.SmallInteger),
        sa.Column("duration_ms", sa.Integer),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("explicit", "local", "removed")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name_key", "artist_key", "album_key")),
        sa.PrimaryKeyConstraint("account_id", "reading", "key", name="pk_saved_track"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["library.account_id"],
            name="fk_saved_track_account_id_library",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_saved_track_newest", "saved_track", ["account_id", "reading", "added_at", "place"])
    op.create_table(
        "kept_token",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_kept_token"),
    )
    op.create_table(
        "catalogue_answer",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("fetched_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_catalogue_answer"),
    )
    op.create_index("ix_catalogue_answer_fetched_at", "catalogue_answer", ["fetched_at"])


def downgrade() -> None:
    for table in ("catalogue_answer", "kept_token", "saved_track", "library_page", "library"):
        op.drop_table(table)
