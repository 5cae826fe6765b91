"""The first tables: accounts, sessions, answers, audio features, leases and pauses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SOUND = (
    "danceability",
    "energy",
    "valence",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
    "loudness",
    "tempo",
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("service", sa.String(20), nullable=False),
        sa.Column("spotify_user_id", sa.Text, nullable=False),
        sa.Column("spotify_account_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("service", "spotify_user_id", "spotify_account_id", name="uq_account_service"),
    )
    op.create_index("ix_account_spotify_account_id", "account", ["service", "spotify_account_id"])
    op.create_table(
        "session",
        sa.Column("id_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Integer),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_session"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_session_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
    op.create_index("ix_session_expires_at", "session", ["expires_at"])
    op.create_table(
        "answer",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("fetched_at", sa.Double, nullable=False),
        sa.Column("fresh_until", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_answer"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_answer_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_answer_fetched_at", "answer", ["fetched_at"])
    op.create_table(
        "audio_features",
        sa.Column("track_id", sa.Text, nullable=False),
        sa.Column("source", sa.String(20)),
        sa.Column("asked_at", sa.Double, nullable=False),
        *(sa.Column(name, sa.Double) for name in SOUND),
        *(sa.Column(name, sa.SmallInteger) for name in ("key", "mode", "time_signature")),
        sa.PrimaryKeyConstraint("track_id", name="pk_audio_features"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "pause",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("until", sa.Double, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pause"),
    )


def downgrade() -> None:
    for table in ("pause", "lease", "audio_features", "answer", "session", "account"):
        op.drop_table(table)
