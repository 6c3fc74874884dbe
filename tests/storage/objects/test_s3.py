"""S3 as an object store: the contract on a quick imitation and on a real server, with and without versions, over bad lines."""

import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Protocol, cast

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from storage.objects.errors import StoreUnavailable
from storage.objects.protocol import ObjectStore, Put
from storage.objects.s3 import S3Store
from storage.objects.s3client import S3Client, connect
from tests.parts.faulty_line import FaultyLine, faulty_line
from tests.parts.own_server import free_ports
from tests.parts.seaweed import Seaweed
from tests.storage.objects.contract import LARGE, A, B, BeginPut, LatePut, ObjectStoreContract

MARKER = b"<< half of the picture >>"


class Boto3Client(S3Client, Protocol):
    """What these tests use beyond what the product does."""

    def put_bucket_versioning(self, **request: object) -> object: ...
    def delete_bucket(self, **request: object) -> object: ...


def make_versioned(client: Boto3Client, bucket: str) -> None:
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": client.meta.region_name})
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


class S3Contract(ObjectStoreContract):
    """What holds for every S3 server, beyond the contract of all stores."""

    @pytest.fixture
    def client(self) -> Boto3Client:
        raise NotImplementedError

    @pytest.fixture
    def bucket(self, bucket_prefix: str) -> str:
        return f"{bucket_prefix}-published"

    @pytest.fixture
    def store(self, client: Boto3Client, bucket: str) -> ObjectStore:
        return S3Store(bucket=bucket, client=client)

    def test_a_missing_bucket_is_made_without_versions_and_found_again(self, client: Boto3Client, bucket: str) -> None:
        assert not S3Store(bucket=bucket, client=client).versioned
        S3Store(bucket=bucket, client=client).put_if_absent("k", A)
        assert S3Store(bucket=bucket, client=client).get("k") == A

    def test_a_bucket_that_keeps_versions_is_known_for_one(self, client: Boto3Client, bucket: str) -> None:
        make_versioned(client, bucket)
        assert S3Store(bucket=bucket, client=client).versioned

    @pytest.mark.parametrize("suspended", [False, True], ids=["versioned", "suspended"])
    def test_no_version_with_content_is_left_under_a_tombstone(self, client: Boto3Client, bucket: str, suspended: bool) -> None:
        make_versioned(client, bucket)
        store = S3Store(bucket=bucket, client=client)
        store.put_if_absent("k", A)
        client.put_object(Bucket=bucket, Key="k", Body=b"an overwrite by somebody else's tool")
        if suspended:
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        assert len([entry for entry in store.list("k") if entry.size]) == 2
        store.tombstone("k")
        assert {entry.size for entry in store.list("k")} == {0}
        assert store.get("k") == b""
        assert store.put_if_absent("k", A) is Put.FENCED

    def test_versions_that_began_after_the_start_are_purged_too(
        self, client: Boto3Client, store: ObjectStore, bucket: str
    ) -> None:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        store.put_if_absent("k", A)
        store.tombstone("k")
        assert {entry.size for entry in store.list("k")} == {0}

    def test_a_purge_spares_the_keys_beside_it(self, client: Boto3Client, bucket: str) -> None:
        make_versioned(client, bucket)
        store = S3Store(bucket=bucket, client=client)
        for key in ("k", "k2", "k.2"):
            store.put_if_absent(key, A)
        store.tombstone("k")
        assert (store.get("k2"), store.get("k.2")) == (A, A)

    def test_behind_somebodys_delete_a_tombstone_still_fences_and_purges(self, client: Boto3Client, bucket: str) -> None:
        make_versioned(client, bucket)
        store = S3Store(bucket=bucket, client=client)
        store.put_if_absent("k", A)
        client.delete_object(Bucket=bucket, Key="k")
        assert store.get("k") is None
        store.tombstone("k")
        assert store.get("k") == b""
        assert {entry.size for entry in store.list("k")} == {0}

    @pytest.mark.parametrize("versioned", [False, True], ids=["plain", "versioned"])
    def test_a_list_in_many_pages_is_whole(
        self, client: Boto3Client, bucket: str, versioned: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.objects.s3._PAGE", 2)
        if versioned:
            make_versioned(client, bucket)
        store = S3Store(bucket=bucket, client=client)
        keys = [f"k/{number}" for number in range(7)]
        for key in keys:
            store.put_if_absent(key, A)
        assert [entry.key for entry in store.list("k/")] == keys

    def test_many_versions_in_many_pages_are_all_purged(
        self, client: Boto3Client, bucket: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.objects.s3._PAGE", 2)
        make_versioned(client, bucket)
        for each in range(5):
            client.put_object(Bucket=bucket, Key="k", Body=bytes([each]) * 100)
        store = S3Store(bucket=bucket, client=client)
        store.tombstone("k")
        assert [entry.size for entry in store.list("k")] == [0]

    def test_a_bucket_that_went_away_is_unavailable_not_empty(self, client: Boto3Client, bucket: str) -> None:
        store = S3Store(bucket=bucket, client=client)
        client.delete_bucket(Bucket=bucket)
        with pytest.raises(StoreUnavailable):
            store.get("k")


class TestMoto(S3Contract):
    @pytest.fixture(autouse=True)
    def no_races(self, request: pytest.FixtureRequest) -> None:
        if "rac" in request.node.name.partition("[")[0]:
            pytest.skip("moto takes no lock between looking and writing: who wins a race in it says nothing; SeaweedFS runs this")

    @pytest.fixture(scope="class")
    @classmethod
    def client(cls) -> Iterator[Boto3Client]:
        with mock_aws():
            yield cls._connect()

    @pytest.fixture
    def begin_put(self, client: Boto3Client, bucket: str) -> Iterator[BeginPut]:
        released = Event()
        with ThreadPoolExecutor(max_workers=1) as threads:

            def begin(key: str, content: bytes) -> LatePut:
                under_way, late_client = Event(), self._connect()

                def wait(**_: object) -> None:
                    under_way.set()
                    released.wait(60)

                late_client.meta.events.register("request-created.s3.PutObject", wait)
                late_store = S3Store(bucket=bucket, client=late_client)
                future = threads.submit(late_store.put_if_absent, key, content)
                assert under_way.wait(60)
                return LatePut(future=future, release=released.set)

            yield begin
            released.set()

    @staticmethod
    def _connect() -> Boto3Client:
        return cast("Boto3Client", connect(endpoint_url=None, region="eu-west-2", access_key="quick", secret_key="quick"))

    @pytest.mark.parametrize("refusals", [1, 3])
    def test_a_conflict_is_asked_again_and_nothing_is_taken_for_done(
        self, client: Boto3Client, store: ObjectStore, bucket: str, refusals: int
    ) -> None:
        def busy_store() -> ObjectStore:
            busy = Unwilling(client, "put_object", status=409, code="ConditionalRequestConflict", times=refusals)
            return S3Store(bucket=bucket, client=cast("S3Client", busy))

        assert busy_store().put_if_absent("k", A) is Put.WRITTEN
        busy_store().tombstone("k")
        busy_store().tombstone("free")
        assert (store.get("k"), store.get("free")) == (b"", b"")

    @pytest.mark.parametrize("status", [409, 412])
    def test_a_key_that_never_comes_to_rest_is_unavailable(
        self, client: Boto3Client, store: ObjectStore, bucket: str, status: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.objects.s3._PAUSES", (0.0, 0.0))
        store.put_if_absent("there", A)
        unwilling = Unwilling(client, "put_object", status=status, code="Whatever")
        stuck = S3Store(bucket=bucket, client=cast("S3Client", unwilling))
        for operation in (
            lambda: stuck.put_if_absent("k", A),
            lambda: stuck.tombstone("k"),
            lambda: stuck.tombstone("there"),
        ):
            with pytest.raises(StoreUnavailable):
                operation()
        # Deleting is not retracting: what could not be fenced off was not taken away either.
        assert store.get("there") == A

    @pytest.mark.parametrize("operation", ["put_object", "get_object", "get_paginator"])
    @pytest.mark.parametrize("code", ["NotImplemented", "AccessDenied"])
    def test_an_answer_it_does_not_know_is_unavailable_and_named(
        self, client: Boto3Client, bucket: str, operation: str, code: str
    ) -> None:
        store = S3Store(bucket=bucket, client=cast("S3Client", Unwilling(client, operation, status=501, code=code)))
        asks: dict[str, Callable[[], object]] = {
            "put_object": lambda: store.put_if_absent("k", A),
            "get_object": lambda: store.get("k"),
            "get_paginator": lambda: list(store.list("k")),
        }
        with pytest.raises(StoreUnavailable, match=code):
            asks[operation]()

    @pytest.mark.parametrize("code", ["AccessDenied", "Whatever"])
    def test_a_tombstone_does_not_hold_while_an_older_version_cannot_be_deleted(
        self, client: Boto3Client, bucket: str, code: str
    ) -> None:
        make_versioned(client, bucket)
        unwilling = Unwilling(client, "delete_object", status=403, code=code)
        store = S3Store(bucket=bucket, client=cast("S3Client", unwilling))
        store.put_if_absent("k", A)
        with pytest.raises(StoreUnavailable, match=code):
            store.tombstone("k")
        S3Store(bucket=bucket, client=client).tombstone("k")
        assert {entry.size for entry in store.list("k")} == {0}

    def test_a_tombstone_is_not_said_to_hold_when_it_cannot_be_looked_at(self, client: Boto3Client, bucket: str) -> None:
        store = S3Store(bucket=bucket, client=client)
        store.put_if_absent("k", A)
        blind = Unwilling(client, "head_object", status=403, code="Forbidden")
        with pytest.raises(StoreUnavailable, match="Forbidden"):
            S3Store(bucket=bucket, client=cast("S3Client", blind)).tombstone("k")

    @pytest.mark.parametrize(("operation", "code"), [("head_bucket", "Forbidden"), ("create_bucket", "BucketAlreadyExists")])
    def test_somebody_elses_bucket_is_not_used(self, client: Boto3Client, bucket: str, operation: str, code: str) -> None:
        with pytest.raises(StoreUnavailable, match=code):
            S3Store(bucket=bucket, client=cast("S3Client", Unwilling(client, operation, status=403, code=code)))

    def test_an_object_larger_than_a_store_takes_is_not_read(self, store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
        store.put_if_absent("k", A)
        monkeypatch.setattr("storage.objects.s3.MAX_CONTENT_LENGTH", len(A) - 1)
        with pytest.raises(StoreUnavailable):
            store.get("k")

    @pytest.mark.parametrize("declared", [len(A) - 1, len(A) + 1])
    def test_an_object_that_is_not_as_long_as_declared_is_not_given_back(
        self, client: Boto3Client, bucket: str, declared: int
    ) -> None:
        class Misdeclaring(Unwilling):
            def _refuse(self, *_: object, **request: object) -> object:
                return client.get_object(**request) | {"ContentLength": declared}

        server = Misdeclaring(client, "get_object", status=200, code="")
        store = S3Store(bucket=bucket, client=cast("S3Client", server))
        store.put_if_absent("k", A)
        with pytest.raises(StoreUnavailable):
            store.get("k")

    @pytest.mark.parametrize(("found", "answer"), [(None, Put.WRITTEN), (b"", Put.FENCED), (B, Put.TAKEN)])
    def test_a_key_that_changes_while_it_is_compared_is_judged_by_what_is_read(
        self, client: Boto3Client, bucket: str, found: bytes | None, answer: Put
    ) -> None:
        class ChangesBetweenHeadAndGet(S3Store):
            def get(self, key: str) -> bytes | None:
                client.delete_object(Bucket=bucket, Key=key)
                return found

        store = ChangesBetweenHeadAndGet(bucket=bucket, client=client)
        client.put_object(Bucket=bucket, Key="k", Body=A)
        assert store.put_if_absent("k", A) is answer

    def test_a_bucket_that_another_process_makes_meanwhile_is_ours(
        self, client: Boto3Client, store: ObjectStore, bucket: str
    ) -> None:
        missing = Unwilling(client, "head_bucket", status=404, code="404")
        S3Store(bucket=bucket, client=cast("S3Client", missing)).put_if_absent("k", A)
        assert store.get("k") == A

    def test_a_tombstone_holds_where_nothing_is_swapped_for_a_named_version(self, client: Boto3Client, bucket: str) -> None:
        make_versioned(client, bucket)
        server = SwapsNothingForNamedVersions(client, bucket)
        store = S3Store(bucket=bucket, client=cast("S3Client", server))
        store.put_if_absent("k", A)
        store.tombstone("k")
        assert store.get("k") == b""
        assert {entry.size for entry in store.list("k")} == {0}

    def test_neither_picture_nor_token_reaches_the_log(self, client: Boto3Client, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        logging.getLogger("any").debug("the log is on")
        visitor = connect(
            endpoint_url=None, region="eu-west-2", access_key="quick", secret_key="quick", session_token="tok-3n-of-this-hour"
        )
        store = S3Store(bucket="log", client=visitor)
        store.put_if_absent("k", MARKER)
        store.get("k")
        assert "the log is on" in caplog.text
        assert MARKER.decode() not in caplog.text
        assert "tok-3n-of-this-hour" not in caplog.text


class OnSeaweed:
    """A real server, and a bad line to it."""

    @pytest.fixture(scope="class")
    @classmethod
    def client(cls, seaweed: Seaweed) -> Boto3Client:
        return cast("Boto3Client", seaweed.client())

    @pytest.fixture
    def bucket(self, bucket_prefix: str) -> str:
        return f"{bucket_prefix}-published"

    @pytest.fixture
    def line(self, seaweed: Seaweed) -> Iterator[FaultyLine]:
        with faulty_line(seaweed.endpoint_url) as line:
            yield line

    @pytest.fixture
    def far_store(self, seaweed: Seaweed, line: FaultyLine, bucket: str) -> ObjectStore:
        """The same bucket, reached over the bad line."""
        return S3Store(bucket=bucket, client=seaweed.client(endpoint_url=line.url))

    @pytest.fixture
    def begin_put(self, far_store: ObjectStore, line: FaultyLine) -> Iterator[BeginPut]:
        with ThreadPoolExecutor(max_workers=1) as threads:

            def begin(key: str, content: bytes) -> LatePut:
                """Half of the content has arrived at the server when this returns."""
                marker = content[len(content) // 2 :][:40]
                held = line.hold(marker)
                future = threads.submit(far_store.put_if_absent, key, content)
                held.wait_until_half_sent()
                return LatePut(future=future, release=held.release)

            yield begin


class TestSeaweed(OnSeaweed, S3Contract):
    def test_a_put_whose_answer_was_lost_finds_its_own_bytes(self, far_store: ObjectStore, line: FaultyLine) -> None:
        line.lose_answer(MARKER)
        assert far_store.put_if_absent("k", A + MARKER) is Put.SAME
        assert line.lost == 1
        assert far_store.get("k") == A + MARKER

    def test_a_file_whose_answer_was_lost_is_sent_again_from_its_beginning_and_found_to_be_there(
        self, far_store: ObjectStore, line: FaultyLine, tmp_path: Path
    ) -> None:
        file = tmp_path / "arrived"
        file.write_bytes(LARGE + MARKER)
        line.lose_answer(MARKER)
        assert far_store.put_file_if_absent("k", file) is Put.SAME
        assert line.lost == 1
        assert far_store.get("k") == LARGE + MARKER

    def test_a_file_damaged_on_the_way_is_not_kept(self, far_store: ObjectStore, line: FaultyLine, tmp_path: Path) -> None:
        file = tmp_path / "arrived"
        file.write_bytes(A + MARKER)
        line.damage(MARKER)
        with pytest.raises(StoreUnavailable):
            far_store.put_file_if_absent("k", file)
        assert far_store.get("k") is None

    def test_a_tombstone_whose_answer_was_lost_still_holds(self, far_store: ObjectStore, line: FaultyLine) -> None:
        far_store.put_if_absent("withdrawn", A)
        line.lose_answer(b"PUT /")
        far_store.tombstone("withdrawn")
        assert line.lost == 1
        assert far_store.get("withdrawn") == b""

    def test_a_server_that_is_down_is_unavailable(self, seaweed: Seaweed, bucket: str) -> None:
        [port] = free_ports(1)
        with pytest.raises(StoreUnavailable):
            S3Store(bucket=bucket, client=seaweed.client(endpoint_url=f"http://127.0.0.1:{port}"))

    def test_a_wrong_secret_opens_nothing(self, seaweed: Seaweed, store: ObjectStore, bucket: str) -> None:
        wrong = connect(
            endpoint_url=seaweed.endpoint_url, region=seaweed.region, access_key=seaweed.access_key, secret_key="guessed"
        )
        with pytest.raises(StoreUnavailable) as refused:
            S3Store(bucket=bucket, client=wrong)
        assert seaweed.secret_key not in str(refused.value)

    @pytest.mark.parametrize("path", ["", "/k", "?versions"])
    def test_nobody_reads_a_bucket_without_credentials(
        self, seaweed: Seaweed, store: ObjectStore, bucket: str, path: str
    ) -> None:
        store.put_if_absent("k", A)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{seaweed.endpoint_url}/{bucket}{path}")  # noqa: S310 - always http://127.0.0.1
        assert refused.value.code == 403
        refused.value.close()

    def test_bytes_damaged_on_the_way_are_not_kept(self, far_store: ObjectStore, line: FaultyLine) -> None:
        line.damage(MARKER)
        with pytest.raises(StoreUnavailable):
            far_store.put_if_absent("k", A + MARKER)
        assert far_store.get("k") is None


class TestVersionedSeaweed(OnSeaweed, ObjectStoreContract):
    """The whole contract again on a bucket that keeps every version."""

    @pytest.fixture
    def store(self, client: Boto3Client, bucket: str) -> ObjectStore:
        make_versioned(client, bucket)
        return S3Store(bucket=bucket, client=client)


class SwapsNothingForNamedVersions:
    """A client of a server that refuses every conditional PUT while a named version with content is the latest."""

    def __init__(self, client: Boto3Client, bucket: str) -> None:
        self._client = client
        self._store = S3Store(bucket=bucket, client=client)

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    def put_object(self, **request: str) -> object:
        if any(entry.version != "null" and entry.size for entry in self._store.list(request["Key"])):
            raise ClientError(
                {"ResponseMetadata": {"HTTPStatusCode": 412}, "Error": {"Code": "PreconditionFailed"}},  # type: ignore[typeddict-item]
                "PutObject",
            )
        return self._client.put_object(**request)


class Unwilling:
    """A client whose server answers the first calls of one operation with a refusal, and does not do what was asked."""

    def __init__(self, client: Boto3Client, operation: str, *, status: int, code: str, times: int = 1000) -> None:
        self._client = client
        self._operation = operation
        self._refusal = ClientError(
            {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code}},  # type: ignore[typeddict-item]
            operation,
        )
        self._left = times

    def __getattr__(self, name: str) -> object:
        if name == self._operation and self._left > 0:
            return self._refuse
        return getattr(self._client, name)

    def _refuse(self, *_: object, **__: object) -> object:
        self._left -= 1
        raise self._refusal
