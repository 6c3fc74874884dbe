"""What an operator can set, all by environment variables (docs/operations.md)."""

from pathlib import Path
from socket import gethostname
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one process. Every one has a safe default, as has an empty variable; an unknown is nobody's business."""

    model_config = SettingsConfigDict(env_prefix="GATEKEEPER_", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(default=Path("gatekeeper-data"), description="Folder of the database, the objects and the keys.")
    database_url: str = Field(default="", description="PostgreSQL or SQLite; empty: a SQLite file in the data folder.")
    store_url: str = Field(default="", description="file:///folder or s3://prefix?endpoint_url=...; empty: the data folder.")
    key_file: Path | None = Field(default=None, description="The wrapping key; empty: keys/wrapping.key in the data folder.")
    public_url: str = Field(default="", description="Address people reach this service at, for printed links.")
    worker_name: str = Field(default_factory=gethostname, description="Whose leases return when this worker starts again.")
    worker_poll_seconds: float = Field(default=0.5, gt=0, le=60, description="How often an idle worker looks for work.")
    sweep_seconds: float = Field(default=300, gt=0, description="How often a worker sweeps.")
    max_upload_bytes: int = Field(default=50_000_000, ge=1_000_000, description="A larger request is refused with 413.")
    max_uploads_at_once: int = Field(default=16, ge=1, le=100, description="Uploads under way at one time; more get 503.")
    max_looks_at_once: int = Field(default=2, ge=1, le=32, description="Uploads looked at, in memory whole, at one time.")
    max_waiting_photos: int = Field(default=2000, ge=200, description="A school of which more wait to be prepared gets 429.")
    body_seconds: float = Field(default=600, gt=0, description="A body that is not through after that long gets 408.")
    body_grace_seconds: float = Field(default=15, gt=0, description="A body may pause for so long in all before its rate counts.")
    min_body_rate: int = Field(default=4096, ge=1, description="Bytes a second, on average; a slower body gets 408.")
    header_seconds: float = Field(default=15, gt=0, description="Who has not sent its headers after that long is disconnected.")
    max_header_bytes: int = Field(default=16_384, ge=4096, description="Longer address and headers get 431.")
    keep_alive_seconds: int = Field(default=20, ge=1, description="An idle connection is closed after that long.")
    max_connections: int = Field(default=400, ge=10, description="Connections at one time; more get 503.")
    imaging_seconds: float = Field(default=20, gt=0, description="An image that takes longer to clean is held.")
    sandbox: Literal["auto", "required"] = Field(
        default="auto",
        description="required: refuse to start where the kernel lacks Landlock or seccomp; auto: say so and go on.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="How much is logged.")

    @property
    def database(self) -> str:
        """URL of the database in use."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'gatekeeper.sqlite'}"

    @property
    def store(self) -> str:
        """URL of the object stores in use."""
        return self.store_url or f"file://{self.data_dir.resolve() / 'objects'}"

    @property
    def wrapping_key(self) -> Path:
        """File of the wrapping key in use. Never part of a backup."""
        return self.key_file or self.data_dir / "keys" / "wrapping.key"

    @property
    def spool(self) -> Path:
        """Folder of the uploads that are under way, sealed."""
        return self.data_dir / "spool"
