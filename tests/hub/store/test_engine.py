"""Opening the store: migrations, transactions, and what is append-only."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from hub.intake.hub import Hub
from hub.store.cosignature_table import cosignatures
from hub.store.engine import migrate, reading, require_current, writing
from hub.store.tables import metadata
from schemas.errors import ConfigurationError, Unavailable


def test_migrating_twice_changes_nothing(empty: Engine) -> None:
    """The second time there is nothing to do."""
    migrate(empty)
    tables = set(inspect(empty).get_table_names())
    migrate(empty)
    assert set(inspect(empty).get_table_names()) == tables
    assert set(metadata.tables) <= tables


def test_several_processes_may_migrate_at_once(empty: Engine) -> None:
    """One does it, the others wait and find it done."""
    faults: list[BaseException] = []

    def work() -> None:
        try:
            migrate(empty)
        except BaseException as error:  # noqa: BLE001  told to the test, which fails
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    require_current(empty)


def test_a_store_that_was_never_made_says_what_to_do(empty: Engine) -> None:
    """The operator reads the command."""
    with pytest.raises(ConfigurationError, match="hub init"):
        require_current(empty)


APPEND_ONLY = ("ledger", "ledger_nodes", "checkpoints", "agreements", "cosignatures")


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_what_was_appended_can_be_neither_changed_nor_removed(
    hub: Hub, table: str, statement: str
) -> None:
    """The database itself refuses, whoever asks."""
    column = next(iter(metadata.tables[table].columns)).name
    if table == cosignatures.name:
        with writing(hub.engine) as connection:
            row = {"size": 1, "witness": "w", "line": "l", "signed_at": "s", "taken_at": "t"}
            connection.execute(cosignatures.insert(), row)
    with pytest.raises(Unavailable) as caught, writing(hub.engine) as connection:
        connection.execute(text(statement.format(table, column)))
    assert isinstance(caught.value.__cause__, DBAPIError)
    assert "append-only" in str(caught.value.__cause__)


def test_nothing_of_a_transaction_that_failed_is_kept(hub: Hub) -> None:
    """All of it, or none."""

    def fail() -> None:
        with hub.writing() as (work, _):
            work.data_keys.keep("child:x", b"wrapped")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with hub.reading() as work:
        assert work.data_keys.wrapped("child:x") is None


def test_a_failure_of_the_store_says_nothing_of_what_was_written(engine: Engine) -> None:
    """The text names the kind of failure, never a value."""
    with pytest.raises(Unavailable) as caught, writing(engine) as connection:
        connection.execute(text("INSERT INTO nowhere VALUES ('Zzyxquombeline')"))
    assert "Zzyx" not in str(caught.value)


def test_two_writers_take_turns(hub: Hub) -> None:
    """Each waits for the other, and both are kept."""
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with hub.writing() as (work, _):
            work.data_keys.keep("one", b"1")
            inside.set()
            go_on.wait(20)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(20)
    threading.Timer(0.3, go_on.set).start()
    with hub.writing() as (work, _):
        assert work.data_keys.wrapped("one") == b"1"
        work.data_keys.keep("two", b"2")
    thread.join()


def test_a_reader_sees_one_state_while_others_write(hub: Hub) -> None:
    """A page of figures cannot be half of yesterday's."""
    with hub.reading() as work:
        before = work.ledger.size()
        assert before > 0
    with reading(hub.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger")) == before
