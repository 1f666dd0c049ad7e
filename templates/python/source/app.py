"""A small Flask service: a page, and a health check."""

import os
import platform
import time
from datetime import datetime, timezone

from flask import Flask, jsonify, render_template

app = Flask(__name__)
started = time.monotonic()


@app.get("/")
def index():
    return render_template(
        "index.html",
        greeting=os.environ.get("GREETING", "Hello from Python"),
        runtime=f"Python {platform.python_version()}",
        rendered=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


@app.get("/health")
def health():
    return jsonify(status="ok", uptimeSeconds=round(time.monotonic() - started))
