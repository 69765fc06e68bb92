"""Collections of a Milvus: made, written, listed, searched. The only file that imports pymilvus.

An address is that of a server or cluster (http://host:19530), or a file on this machine that ends
in .db, which milvus-lite serves within this process. A token is read from DALEL_MILVUS_TOKEN only;
it is never shown. All that goes wrong is said in one line, in the project's own errors.
"""

import importlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ingest.errors import ConfigError, DalelError, StoreError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

TOKEN: Final = "DALEL_MILVUS_TOKEN"
"""The environment variable with the token of a server: `user:password`, or a key."""

MAX_FOUND: Final = 16_384
"""Rows that Milvus returns at most for one search, of its own choosing."""

INDEX_FROM: Final = 1_000_000
"""Rows from which vectors are searched by a graph (HNSW), which may miss some; below, exactly."""

CONNECT_SECONDS: Final = 10.0
_SEARCH_SECONDS: Final = 60.0
_WRITE_SECONDS: Final = 3_600.0

ROWS_OF_A_PAGE: Final = 16_000
"""Rows that are listed or deleted together: Milvus lists no more than `MAX_FOUND` at once."""

_LEAST_LOOKED_AT: Final = 400
"""Rows of a graph that a search looks at, at least: the more, the fewer it misses."""

_MAX_WORD: Final = 64
"""Bytes of a short text."""

_NO_DOTENV: Final = "PYTHON_DOTENV_DISABLED"

_NO_PINGS: Final = {"grpc.keepalive_time_ms": 2**31 - 1}
"""Asked of the client of a file: milvus-lite takes its pings for an attack, and hangs up."""

_SCHEMES: Final = ("http", "https", "tcp", "unix")
_INSTALL: Final = "pip install -c constraints.txt -e '.[milvus]'"
"""From the folder of the project: its name belongs to nobody on the package index."""

FieldKind = Literal["id", "number", "real", "word", "vector", "weights"]
"""What a field of a row holds: its primary key, a whole number, any number, a short text, a vector,
or weights of terms (a sparse vector)."""


class Found(NamedTuple):
    """Rows that a search found, the best first.

    Attributes:
        ids: int64 (n,), their primary keys.
        fields: int64 (n,), what they hold in the field that was asked for; as `ids` if none was.
    """

    ids: NDArray[np.int64]
    fields: NDArray[np.int64]


def check_address(uri: str) -> str:
    """Return an address of a Milvus, a file's path made absolute.

    Raises:
        ConfigError: It is none, or holds a password.
    """
    address = urlsplit(uri) if "://" in uri or uri.startswith("unix:") else None
    if address and address.scheme in _SCHEMES and (address.netloc or address.path):
        if "@" in address.netloc:
            raise ConfigError(
                f"the address of the store, {address.hostname!r:.80}, comes with a password, which"
                " others could read",
                hint=f"set {TOKEN} in the environment, and leave it out of the address",
            )
        return uri
    if address or not uri.endswith(".db"):
        raise ConfigError(
            f"the store is 'milvus:{uri:.80}', expected milvus:http://HOST:PORT, or"
            " milvus:FILE.db for a file on this machine"
        )
    path = Path(uri).expanduser().absolute()
    if not path.parent.is_dir():
        raise ConfigError(f"the store is to lie in {str(path.parent)!r}, which is no folder")
    return str(path)


