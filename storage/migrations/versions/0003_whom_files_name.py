"""Whom the files of photos name: ids of pupils, never a word of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema here. Of photos prepared before, nobody has looked whom they name: what is not out yet holds."""
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mentioned", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("suggested", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_column("suggested")
        batch_op.drop_column("mentioned")
