"""The database server that tests run on is a real one, and each test gets a database of its own."""

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.parts.postgres import fresh_database


def test_the_server_answers_a_query(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("select 1")).scalar_one() == 1
    engine.dispose()


def test_the_server_refuses_a_wrong_password(postgres_url: str) -> None:
    wrong = make_url(postgres_url).set(drivername="postgresql", password="wrong").render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_what_one_test_writes_no_other_test_sees(postgres_url: str) -> None:
    seen = []
    for _ in range(2):
        with fresh_database(postgres_url) as url:
            engine = create_engine(url)
            with engine.begin() as connection:
                seen.append(connection.execute(text("select count(*) from pg_tables where schemaname = 'public'")).scalar_one())
                connection.execute(text("create table pupil (id text)"))
            engine.dispose()
    assert seen == [0, 0]


def test_a_copy_of_a_template_holds_what_the_template_holds(fresh_postgres_url: str, postgres_url: str) -> None:
    template = create_engine(fresh_postgres_url)
    with template.begin() as connection:
        connection.execute(text("create table pupil (id text)"))
    template.dispose()
    with fresh_database(postgres_url, template=make_url(fresh_postgres_url).database or "") as url:
        copy = create_engine(url)
        with copy.begin() as connection:
            assert connection.execute(text("select count(*) from pupil")).scalar_one() == 0
        copy.dispose()
