"""Opening the three stores by their address."""

from pathlib import Path

import pytest

from storage.objects.errors import StoreUnavailable, StoreUrlRefused
from storage.objects.folder import FolderStore
from storage.objects.protocol import Put
from storage.objects.s3 import S3Store
from storage.objects.stores import open_stores
from tests.parts.own_server import free_ports
from tests.parts.seaweed import Seaweed

SECRET = "s3cr3t-of-the-school"
ACCOUNT = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": SECRET}

REFUSED = (
    "",
    "gatekeeper-data",
    "/srv/gatekeeper",
    "http://127.0.0.1:8333",
    "ftp://somewhere/else",
    "file://",
    "file:///",
    "file://elsewhere/srv",
    "file:relative",
    "file:///srv?region=eu-west-2",
    "file:///srv#there",
    "file:///srv%00",
    f"file://user:{SECRET}@localhost/srv",
    "s3://",
    "s3:///folder",
    "s3://ab",
    "s3://Upper",
    "s3://under_score",
    "s3://-begins-with-a-dash",
    "s3://" + "a" * 53,
    "s3://prefix/folder",
    "s3://prefix#there",
    "s3://prefix:80",
    f"s3://somebody:{SECRET}@prefix",
    f"s3://{SECRET}@prefix",
    f"s3://prefix?secret={SECRET}",
    f"s3://prefix?region=eu-west-2&secret={SECRET}",
    "s3://prefix?region=eu-west-2&region=eu-west-1",
    "s3://prefix?region=",
    "s3://prefix?region=EU WEST",
    "s3://prefix?endpoint_url=",
    "s3://prefix?endpoint_url=127.0.0.1:8333",
    "s3://prefix?endpoint_url=file:///srv",
    "s3://prefix?endpoint_url=http://",
    "s3://prefix?endpoint_url=http://127.0.0.1:port",
    "s3://prefix?endpoint_url=http://127.0.0.1:99999",
    f"s3://prefix?endpoint_url=http://somebody:{SECRET}@127.0.0.1:8333",
    f"s3://prefix?endpoint_url=http://127.0.0.1:8333/%3Fsecret={SECRET}",
    "s3://prefix?nonsense",
    "s3://[prefix",
)


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_cannot_be_opened_as_written_is_refused_without_echo(url: str) -> None:
    with pytest.raises(StoreUrlRefused) as refused:
        open_stores(url, environment=ACCOUNT)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
@pytest.mark.parametrize("empty", [True, False])
def test_s3_without_credentials_in_the_environment_is_refused_by_name(missing: str, empty: bool) -> None:
    environment = {name: value for name, value in ACCOUNT.items() if name != missing} | ({missing: ""} if empty else {})
    with pytest.raises(StoreUrlRefused, match=missing) as refused:
        open_stores("s3://prefix?endpoint_url=http://127.0.0.1:1", environment=environment)
    assert SECRET not in str(refused.value)


def test_a_folder_gets_three_stores_that_do_not_see_each_other(tmp_path: Path) -> None:
    stores = open_stores(f"file://{tmp_path}/gate")
    opened = (stores.quarantine, stores.prepared, stores.published)
    for number, store in enumerate(opened):
        assert isinstance(store, FolderStore)
        assert store.put_if_absent("k", bytes([number + 1])) is Put.WRITTEN
    assert [store.get("k") for store in opened] == [b"\1", b"\2", b"\3"]
    assert sorted(path.name for path in (tmp_path / "gate").iterdir()) == ["prepared", "published", "quarantine"]


def test_a_folder_is_found_again(tmp_path: Path) -> None:
    open_stores(f"file://{tmp_path}").published.put_if_absent("k", b"here")
    assert open_stores(f"file://localhost{tmp_path}").published.get("k") == b"here"


def test_a_folder_with_a_space_is_written_with_its_code(tmp_path: Path) -> None:
    open_stores(f"file://{tmp_path}/our%20data")
    assert (tmp_path / "our data" / "published").is_dir()


def test_s3_gets_three_buckets_that_do_not_see_each_other(seaweed: Seaweed, bucket_prefix: str) -> None:
    stores = open_stores(seaweed.store_url(bucket_prefix), environment=seaweed.environment)
    opened = (stores.quarantine, stores.prepared, stores.published)
    for number, store in enumerate(opened):
        assert isinstance(store, S3Store)
        assert store.put_if_absent("k", bytes([number + 1])) is Put.WRITTEN
    assert [store.get("k") for store in opened] == [b"\1", b"\2", b"\3"]
    client = seaweed.client()
    for name in ("quarantine", "prepared", "published"):
        client.head_bucket(Bucket=f"{bucket_prefix}-{name}")


def test_credentials_are_those_of_the_environment(seaweed: Seaweed, bucket_prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    assert open_stores(seaweed.store_url(bucket_prefix)).published.get("k") is None
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    with pytest.raises(StoreUnavailable) as refused:
        open_stores(seaweed.store_url(bucket_prefix))
    assert SECRET not in str(refused.value)


def test_a_server_that_is_down_is_unavailable_not_refused() -> None:
    [port] = free_ports(1)
    with pytest.raises(StoreUnavailable):
        open_stores(f"s3://prefix?endpoint_url=http://127.0.0.1:{port}", environment=ACCOUNT)
