"""Years of listening: imports, their files, and what follows from them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("seen_at", sa.Double))
    op.create_table(
        "listening",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("timezone", sa.String(64)),
        sa.Column("threshold_s", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_listening"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_listening_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "history_import",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_history_import"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_history_import_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_history_import_account_id", "history_import", ["account_id"])
    op.create_table(
        "history_upload",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("import_id", sa.Integer, nullable=False),
        sa.Column("stored_as", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("read", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_history_upload"),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["history_import.id"],
            name="fk_history_upload_import_id_history_import",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_history_upload_import_id", "history_upload", ["import_id"])
    op.create_table(
        "history_file",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("import_id", sa.Integer, nullable=False),
        sa.Column("upload_id", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("note", sa.Text),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in (
                "read",
                "kept",
                "duplicate",
                "unreadable",
                "ignored",
                "music",
                "podcasts",
                "audiobooks",
            )
        ),
        sa.Column("first_at", sa.Double),
        sa.Column("last_at", sa.Double),
        sa.Column("oddities", sa.LargeBinary, nullable=False),
        sa.Column("batch", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_history_file"),
        sa.UniqueConstraint("import_id", "upload_id", "place", name="uq_history_file_import_id"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_history_file_account_id_account", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["history_import.id"],
            name="fk_history_file_import_id_history_import",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_history_file_account_id", "history_file", ["account_id"])
    op.create_table(
        "history_part",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name", name="pk_history_part"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_history_part_account_id_account", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    for table in ("history_part", "history_file", "history_upload", "history_import", "listening"):
        op.drop_table(table)
    op.drop_column("account", "seen_at")
