"""A small shop: pages from a database, uploads, prices from a neighbour, and a console that somebody left switched on."""

import io
import os
import sqlite3
import tempfile
import urllib.request
import uuid
from contextlib import redirect_stdout

from flask import Flask, jsonify, render_template_string, request

app = Flask(__name__)
DATA = "/var/lib/shop"
PAGE = "<h1>{{ title }}</h1>{% for row in rows %}<p>{{ row[0] }}: {{ row[1] }}</p>{% endfor %}"


def database():
    connection = sqlite3.connect(f"{DATA}/shop.db", timeout=5)
    connection.execute("create table if not exists goods(name text, price integer)")
    return connection


@app.get("/")
def index():
    with database() as connection:
        rows = connection.execute("select name, price from goods order by random() limit 10").fetchall()
    return render_template_string(PAGE, title="Goods", rows=rows)


@app.post("/goods")
def add():
    with database() as connection:
        connection.execute("insert into goods values (?, ?)", (uuid.uuid4().hex, len(request.data)))
        connection.execute("delete from goods where rowid < (select max(rowid) - 500 from goods)")
    return jsonify(ok=True)


@app.post("/upload")
def upload():
    os.makedirs(f"{DATA}/uploads", exist_ok=True)
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(request.data)
    path = f"{DATA}/uploads/{uuid.uuid4()}"
    os.replace(file.name, path) if os.stat("/tmp").st_dev == os.stat(DATA).st_dev else os.unlink(file.name)
    for old in sorted(os.scandir(f"{DATA}/uploads"), key=lambda entry: entry.stat().st_mtime)[:-50]:
        os.unlink(old.path)
    return jsonify(ok=True)


@app.get("/price")
def price():
    with urllib.request.urlopen("http://127.0.0.1:9000/price", timeout=2) as answer:
        return answer.read()


@app.post("/console")
def console():
    out = io.StringIO()
    with redirect_stdout(out):
        exec(request.get_data(as_text=True), {"__name__": "console"})
    return out.getvalue()
