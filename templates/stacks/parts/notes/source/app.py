"""Notes that are kept in PostgreSQL: a page with a form, the same as JSON, and a health check."""

import os
from contextlib import contextmanager

import psycopg2
from flask import Flask, jsonify, redirect, render_template, request

app = Flask(__name__)
longest = 1000


@contextmanager
def database():
    """One connection for one request: what it did is kept when it ends well."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "create table if not exists note (id serial primary key, text text not null,"
                " created_at timestamptz not null default now())"
            )
            yield cursor
    finally:
        connection.close()


def newest():
    with database() as cursor:
        cursor.execute("select text from note order by id desc limit 50")
        return [text for (text,) in cursor.fetchall()]


@app.errorhandler(psycopg2.OperationalError)
def unreachable(_):
    return "The database does not answer.\n", 503


@app.get("/")
def index():
    return render_template("index.html", greeting=os.environ.get("GREETING", "Notes"), notes=newest())


@app.get("/notes")
def notes():
    return jsonify(newest())


@app.post("/notes")
def add():
    text = request.form.get("text", "").strip()[:longest]
    if text:
        with database() as cursor:
            cursor.execute("insert into note (text) values (%s)", (text,))
    return redirect("/", 303)


@app.get("/health")
def health():
    return jsonify(status="ok")