class MilvusConnection:
    """A Milvus, connected to when it is first needed.

    Attributes:
        uri: Its address, without a password.
    """

    def __init__(self, uri: str) -> None:
        """Take an address; nothing is connected yet.

        Raises:
            ConfigError: As `check_address` raises it.
        """
        self.uri = check_address(uri)
        self._lock = Lock()

    # --- collections ----------------------------------------------------------------------------

    def connect(self) -> None:
        """Connect now, so that what is wrong with the address is told at once.

        Raises:
            ConfigError: The packages it needs are not installed.
            StoreError: It cannot be reached.
        """
        with self._lock:
            _ = self._client

    def collections(self, prefix: str) -> list[str]:
        """Return the names of the collections that begin with a prefix.

        Raises:
            StoreError: Milvus cannot be reached, or refuses; so do all methods below.
        """
        with self._told("list collections"):
            names = self._client.list_collections(timeout=_SEARCH_SECONDS)
        return sorted(name for name in names if name.startswith(prefix))

    def create(self, name: str, fields: Mapping[str, FieldKind], dimension: int) -> None:
        """Make a collection, unless it is there, and have it ready to be searched.

        Vectors are compared by inner product.

        Args:
            name: Its name.
            fields: Its fields, the first one the primary key.
            dimension: Numbers in a vector.
        """
        with self._told(f"make {name}"):
            client = self._client
            indexes = client.prepare_index_params()
            is_there = client.has_collection(name, timeout=_SEARCH_SECONDS)
            for field, kind in fields.items():
                if kind in ("vector", "weights") and not (
                    is_there and client.list_indexes(name, field, timeout=_SEARCH_SECONDS)
                ):
                    indexes.add_index(field, **_index("FLAT" if kind == "vector" else kind))
            if not is_there:
                client.create_collection(
                    name,
                    schema=_schema(client, fields, dimension),
                    index_params=indexes,
                    consistency_level="Bounded",
                    timeout=_WRITE_SECONDS,
                )
            elif indexes:  # `finish` was killed where there was none.
                client.create_index(name, indexes, timeout=_WRITE_SECONDS)
            client.load_collection(name, timeout=_WRITE_SECONDS)

    def drop(self, name: str) -> None:
        """Delete a collection."""
        with self._told(f"delete {name}"):
            self._client.drop_collection(name, timeout=_WRITE_SECONDS)

    # --- rows -----------------------------------------------------------------------------------

    def upsert(self, name: str, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows; each takes the place of one with the same primary key."""
        with self._told(f"write to {name}"):
            self._client.upsert(name, list(rows), timeout=_WRITE_SECONDS)

    def delete(self, name: str, ids: NDArray[np.int64]) -> None:
        """Delete the rows of some primary keys."""
        for start in range(0, len(ids), ROWS_OF_A_PAGE):
            with self._told(f"delete from {name}"):
                self._client.delete(
                    name, ids=ids[start : start + ROWS_OF_A_PAGE].tolist(), timeout=_WRITE_SECONDS
                )

    def finish(self, name: str, field: str) -> None:
        """Have what was written kept, and choose how vectors are searched by how many there are."""
        with self._told(f"index {name}"):
            client = self._client
            client.flush(name, timeout=_WRITE_SECONDS)
            kind = "HNSW" if self.count(name) >= INDEX_FROM else "FLAT"
            if self._index_kind(name, field) != kind:
                client.release_collection(name, timeout=_WRITE_SECONDS)
                client.drop_index(name, field, timeout=_WRITE_SECONDS)
                index = client.prepare_index_params()
                index.add_index(field, **_index(kind))
                client.create_index(name, index, timeout=_WRITE_SECONDS)
            client.load_collection(name, timeout=_WRITE_SECONDS)

    def count(self, name: str) -> int:
        """Return how many rows there are now."""
        with self._told(f"count {name}"):
            (row,) = self._client.query(
                name,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=_WRITE_SECONDS,
            )
            return int(row["count(*)"])

    def ids(self, name: str) -> NDArray[np.int64]:
        """Return the primary keys of all rows as they are now, ascending."""
        pages = [np.empty(0, np.int64)]
        with self._told(f"list {name}"):
            each = self._client.query_iterator(
                name,
                batch_size=ROWS_OF_A_PAGE,
                output_fields=["id"],
                consistency_level="Strong",
                timeout=_WRITE_SECONDS,
            )
            while page := each.next():
                pages.append(np.array([row["id"] for row in page], np.int64))
            each.close()
        return np.unique(np.concatenate(pages))

    def rows(self, name: str, fields: Sequence[str]) -> list[dict[str, Any]]:
        """Return all rows of a small collection as they are now."""
        with self._told(f"read {name}"):
            found: Iterable[Mapping[str, Any]] = self._client.query(
                name,
                filter="id >= 0",
                output_fields=list(fields),
                limit=MAX_FOUND,
                consistency_level="Strong",
                timeout=_SEARCH_SECONDS,
            )
            return [dict(row) for row in found]

    def search(
        self,
        name: str,
        field: str,
        query: Sequence[float] | Mapping[int, float],
        k: int,
        condition: str = "",
        wanted: str = "",
    ) -> Found:
        """Return the rows with the highest inner product with a query, at most `MAX_FOUND`.

        Args:
            name: The collection.
            field: The field of vectors or weights that is compared.
            query: A vector, or the weights of terms.
            k: How many rows.
            condition: Milvus's own expression of the rows that are searched; empty for all.
            wanted: A field of whole numbers to return with each.
        """
        with self._told(f"search {name}"):
            (hits,) = self._client.search(
                name,
                data=[query],
                anns_field=field,
                limit=max(1, min(k, MAX_FOUND)),
                filter=condition,
                output_fields=[wanted] if wanted else [],
                search_params={"metric_type": "IP", "params": {"ef": max(_LEAST_LOOKED_AT, 2 * k)}},
                timeout=_SEARCH_SECONDS,
            )
        ids = np.array([hit["id"] for hit in hits], np.int64)
        held = [hit["entity"][wanted] for hit in hits] if wanted else ids
        return Found(ids, np.array(held, np.int64))

    # --- the client -----------------------------------------------------------------------------

    @cached_property
    def _client(self) -> "MilvusClient":
        is_file = Path(self.uri).is_absolute()
        client_class = _client_class(with_lite=is_file)
        hint = (
            "a file is open in one process at a time: end the other one, or serve it with Milvus"
            if is_file
            else f"check the address, and {TOKEN} if it asks for one"
        )
        with self._told("be opened" if is_file else "be reached", hint=hint):
            return client_class(
                self.uri,
                token=os.environ.get(TOKEN, ""),
                timeout=CONNECT_SECONDS,
                grpc_options=_NO_PINGS if is_file else {},
            )

    def _index_kind(self, name: str, field: str) -> str:
        described = self._client.describe_index(name, field, timeout=_SEARCH_SECONDS)
        return str((described or {}).get("index_type", ""))

    @contextmanager
    def _told(self, action: str, *, hint: str = "") -> Iterator[None]:
        """Say in one line what Milvus would not do.

        Raises:
            StoreError: It refused, or cannot be reached.
        """
        try:
            yield
        except DalelError:
            raise
        except _failures() as error:
            raise StoreError(
                f"the store 'milvus:{self.uri:.200}' cannot {action}: {_reason(error)}",
                hint=hint or "check that it runs and can be reached, then do the same again",
            ) from None


def _client_class(*, with_lite: bool) -> "type[MilvusClient]":
    """Import pymilvus, which else would read a file .env.

    Raises:
        ConfigError: It is not installed.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # What fails is told once, by us.
    before = os.environ.get(_NO_DOTENV)
    os.environ[_NO_DOTENV] = "1"
    try:
        from pymilvus import MilvusClient

        if with_lite:
            importlib.import_module("milvus_lite")
    except ImportError as error:
        raise ConfigError(
            f"a store of Milvus needs packages that are not installed ({error.name or error})",
            hint=f"in Dalel's folder, `{_INSTALL}` installs them",
        ) from None
    finally:
        del os.environ[_NO_DOTENV]
        if before is not None:
            os.environ[_NO_DOTENV] = before
    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    client: type[MilvusClient] = MilvusClient
    return client


def _failures() -> tuple[type[Exception], ...]:
    """Return what pymilvus and what is below it raise."""
    import grpc
    from pymilvus import MilvusException

    return MilvusException, grpc.RpcError, grpc.FutureTimeoutError


def _reason(error: Exception) -> str:
    """Return what an error says, on one line, without what the caller gave."""
    said = getattr(error, "message", "") or getattr(error, "details", str)() or type(error).__name__
    return " ".join(str(said).split())[:200]


def _schema(client: "MilvusClient", fields: Mapping[str, FieldKind], dimension: int) -> Any:  # noqa: ANN401
    """Return the schema of a collection, a type of pymilvus's own."""
    from pymilvus import DataType

    types: dict[FieldKind, tuple[Any, dict[str, Any]]] = {
        "id": (DataType.INT64, {"is_primary": True}),
        "number": (DataType.INT64, {}),
        "real": (DataType.DOUBLE, {}),
        "word": (DataType.VARCHAR, {"max_length": _MAX_WORD}),
        "vector": (DataType.FLOAT_VECTOR, {"dim": dimension}),
        "weights": (DataType.SPARSE_FLOAT_VECTOR, {}),
    }
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    for name, kind in fields.items():
        schema.add_field(name, types[kind][0], **types[kind][1])
    return schema


def _index(kind: str) -> dict[str, Any]:
    """Return how vectors are compared: each of them (FLAT), by a graph (HNSW), or term by term."""
    if kind == "weights":
        return {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"}
    parameters = {"M": 16, "efConstruction": 200} if kind == "HNSW" else {}
    return {"index_type": kind, "metric_type": "IP", "params": parameters}
