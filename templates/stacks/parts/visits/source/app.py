"""Visits that a worker counts: a page, the numbers as JSON, and a health check."""

import os

import redis
from flask import Flask, jsonify, render_template

app = Flask(__name__)
cache = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5, socket_connect_timeout=5)


def numbers():
    return {"counted": int(cache.get("counted") or 0), "waiting": cache.llen("visits")}


@app.errorhandler(redis.exceptions.ConnectionError)
def unreachable(_):
    return "The cache does not answer.\n", 503


@app.get("/")
def index():
    cache.lpush("visits", "visit")
    return render_template("index.html", greeting=os.environ.get("GREETING", "Visits"), **numbers())


@app.get("/numbers")
def as_json():
    return jsonify(numbers())


@app.get("/health")
def health():
    return jsonify(status="ok")
